"""Discord is gone for a while: the process stays up, says so, and afterwards everything goes out in order."""

import asyncio

import pytest

from tests.e2e.company import Company, done, press
from tests.e2e.house import House
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
AWAY_S = 4.0
BEFORE, MEANWHILE = tuple(range(9001, 9006)), tuple(range(9006, 9011))


async def test_what_was_done_before_and_while_discord_was_away_is_delivered_in_order_afterwards(
    world: World, company: Company, house: House
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    await company.sound()
    held = world.emulator.faults.hold("*", "/channels/*")
    await done(await press(company.ana, card, "order.claim"))
    await company.notices(*BEFORE)
    await eventually(lambda: held.caught_count)

    await world.emulator.go_away()
    world.emulator.faults.clear()
    await eventually(lambda: is_unready(house))
    await company.notices(*MEANWHILE)
    await asyncio.sleep(AWAY_S)
    assert house.is_running
    assert (await company.state(order.code), company.noticed) == ("claimed", [])
    assert await is_unready(house)

    await world.emulator.come_back()
    await eventually(lambda: is_ready(house))
    await company.card(order.code, "Ana")
    await company.sound()
    assert tuple(company.noticed) == BEFORE + MEANWHILE
    assert await company.events(order.code) == ["create", "publish", "claim"]
    shown = await done(await company.diego.slash(company.lobby, "order show", {"code": order.code}))
    assert f"#{order.code}" in shown.text


async def test_a_process_started_while_discord_is_away_waits_for_it(world: World, company: Company) -> None:
    await world.stop_all()
    await world.emulator.go_away()
    starting = asyncio.create_task(world.start())
    await asyncio.sleep(2.5)
    assert not starting.done()
    assert world.houses[-1].is_running
    order = await company.order()
    await world.emulator.come_back()
    await starting
    await company.card(order.code)
    await company.sound()


async def is_ready(house: House) -> bool:
    return (await house.readyz())[0] == 200


async def is_unready(house: House) -> bool:
    status, body = await house.readyz()
    return (status, body["reasons"]) == (503, ["gateway: not connected to Discord"])
