"""What a person changes after it was answered is answered again, once; in the middle of an answer, instead of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from domain.conversations.dto import Conversation, Outgoing
from domain.conversations.inbound import ReceivedEdit, ReceivedMessage
from domain.conversations.settings import AgentChange
from domain.conversations.turn_dto import TurnEnd, TurnStart
from domain.kernel.ids import uuid7
from tests.fixtures.inbox import TRACE, Inbox

ANSWER = [Outgoing("The answer.")]
BEFORE, AFTER = "de P4 a D4", "de P4 a D2"


def _edit(inbox: Inbox, message: ReceivedMessage, text: str = AFTER) -> ReceivedEdit:
    return ReceivedEdit(message.sender, f"wamid.e.{uuid7()}", message.provider_id, text, inbox.clock.now())


async def _answered(inbox: Inbox) -> tuple[Conversation, ReceivedMessage]:
    message = inbox.message(BEFORE)
    found = await inbox.receive(message)
    await inbox.answer(found)
    return await inbox.latest(), message


async def _asked(inbox: Inbox, found: Conversation) -> list[str]:
    """What a turn would answer now."""
    turn = await inbox.begin(found, str(uuid7()))
    assert await inbox.conversations.commit_reply(turn, ANSWER, TRACE) is TurnEnd.REPLIED
    return [message.body for message in turn.unanswered]


async def _is_quiet(inbox: Inbox, found: Conversation) -> bool:
    """Whether nothing waits."""
    inbox.clock.advance(timedelta(seconds=10))
    is_nothing = await inbox.conversations.begin_turn(inbox.tenant_id, found.id, str(uuid7())) is None
    return is_nothing and (await inbox.conversation(found.id)).waiting_since is None


async def test_a_changed_question_is_answered_again_once_after_the_same_quiet(inbox: Inbox) -> None:
    found, message = await _answered(inbox)
    wakes = inbox.wake_count
    edit = _edit(inbox, message)
    after = await inbox.receive(edit)
    assert inbox.wake_count == wakes + 1
    assert after.turn_due_at == inbox.clock.now() + timedelta(seconds=1.5)
    await inbox.receive(edit)  # delivered twice
    assert await _asked(inbox, found) == [AFTER]
    assert await _is_quiet(inbox, found)
    assert inbox.wake_count == wakes + 1
    assert await inbox.said() == ["Hello.", "The answer."]


async def test_what_was_answered_beside_it_is_not_answered_again(inbox: Inbox) -> None:
    found, message = await _answered(inbox)
    await inbox.receive("quiero una persona")
    await inbox.answer(found)
    await inbox.receive(_edit(inbox, message))
    assert await _asked(inbox, found) == [AFTER]
    await inbox.receive("gracias")
    assert await _asked(inbox, found) == ["gracias"]


@pytest.mark.parametrize("text", [BEFORE, "De P4 a D4", "¿de P4 a D4?", "  de P4  a D4 "])
async def test_an_edit_that_changes_no_word_changes_nothing(inbox: Inbox, text: str) -> None:
    found, message = await _answered(inbox)
    wakes = inbox.wake_count
    await inbox.receive(_edit(inbox, message, text))
    assert inbox.wake_count == wakes
    assert await _is_quiet(inbox, found)


async def test_an_edit_before_the_turn_is_read_in_it(inbox: Inbox) -> None:
    message = inbox.message(BEFORE)
    found = await inbox.receive(message)
    await inbox.receive(_edit(inbox, message))
    assert inbox.wake_count == 1
    assert await _asked(inbox, found) == [AFTER]
    assert await _is_quiet(inbox, found)


async def test_an_edit_while_it_is_answered_makes_that_answer_void(inbox: Inbox) -> None:
    message = inbox.message(BEFORE)
    found = await inbox.receive(message)
    turn = await inbox.begin(found)
    await inbox.receive(_edit(inbox, message))
    assert await inbox.conversations.commit_reply(turn, ANSWER, TRACE) is TurnEnd.SUPERSEDED
    assert await _asked(inbox, found) == [AFTER]
    assert await inbox.said() == ["The answer."]


async def test_two_edits_in_a_row_are_answered_once(inbox: Inbox) -> None:
    found, message = await _answered(inbox)
    await inbox.receive(_edit(inbox, message), _edit(inbox, message, "de P4 a D1"))
    assert await _asked(inbox, found) == ["de P4 a D1"]
    assert await _is_quiet(inbox, found)


@pytest.mark.parametrize("what", ["stop", "human", "snooze", "close", "off", "window", "block"])
async def test_nobody_is_answered_again_where_the_assistant_may_not_speak(inbox: Inbox, what: str) -> None:
    found, message = await _answered(inbox)
    await _happens(inbox, found, what)
    said, wakes = await inbox.said(), inbox.wake_count
    await inbox.receive(_edit(inbox, message))
    assert inbox.wake_count == wakes
    assert await _is_quiet(inbox, found)
    assert await inbox.said() == said
    assert await inbox.notices("not_sent") == []


async def _happens(inbox: Inbox, found: Conversation, what: str) -> None:
    act, conversations = inbox.shop.act("owner"), inbox.conversations
    match what:
        case "stop":
            await inbox.receive("STOP")
        case "human":
            await conversations.reply(act, found.id, Outgoing("Yo te digo."))
        case "snooze":
            await conversations.snooze(act, found.id, inbox.until(3))
        case "close":
            await conversations.close(act, found.id)
        case "off":
            await conversations.change_settings(act, AgentChange(is_on=False))
        case "window":
            inbox.clock.advance(timedelta(hours=25))
        case "block":
            await inbox.services.contacts.block(act, found.contact_id)


async def test_what_a_human_took_over_does_not_come_back_with_the_next_message(inbox: Inbox) -> None:
    found, message = await _answered(inbox)
    await inbox.receive(_edit(inbox, message))
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Son 45."))
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    inbox.clock.advance(timedelta(seconds=1))
    await inbox.receive("gracias")
    assert await _asked(inbox, found) == ["gracias"]


async def test_an_edit_of_what_no_turn_reads_any_more_starts_none(inbox: Inbox) -> None:
    found, message = await _answered(inbox)
    for number in range(40):
        await inbox.receive(f"mensaje {number}")
    await inbox.answer(found)
    wakes = inbox.wake_count
    await inbox.receive(_edit(inbox, message))
    assert inbox.wake_count == wakes


async def test_an_edit_and_the_answer_at_once_end_with_an_answer_to_the_edit(inbox: Inbox) -> None:
    ends = set()
    for number in range(12):
        lane = f"lane{number}"
        message = inbox.message(BEFORE, wa_id=f"3460011{number:04}")
        found = await inbox.receive(message, lane=lane)
        turn = await inbox.begin(found, f"job:{number}")
        await inbox.store(_edit(inbox, message), lane=lane)
        end, _ = await asyncio.gather(inbox.conversations.commit_reply(turn, ANSWER, TRACE), inbox.take(lane))
        assert await _asked(inbox, found) == [AFTER]
        assert await _is_quiet(inbox, found)
        said = [one.body for one in await inbox.messages(found) if one.direction == "out"]
        assert len(said) == (2 if end is TurnEnd.REPLIED else 1)
        ends.add(end)
    assert ends <= {TurnEnd.REPLIED, TurnEnd.SUPERSEDED}


@pytest.mark.parametrize("is_first", [True, False], ids=["edit first", "answer first"])
async def test_the_edit_waits_for_the_conversation_and_so_does_the_answer(inbox: Inbox, is_first: bool) -> None:
    message = inbox.message(BEFORE)
    found = await inbox.receive(message)
    turn = await inbox.begin(found)
    await inbox.store(_edit(inbox, message))

    async def answer() -> TurnEnd:
        end: TurnEnd = await inbox.conversations.commit_reply(turn, ANSWER, TRACE)
        return end

    async with inbox.db.tx(inbox.system) as tx:  # somebody has the conversation: both wait behind it, in order
        await tx.value("SELECT 1 FROM conversations WHERE id = $1 FOR NO KEY UPDATE", found.id)
        works: list[Callable[[], Awaitable[object]]] = [inbox.take, answer] if is_first else [answer, inbox.take]
        tasks = []
        for work in works:
            tasks.append(asyncio.ensure_future(work()))
            await asyncio.sleep(0.3)
        assert not any(task.done() for task in tasks)
    ends = await asyncio.gather(*tasks)
    assert (TurnEnd.SUPERSEDED if is_first else TurnEnd.REPLIED) in ends
    assert isinstance(await inbox.begin(found, "job:2"), TurnStart)
