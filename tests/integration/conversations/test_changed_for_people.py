"""A question that is changed where people answer: it waits for one of them, and after STOP it calls one, once."""

import asyncio
from datetime import datetime, timedelta

import pytest

from domain.conversations.dto import Conversation, Outgoing
from domain.conversations.inbound import MessageKind, ReceivedEdit, ReceivedMessage, ReceivedRevoke
from domain.conversations.jobs import REFRESH_BOARD
from domain.conversations.settings import AgentChange
from domain.kernel.ids import uuid7
from domain.tenancy.dto import Purpose
from tests.fixtures.inbox import Inbox

BEFORE, AFTER = "de P4 a D4", "de P4 a D2"


def _edit(inbox: Inbox, message: ReceivedMessage, text: str = AFTER) -> ReceivedEdit:
    inbox.clock.advance(timedelta(minutes=1))
    return ReceivedEdit(message.sender, f"wamid.e.{uuid7()}", message.provider_id, text, inbox.clock.now())


async def _asked(inbox: Inbox) -> tuple[Conversation, ReceivedMessage]:
    """Lea asked, and the assistant answered."""
    message = inbox.message(BEFORE)
    found = await inbox.receive(message)
    await inbox.answer(found)
    inbox.clock.advance(timedelta(minutes=1))
    return await inbox.latest(), message


async def _held(inbox: Inbox) -> tuple[Conversation, ReceivedMessage]:
    """The same, and then a person answered."""
    found, message = await _asked(inbox)
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Son 45."))
    return found, message


async def _stopped(inbox: Inbox) -> tuple[Conversation, ReceivedMessage]:
    """The same, and then Lea said STOP."""
    found, message = await _asked(inbox)
    await inbox.receive("STOP")
    inbox.clock.advance(timedelta(minutes=1))
    return found, message


async def _since(inbox: Inbox) -> list[datetime]:
    board = await inbox.conversations.board(inbox.shop.act("seller"))
    return [waiting.since for waiting in board.rows]


async def _calls(inbox: Inbox) -> list[str]:
    return [note["summary"] for note in await inbox.notices("handed_off") if note["reason"] == "after_stop"]


async def test_where_a_person_has_the_chat_it_is_activity_and_waits_until_they_answer(inbox: Inbox) -> None:
    await inbox.services.tenancy.bind_channel(inbox.shop.act("owner"), Purpose.CONVERSATIONS, 1)
    found, message = await _held(inbox)
    async with inbox.db.tx(inbox.system) as tx:
        await tx.run("UPDATE outbound_messages SET state = 'sent'")
    assert await _since(inbox) == []
    jobs = await inbox.jobs(REFRESH_BOARD)
    edit = _edit(inbox, message)
    after = await inbox.receive(edit, edit)
    assert (after.last_activity_at, await _since(inbox)) == (inbox.clock.now(), [inbox.clock.now()])
    assert await inbox.jobs(REFRESH_BOARD) == jobs + 1
    kinds = await inbox.rows("SELECT kind FROM outbound_messages WHERE state = 'queued' AND channel = 'discord'")
    assert sorted(row["kind"] for row in kinds) == ["conversation.card", "conversation.message"]
    inbox.clock.advance(timedelta(minutes=1))
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Entonces 60."))
    assert await _since(inbox) == []


async def test_what_nobody_answered_yet_keeps_its_place(inbox: Inbox) -> None:
    await _held(inbox)
    message, asked_at = inbox.message("¿y a D3?"), inbox.clock.now()
    await inbox.receive(message)
    await inbox.receive(_edit(inbox, message, "¿y a D1?"))
    assert await _since(inbox) == [asked_at]


async def test_it_ends_a_snooze_as_a_message_does(inbox: Inbox) -> None:
    found, message = await _held(inbox)
    await inbox.conversations.snooze(inbox.shop.act("seller"), found.id, inbox.clock.now() + timedelta(days=2))
    after = await inbox.receive(_edit(inbox, message))
    assert (after.snoozed_until, await _since(inbox)) == (None, [inbox.clock.now()])
    assert len(await inbox.notices("snooze_over")) == 1


async def test_after_stop_it_ends_a_snooze_so_that_the_call_is_seen(inbox: Inbox) -> None:
    found, message = await _stopped(inbox)
    await inbox.conversations.snooze(inbox.shop.act("seller"), found.id, inbox.clock.now() + timedelta(days=2))
    after = await inbox.receive(_edit(inbox, message))
    assert (after.snoozed_until, len(await _calls(inbox)), len(await _since(inbox))) == (None, 1, 1)


