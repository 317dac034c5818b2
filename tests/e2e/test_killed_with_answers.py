"""kill -9 between an answer's commit and its mirror: it arrives once, or twice where nobody could know, never not."""

import pytest

from tests.e2e.house import House
from tests.e2e.inbox import Inbox
from tests.e2e.two_doors import TwoDoors
from tests.e2e.world import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
FIRST = "Hello, how much is it please?"
OUTBOUND = "SELECT 1 FROM guildhall.outbound_messages WHERE tenant_id = $1 AND channel = 'whatsapp' FOR UPDATE"
LONG_GRACE = {"GUILDHALL_META__UNKNOWN_GRACE_S": "60"}
THREADS, POSTS, EDITS = "/channels/*/threads", "/channels/*/messages", "/channels/*/messages/*"


async def test_killed_after_the_commit_the_answer_is_delivered_by_the_next_process(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    await doors.whatsapp.go_away()
    await client.writes(FIRST)
    await eventually(lambda: has_answers(inbox))
    await open_house.kill9()
    assert client.told() == []
    await doors.whatsapp.come_back()
    await doors.start()
    await client.was_answered_once()


async def test_killed_during_graphs_call_that_did_nothing_it_is_sent_after_the_grace(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    hold = doors.whatsapp.faults.hold("messages")
    await client.writes(FIRST)
    await eventually(lambda: hold.caught_count)
    await open_house.kill9()
    assert client.told() == []
    await doors.killed_and_started()
    await client.was_answered_once()


async def test_killed_when_graph_had_taken_it_its_status_says_so_and_it_is_not_sent_again(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    hold = doors.whatsapp.faults.hold("messages", is_served=True)
    doors.whatsapp.statuses.withhold()
    await client.writes(FIRST)
    await eventually(lambda: hold.caught_count)
    await client.hears(1)
    await doors.killed_and_started(**LONG_GRACE)
    await doors.whatsapp.statuses.release()
    await client.was_answered_once()


async def test_killed_when_graph_had_taken_it_and_no_status_ever_comes_it_is_sent_once_more(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    hold = doors.whatsapp.faults.hold("messages", is_served=True)
    doors.whatsapp.statuses.plan = ()
    await client.writes(FIRST)
    await eventually(lambda: hold.caught_count)
    await doors.killed_and_started()
    await client.was_answered_once(doubled=1)


async def test_killed_before_the_receipt_was_stored_its_status_says_that_it_was_sent(
    doors: TwoDoors, inbox: Inbox, open_house: House
) -> None:
    client = inbox.client()
    hold = doors.whatsapp.faults.hold("messages", is_served=True)
    doors.whatsapp.statuses.withhold()
    await client.writes(FIRST)
    await eventually(lambda: hold.caught_count)
    async with doors.held(OUTBOUND, inbox.tenant_id) as somebody_waits:
        hold.release()
        await somebody_waits()
        await open_house.kill9()
    await doors.killed_and_started(**LONG_GRACE)
    await doors.whatsapp.statuses.release()
    await client.was_answered_once()


@pytest.mark.parametrize("is_served", [False, True], ids=["before it arrived", "when it had arrived unanswered"])
@pytest.mark.parametrize(("method", "path"), [("POST", THREADS), ("POST", POSTS), ("PATCH", EDITS)],
                         ids=["making the thread", "posting in it", "editing in it"])  # fmt: skip
async def test_killed_while_mirroring_the_thread_shows_everything_once_in_order(
    doors: TwoDoors, inbox: Inbox, open_house: House, method: str, path: str, is_served: bool
) -> None:
    client = inbox.client()
    hold = doors.emulator.faults.hold(method, path, is_served=is_served)
    await client.writes(FIRST)
    await eventually(lambda: hold.caught_count)
    await doors.killed_and_started()
    await client.was_answered_once()
    assert len(client.threads()) == 1


async def has_answers(inbox: Inbox) -> bool:
    return await inbox.count("messages", "direction = 'out'") == 2
