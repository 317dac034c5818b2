"""An interaction that comes twice, or too late, changes the world at most once and never ends in an error."""

import asyncio

import pytest

from sandbox.discord.driver.reply import NO_ANSWER, Reply
from tests.e2e.company import Company, asked_to_complete, done, press
from tests.e2e.house import House
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def again(world: World, company: Company, reply: Reply) -> None:
    """Hand an interaction to the bot twice more, and wait until it has surely looked at both."""
    for _ in range(2):
        world.emulator.redeliver(reply.interaction.id)
    await done(await company.diego.slash(company.lobby, "order list"))


async def test_a_claim_that_is_delivered_three_times_is_one_claim(world: World, company: Company, house: House) -> None:
    order = await company.order()
    card = await company.card(order.code)
    reply = await press(company.ana, card, "order.claim")
    await again(world, company, reply)
    await done(reply)
    await company.sound()
    assert await company.events(order.code) == ["create", "publish", "claim"]
    assert ("✅" in reply.text, reply.followups) == (True, [])


async def test_a_completion_that_is_delivered_three_times_is_booked_once(
    world: World, company: Company, house: House
) -> None:
    order = await company.claimed(company.ana)
    reply = await press(company.diego, await asked_to_complete(company, order.code), "order.complete")
    await again(world, company, reply)
    await done(reply)
    await company.sound()
    assert (await company.state(order.code), await company.entries()) == ("completed", {"completion": 1})
    assert reply.followups == []


async def test_a_payment_that_is_delivered_three_times_pays_once(world: World, company: Company, house: House) -> None:
    await company.completed(company.ana)
    shown = await done(await company.olivia.slash(company.lobby, "payroll"))
    approved = await press(company.olivia, shown, "payroll.approve")
    await again(world, company, approved)
    paid = await press(company.olivia, await done(approved), "payroll.pay")
    await again(world, company, paid)
    await done(paid)
    await company.sound()
    assert await company.entries() == {"completion": 1, "payroll": 1}
    assert (company.stubs(company.ana), await company.count("payroll_runs")) == ([1], 1)
    assert await company.balance("booster_payable") == 0


async def test_presses_that_are_answered_too_late_change_nothing_and_work_the_second_time(
    world: World, company: Company, house: House
) -> None:
    order, other = await company.order(), await company.claimed(company.bruno)
    card = await company.card(order.code)
    asked = await asked_to_complete(company, other.code)
    await company.sound()
    world.emulator.faults.latency_s = 3.1  # Discord gets the answer when its three seconds are over: 10062
    late = await asyncio.gather(
        press(company.ana, card, "order.claim"),
        press(company.diego, asked, "order.complete"),
        company.diego.slash(company.lobby, "order show", {"code": order.code}),
    )
    assert [reply.text for reply in late] == [NO_ANSWER] * 3
    await asyncio.sleep(0.5)
    world.emulator.faults.clear()
    assert (await company.state(order.code), await company.state(other.code)) == ("open", "claimed")
    assert await company.entries() == {}

    await done(await press(company.ana, card, "order.claim"))
    await done(await press(company.diego, asked, "order.complete"))
    await company.sound()
    assert await company.events(order.code) == ["create", "publish", "claim"]
    assert (await company.state(other.code), await company.entries()) == ("completed", {"completion": 1})
    assert (await house.readyz())[0] == 200


async def test_a_claim_whose_acknowledgement_is_lost_changes_the_world_at_most_once(
    world: World, company: Company, house: House
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    hold = world.emulator.faults.hold("POST", "/interactions/*", is_served=True, times=1)
    pressing = asyncio.create_task(press(company.ana, card, "order.claim"))
    await eventually(lambda: hold.caught_count)
    reply = await pressing
    world.emulator.redeliver(reply.interaction.id)
    await asyncio.sleep(0.3)
    assert await company.events(order.code) == ["create", "publish"]
    world.emulator.faults.clear()
    await done(reply)
    await company.sound()
    assert await company.events(order.code) == ["create", "publish", "claim"]
