"""SIGTERM while the model thinks: the answer that was begun is given before the house closes."""

import asyncio

import pytest

from tests.e2e.house import House
from tests.e2e.inbox import Inbox
from tests.e2e.test_shutdown import is_stopping
from tests.e2e.two_doors import TwoDoors
from tests.e2e.world import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_answer_in_the_making_leaves_before_the_house_is_closed(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    thinking = doors.openai.faults.slow(10.0)
    await client.writes("Hello, how much is it please?")
    await eventually(lambda: thinking.met_count)
    closing = asyncio.create_task(open_house.close())
    await eventually(lambda: is_stopping(open_house))
    assert client.told() == []
    thinking.released.set()
    assert await closing == 0
    assert len(client.told()) == 2, "the greeting and the answer"
    await doors.start()
    await client.was_answered_once()