@pytest.mark.parametrize("text", [BEFORE, "¿De P4 a D4?"])
async def test_an_edit_that_changes_no_word_is_no_activity(inbox: Inbox, text: str) -> None:
    found, message = await _held(inbox)
    before = (await inbox.conversation(found.id)).last_activity_at
    after = await inbox.receive(_edit(inbox, message, text))
    assert (after.last_activity_at, await _since(inbox)) == (before, [])


async def test_who_deletes_the_changed_question_waits_no_more(inbox: Inbox) -> None:
    _, message = await _held(inbox)
    await inbox.receive(_edit(inbox, message))
    await inbox.receive(ReceivedRevoke(message.sender, "wamid.r", message.provider_id, inbox.clock.now()))
    assert await _since(inbox) == []


@pytest.mark.parametrize("is_by_hand", [True, False], ids=["given back", "silence over"])
async def test_the_assistant_answers_it_when_nobody_did_until_it_has_the_chat_again(
    inbox: Inbox, is_by_hand: bool
) -> None:
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(silence_hours=2))
    found, message = await _held(inbox)
    await inbox.receive(_edit(inbox, message))
    if is_by_hand:
        await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    else:
        inbox.clock.advance(timedelta(hours=2))
        await inbox.conversations.end_silences(inbox.tenant_id, "job:1")
    turn = await inbox.begin(found)
    assert [one.body for one in turn.unanswered] == [AFTER]


async def test_with_the_assistant_switched_off_it_waits_for_a_person(inbox: Inbox) -> None:
    found, message = await _held(inbox)
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(is_on=False))
    assert await _since(inbox) == []
    await inbox.receive(_edit(inbox, message))
    assert await _since(inbox) == [inbox.clock.now()]


async def test_after_stop_it_calls_a_person_once_as_a_new_question_would(inbox: Inbox) -> None:
    _, message = await _stopped(inbox)
    edit = _edit(inbox, message)
    after = await inbox.receive(edit, edit)
    assert (after.state.value, after.handoff_reason) == ("human", "after_stop")
    assert await _since(inbox) == [inbox.clock.now()]
    await inbox.receive(_edit(inbox, message, "de P4 a D1"))
    [told] = await _calls(inbox)
    assert AFTER in told
    assert len(await inbox.said()) == 2  # the answer, that nothing more comes, and nothing more


@pytest.mark.parametrize("text", ["ok gracias", "👍", "START", "STOP", BEFORE])
async def test_after_stop_nobody_is_called_for_what_asks_nothing(inbox: Inbox, text: str) -> None:
    _, message = await _stopped(inbox)
    await inbox.receive(_edit(inbox, message, text))
    assert await _calls(inbox) == []


async def test_after_stop_a_changed_caption_calls_a_person(inbox: Inbox) -> None:
    message = inbox.message("mi cuenta", kind=MessageKind.IMAGE)
    found = await inbox.receive(message)
    await inbox.answer(found)
    await inbox.receive("STOP")
    await inbox.receive(_edit(inbox, message, "ok"))
    assert len(await _calls(inbox)) == 1


async def test_in_what_was_closed_or_with_the_assistant_off_nobody_is_called(inbox: Inbox) -> None:
    found, message = await _stopped(inbox)
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(is_on=False))
    await inbox.receive(_edit(inbox, message))
    await inbox.conversations.close(inbox.shop.act("seller"), found.id)
    closed = await inbox.conversation(found.id)
    await inbox.receive(_edit(inbox, message, "de P4 a D1"))
    assert await _calls(inbox) == []
    assert (await inbox.conversation(found.id)).last_activity_at == closed.last_activity_at


async def test_two_edits_at_once_call_once(inbox: Inbox) -> None:
    first, second = inbox.message(BEFORE), inbox.message("¿y cuánto tarda?")
    found = await inbox.receive(first, second)
    await inbox.answer(found)
    await inbox.receive("STOP")
    await inbox.store(_edit(inbox, first), lane="a")
    await inbox.store(_edit(inbox, second, "¿y cuánto tarda a D2?"), lane="b")
    await asyncio.gather(inbox.take("a"), inbox.take("b"))
    assert len(await _calls(inbox)) == 1
