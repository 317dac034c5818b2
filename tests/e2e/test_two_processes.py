"""Several processes on one database: what one has done the others leave alone."""

import asyncio
from collections import Counter

import pytest

from domain.conversations.jobs import END_SILENCES
from sandbox.discord.driver.reply import Reply
from tests.e2e.company import asked_to_complete, done, found_company, press
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
NUMBERS = tuple(range(9001, 9031))


async def two_houses(world: World) -> None:
    running = [house for house in world.houses if house.is_running]
    if len(running) != 2 or any(house.roles for house in running):
        await world.stop_all()
        await asyncio.gather(world.start(), world.start())


async def split_houses(world: World) -> None:
    await world.stop_all()
    await asyncio.gather(world.start("bot", "web"), world.start("worker", "clock"), world.start("worker", "clock"))


def answers(reply: Reply) -> int:
    """How many answers a person got to one press."""
    return int(reply.message is not None) + len(reply.followups)


async def test_of_three_people_at_one_button_one_gets_the_order_though_both_processes_hear_each_press(
    world: World,
) -> None:
    await two_houses(world)
    assert len(world.emulator.gateway.hub.sessions) >= 2
    company = await found_company(world)
    order = await company.order()
    card = await company.card(order.code)
    boosters = (company.ana, company.bruno, company.carla)

    replies = await asyncio.gather(*(press(person, card, "order.claim") for person in boosters))
    await asyncio.gather(*(done(reply) for reply in replies))

    assert await company.events(order.code) == ["create", "publish", "claim"]
    won = ["✅" in reply.text for reply in replies]
    assert Counter(won) == {True: 1, False: 2}
    assert all("already_claimed" in reply.text for reply in replies if "✅" not in reply.text)
    assert [answers(reply) for reply in replies] == [1, 1, 1]
    winner = boosters[won.index(True)]
    await company.card(order.code, winner.display_name)
    await company.sound()


async def test_a_completion_that_both_processes_hear_is_booked_once(world: World) -> None:
    await two_houses(world)
    company = await found_company(world)
    order = await company.claimed(company.ana)
    reply = await press(company.diego, await asked_to_complete(company, order.code), "order.complete")
    await done(reply)
    await company.card(order.code, "✅")
    assert (await company.state(order.code), await company.entries()) == ("completed", {"completion": 1})
    assert answers(reply) == 1
    await company.sound()


async def test_two_workers_send_every_lane_in_order(world: World) -> None:
    await two_houses(world)
    one, other = await found_company(world), await found_company(world)
    await asyncio.gather(one.notices(*NUMBERS), other.notices(*NUMBERS))
    await one.sound()
    await other.sound()
    assert tuple(one.noticed) == NUMBERS
    assert tuple(other.noticed) == NUMBERS


async def test_each_clock_slot_runs_once_however_many_processes_start_at_the_same_moment(world: World) -> None:
    await world.stop_all()
    company = await found_company(world)
    await world.run("UPDATE guildhall.tenants SET created_at = created_at - interval '2 days' WHERE id = $1",
                    company.tenant_id)  # fmt: skip
    done_before = await finished_looks(world)
    slots_before = await look_slots(world)
    await asyncio.gather(world.start(), world.start(), world.start("clock", "worker"))
    slot_count = await look_slots(world) - slots_before

    async def is_done() -> bool:
        return await finished_looks(world) - done_before >= slot_count

    await eventually(is_done)
    assert slot_count >= 1
    assert await company.count("clock_slots", f"job = '{END_SILENCES}'") == 1
    assert await finished_looks(world) - done_before == slot_count
    assert await world.value(f"SELECT count(*) FROM guildhall.pgqueuer WHERE entrypoint = '{END_SILENCES}'") == 0
    await company.sound()
    await world.stop_all()


async def look_slots(world: World) -> int:
    return int(await world.value(f"SELECT count(*) FROM guildhall.clock_slots WHERE job = '{END_SILENCES}'"))


async def finished_looks(world: World) -> int:
    is_done = f"entrypoint = '{END_SILENCES}' AND status = 'successful'"
    sql = f"SELECT count(*) FROM guildhall.pgqueuer_log WHERE {is_done}"
    return int(await world.value(sql))


async def test_a_door_and_two_workers_share_the_work_of_a_house(world: World) -> None:
    await split_houses(world)
    company = await found_company(world)
    order = await company.order()
    await company.notices(*NUMBERS)
    card = await company.card(order.code)
    reply = await done(await press(company.ana, card, "order.claim"))
    await company.card(order.code, "Ana")
    await company.sound()
    assert (answers(reply), await company.events(order.code)) == (1, ["create", "publish", "claim"])
    assert tuple(company.noticed) == NUMBERS
