"""PostgreSQL is restarted, and away, while people write: Meta is told to come again, and nothing is lost or doubled."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.inbox import GREETING, Client, Inbox, found_inbox
from tests.e2e.own_postgres import away, own_postgres, restart
from tests.e2e.two_doors import ANSWER, TwoDoors, open_two_doors
from tests.e2e.world import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
PEOPLE_COUNT = 8


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Any]:
    async with own_postgres() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(server: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoDoors]:
    async with open_two_doors(tmp_path_factory.mktemp("e2e"), server.get_uri()) as opened:
        yield opened


async def test_what_people_write_through_a_restart_and_an_outage_is_taken_later_answered_once_and_mirrored_once(
    doors: TwoDoors, server: Any, inbox: Inbox
) -> None:
    house, stop = await doors.start(), asyncio.Event()
    clients = [inbox.client() for _ in range(PEOPLE_COUNT)]
    writing = [asyncio.create_task(write_on(client, stop)) for client in clients]
    await asyncio.sleep(1)
    await restart(server, "immediate")
    await asyncio.sleep(1)
    async with away(server):
        await eventually(lambda: 503 in statuses(doors))  # the outage is noticed, and Meta is told to come again
    await asyncio.sleep(1)
    stop.set()
    written = await asyncio.gather(*writing)
    assert house.is_running
    await doors.connect(doors.dsn)

    await asyncio.sleep(1)  # for what Meta still has to bring again
    await inbox.sound()
    assert statuses(doors) == {200, 503}
    assert doors.whatsapp.webhooks.lost_count == 0
    assert await inbox.count("messages", "direction = 'in'") == sum(written)
    assert len(inbox.threads()) == PEOPLE_COUNT == await inbox.count("conversations")
    for client in clients:
        await client.is_whole(is_sent_in_order=False)
        assert GREETING in client.told()[0]
        assert set(client.told()[1:]) == {ANSWER}
        assert len(client.told()) == 1 + await client.turns()

    after = (await found_inbox(doors)).client()
    await after.writes("Hello, how much is it please?")
    await after.was_answered_once()


def statuses(doors: TwoDoors) -> set[int]:
    """What webhooks were answered with."""
    return {attempt.status for attempt in doors.whatsapp.webhooks.attempts}


async def write_on(client: Client, stop: asyncio.Event) -> int:
    """Write ten times a second; returns how often."""
    count = 0
    while not stop.is_set():
        count += 1
        await client.writes(f"Message {count}, how much is it please?")
        await asyncio.sleep(0.1)
    return count
