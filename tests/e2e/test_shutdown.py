"""SIGTERM: what is being done is finished, what could not be sent waits for the next start."""

import asyncio

import pytest

from sandbox.discord.driver.reply import NO_ANSWER
from tests.e2e.company import Company, done, press
from tests.e2e.house import House
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
NUMBERS = tuple(range(9001, 9011))


async def test_a_press_in_progress_is_finished_and_answered_and_new_ones_are_not_taken(
    world: World, company: Company, house: House
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    await company.sound()
    async with world.held_before_commit(company.tenant_id) as somebody_waits:
        reply = await press(company.ana, card, "order.claim")
        await somebody_waits()
        closing = asyncio.create_task(house.close())
        await eventually(lambda: is_stopping(house))
    assert await closing == 0
    assert "✅" in reply.text
    assert await company.events(order.code) == ["create", "publish", "claim"]
    assert (await press(company.bruno, card, "order.claim")).text == NO_ANSWER

    await world.start()
    await company.card(order.code, "Ana")
    await company.sound()


async def test_what_was_not_sent_at_the_end_is_sent_after_the_next_start(
    world: World, company: Company, house: House
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    await company.sound()
    hold = world.emulator.faults.hold("*", "/channels/*", is_served=True)
    await done(await press(company.ana, card, "order.claim"))
    await company.notices(*NUMBERS)
    await eventually(lambda: hold.caught_count)
    assert await house.close() == 0
    world.emulator.faults.clear()
    await world.start()
    await company.card(order.code, "Ana")
    await company.sound()
    assert tuple(company.noticed) == NUMBERS


async def test_an_idle_process_ends_within_seconds(world: World, house: House) -> None:
    async with asyncio.timeout(15):
        assert await house.close() == 0
    assert any('"event":"closed"' in line for line in house.lines)


async def is_stopping(house: House) -> bool:
    status, body = await house.readyz()
    return status == 503 and "stopping" in body["reasons"]
