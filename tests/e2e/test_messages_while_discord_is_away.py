"""Discord is gone or unwilling while people write: they are answered, and afterwards the threads show all in order."""

import asyncio

import pytest

from tests.e2e.house import House
from tests.e2e.inbox import Inbox
from tests.e2e.two_doors import ANSWER, TwoDoors
from tests.e2e.world import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
FIRST, NEXT = "Hello, how much is it please?", "I am still thinking about it, number"
AWAY_S = 3.0
MESSAGES = "/channels/*/messages"


async def test_people_are_answered_while_discord_is_away_and_everything_is_mirrored_in_order_afterwards(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    known, new = inbox.client(), inbox.client()
    await known.writes(FIRST)
    await known.was_answered_once()

    await doors.emulator.go_away()
    for number in ("one", "two", "three"):
        await known.writes(f"{NEXT} {number}")
        await new.writes(f"{NEXT} {number}")
        answered = known.told()
        await known.hears(len(answered) + 1)
    await new.hears(2)
    await asyncio.sleep(AWAY_S)
    assert open_house.is_running
    assert new.threads() == []
    assert len(known.mirrored()) == 3
    await doors.emulator.come_back()
    await eventually(lambda: is_ready(open_house))
    await hurried(doors, inbox)

    for client in (known, new):
        assert set(client.told()[1:]) == {ANSWER}
        assert len(client.told()) == 1 + await client.turns()
        await client.is_whole()


@pytest.mark.parametrize("status", [429, 500])
async def test_a_discord_that_refuses_now_and_then_gets_everything_once_in_order(
    doors: TwoDoors, inbox: Inbox, open_house: House, status: int
) -> None:
    assert open_house.is_running
    client = inbox.client()
    for method, path in (("POST", "/channels/*/threads"), ("POST", MESSAGES), ("PATCH", f"{MESSAGES}/*")):
        doors.emulator.faults.fail(method, path, status, times=2)
    await client.writes(FIRST)
    await client.hears(2)
    await hurried(doors, inbox)
    await client.was_answered_once()


async def hurried(doors: TwoDoors, inbox: Inbox, *, failed_count: int = 0) -> None:
    """As if the waiting between tries were over."""
    for _ in range(8):
        await doors.hurry()
        try:
            await inbox.quiet(within_s=2)
        except AssertionError:
            continue
        break
    await inbox.sound(failed_count=failed_count)


async def is_ready(house: House) -> bool:
    return (await house.readyz())[0] == 200
