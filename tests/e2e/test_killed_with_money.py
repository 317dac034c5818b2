"""kill -9 while the day is closed and payroll is paid: one Z, one payment, one stub each."""

import asyncio

import pytest

from domain.tenancy.dto import Purpose
from sandbox.discord.driver.reply import Reply
from tests.e2e.company import Company, actions, done, press, spoken
from tests.e2e.house import House
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ready_to_close(company: Company) -> Reply:
    return await done(await company.olivia.slash(company.lobby, "close"))


async def ready_to_pay(company: Company) -> Reply:
    shown = await done(await company.olivia.slash(company.lobby, "payroll"))
    return await done(await press(company.olivia, shown, "payroll.approve"))


async def earned(company: Company) -> None:
    """Everybody has finished an order: 35 for each booster."""
    for booster in (company.ana, company.bruno, company.carla):
        await company.completed(booster)
    await company.sound()


async def runs(company: Company) -> list[str]:
    sql = "SELECT state FROM guildhall.payroll_runs WHERE tenant_id = $1 ORDER BY number"
    return [row[0] for row in await company.world.rows(sql, company.tenant_id)]


async def test_a_close_killed_before_its_commit_leaves_the_day_open_and_the_next_press_closes_it(
    world: World, company: Company, house: House
) -> None:
    await company.completed(company.ana)
    shown = await ready_to_close(company)
    async with world.held_before_commit(company.tenant_id) as somebody_waits:
        pressing = asyncio.create_task(press(company.olivia, shown, "close.day"))
        await somebody_waits()
        await house.kill9()
    await pressing
    await world.start()

    assert await company.count("day_closes") == 0
    await done(await press(company.olivia, await ready_to_close(company), "close.day"))
    assert await company.count("day_closes", "number = 1") == 1
    await company.sound()
    assert len(spoken(company.channels[Purpose.CLOSE])) == 1


@pytest.mark.parametrize("is_served", [False, True], ids=["before it arrived", "when it had arrived unanswered"])
async def test_a_closed_day_whose_report_was_killed_is_reported_once(
    world: World, company: Company, house: House, is_served: bool
) -> None:
    await company.completed(company.ana)
    await company.sound()
    channel = company.channels[Purpose.CLOSE]
    hold = world.emulator.faults.hold("POST", f"/channels/{channel.id}/messages", is_served=is_served)
    closed = await done(await press(company.olivia, await ready_to_close(company), "close.day"))
    await eventually(lambda: hold.caught_count)
    await house.kill9()
    world.emulator.faults.clear()
    await world.start()

    await company.sound()
    assert "Z1" in closed.text.replace(" ", "")
    assert (await company.count("day_closes"), len(spoken(channel))) == (1, 1)
    again = await ready_to_close(company)
    assert "Z1" in again.text.replace(" ", "")
    assert again.message is not None
    assert "close.day" not in actions(again.message)
    assert await company.count("day_closes") == 1


async def test_a_payment_killed_before_its_commit_pays_nobody_and_the_run_waits_for_pay(
    world: World, company: Company, house: House
) -> None:
    await earned(company)
    boosters = (company.ana, company.bruno, company.carla)
    shown = await ready_to_pay(company)
    async with world.held_before_commit(company.tenant_id) as somebody_waits:
        pressing = asyncio.create_task(press(company.olivia, shown, "payroll.pay"))
        await somebody_waits()
        await house.kill9()
    await pressing
    await world.start()

    assert (await runs(company), await company.entries()) == (["approved"], {"completion": 3})
    assert company.stubs(*boosters) == [0, 0, 0]
    waiting = await done(await company.olivia.slash(company.lobby, "payroll"))
    await done(await press(company.olivia, waiting, "payroll.pay"))
    await company.sound()
    assert (await runs(company), await company.entries()) == (["paid"], {"completion": 3, "payroll": 1})
    assert await company.balance("booster_payable") == 0
    assert company.stubs(*boosters) == [1, 1, 1]


async def test_a_payment_killed_with_its_stubs_half_sent_sends_each_booster_one(
    world: World, company: Company, house: House
) -> None:
    await earned(company)
    faults, boosters = world.emulator.faults, (company.ana, company.bruno, company.carla)
    unanswered = faults.hold("POST", f"/channels/{company.bruno.direct.id}/messages", is_served=True)
    never_arrived = faults.hold("POST", f"/channels/{company.carla.direct.id}/messages")
    await done(await press(company.olivia, await ready_to_pay(company), "payroll.pay"))
    await eventually(lambda: unanswered.caught_count and never_arrived.caught_count)
    await eventually(lambda: company.stubs(company.ana) == [1])
    await house.kill9()
    await eventually(lambda: company.stubs(*boosters) == [1, 1, 0])
    faults.clear()
    await world.start()

    await company.sound()
    assert company.stubs(*boosters) == [1, 1, 1]
    assert all("$35.00" in person.inbox[-1].text for person in boosters)
    assert (await runs(company), await company.entries()) == (["paid"], {"completion": 3, "payroll": 1})
    assert await company.balance("booster_payable") == 0
    nothing = await done(await company.olivia.slash(company.lobby, "payroll"))
    assert nothing.message is not None
    assert "payroll.pay" not in actions(nothing.message)
