"""kill -9 between a webhook and the answer's decision: the person is answered once, and the thread shows it once."""

import asyncio

import pytest

from tests.e2e.house import House
from tests.e2e.inbox import Inbox
from tests.e2e.two_doors import TwoDoors
from tests.e2e.world import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
FIRST, SECOND = "Hello, how much is it please?", "I am in platinum now"
NO_NEW_EVENT = "LOCK TABLE guildhall.inbound_events IN SHARE MODE"
KEEPING = """SELECT 1 FROM pg_stat_activity
             WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO inbound_events%'"""
ACCOUNT_FOR_CHANGES = "SELECT 1 FROM guildhall.channel_accounts WHERE id = $1 FOR NO KEY UPDATE"
CONVERSATION = "SELECT 1 FROM guildhall.conversations WHERE id = $1 FOR UPDATE"


async def test_killed_before_it_came_in_it_comes_again_and_is_answered(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    await open_house.kill9()
    await client.writes(FIRST)
    assert await inbox.count("inbound_events") == 0
    await doors.start()
    await client.was_answered_once()


async def test_killed_while_it_is_being_kept_it_comes_again_and_is_answered_once(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    async with doors.held(NO_NEW_EVENT):
        writing = asyncio.create_task(client.writes(FIRST))
        await eventually(lambda: doors.value(KEEPING))
        await open_house.kill9()
    await writing
    assert doors.whatsapp.webhooks.attempts[-1].status == 0  # the server may have kept it all the same: nobody heard
    await doors.start()
    await client.was_answered_once()


async def test_killed_after_the_200_it_is_taken_by_the_next_process(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    assert await open_house.close() == 0
    await doors.start("bot", "web")
    await client.writes(FIRST)
    assert doors.whatsapp.webhooks.attempts[-1].status == 200
    await doors.killed_and_started()
    await client.was_answered_once()


async def test_killed_while_it_is_taken_in_it_is_taken_in_once(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    async with doors.held(ACCOUNT_FOR_CHANGES, inbox.account.id) as somebody_waits:
        await client.writes(FIRST)
        await somebody_waits()
        await open_house.kill9()
    assert await inbox.count("messages") == 0
    await doors.start()
    await client.was_answered_once()


async def test_killed_while_the_person_may_still_go_on_all_of_it_is_answered_together(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    await client.writes(FIRST, SECOND)
    await eventually(lambda: has_taken(inbox, 2))
    await open_house.kill9()
    assert (client.told(), await inbox.count("agent_turns")) == ([], 0)
    await doors.start()
    await client.was_answered_once()


async def test_killed_during_the_models_call_it_is_asked_again(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    never = doors.openai.faults.never()
    await client.writes(FIRST)
    await eventually(lambda: never.met_count)
    await open_house.kill9()
    await doors.died_long_ago()
    await doors.killed_and_started()
    await client.was_answered_once()
    assert await client.turns("superseded") == 1


async def test_killed_with_the_models_answer_before_its_commit_another_is_given(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    never = doors.openai.faults.never()
    await client.writes(FIRST)
    await eventually(lambda: never.met_count)
    async with doors.held(CONVERSATION, (await client.conversation())["id"]) as somebody_waits:
        doors.openai.faults.clear()
        await somebody_waits()
        await open_house.kill9()
    assert await client.messages("out") == []
    await doors.died_long_ago()
    await doors.start()
    await client.was_answered_once()


async def has_taken(inbox: Inbox, count: int) -> bool:
    return await inbox.count("inbound_events", "state = 'done'") == count
