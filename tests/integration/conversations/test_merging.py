"""Conversations of two contacts that turn out to be one person."""

import asyncio

import pytest

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.dto import ConversationState
from domain.kernel.errors import Conflict
from tests.fixtures.inbox import LEA, Inbox

BSUID = "US.13491208655302741918"


async def test_two_live_conversations_become_one_with_all_messages_and_can_be_parted(inbox: Inbox) -> None:
    first = await inbox.receive("hola")
    hidden = Identity({IdentifierKind.BSUID: BSUID}, "Lea")
    second = await inbox.receive(inbox.message("soy la de antes", sender=hidden), lane="b")
    assert second.reply_channel_id == BSUID
    assert first.id != second.id
    both = Identity({IdentifierKind.WA_ID: LEA, IdentifierKind.BSUID: BSUID}, "Lea")
    await inbox.receive(inbox.message("las dos", sender=both))
    kept, ended = await inbox.conversation(first.id), await inbox.conversation(second.id)
    assert (kept.state, ended.state) == (ConversationState.BOT, ConversationState.CLOSED)
    assert kept.contact_id == ended.contact_id
    assert [message.body for message in await inbox.messages(kept)] == ["hola", "soy la de antes", "las dos"]
    assert await inbox.notices("merged") != []
    turn = await inbox.begin(kept)
    assert len(turn.unanswered) == 3
    merge_id = await inbox.value("SELECT id FROM contact_merges")
    await inbox.services.contacts.undo_merge(inbox.shop.act("owner"), merge_id)
    assert [message.body for message in await inbox.messages(kept)] == ["hola", "las dos"]
    parted = await inbox.conversation(second.id)
    assert parted.contact_id != kept.contact_id
    assert [message.body for message in await inbox.messages(parted)] == ["soy la de antes"]


async def test_conversation_of_the_merged_contact_goes_on_where_the_kept_one_has_none(inbox: Inbox) -> None:
    first = await inbox.receive("hola")
    await inbox.conversations.close(inbox.shop.act("seller"), first.id)
    hidden = Identity({IdentifierKind.BSUID: BSUID}, "Lea")
    second = await inbox.receive(inbox.message("hola", sender=hidden), lane="b")
    both = Identity({IdentifierKind.WA_ID: LEA, IdentifierKind.BSUID: BSUID}, "Lea")
    after = await inbox.receive(inbox.message("las dos", sender=both))
    assert after.id == second.id
    assert len(await inbox.messages(after)) == 2


async def test_what_waited_in_the_merged_conversation_is_answered_in_the_kept_one(inbox: Inbox) -> None:
    hidden = Identity({IdentifierKind.BSUID: BSUID}, "Lea")
    first = await inbox.receive("hola")
    waiting = await inbox.receive(inbox.message("sin respuesta", sender=hidden), lane="b")
    await inbox.receive("otra")
    await inbox.answer(first)
    kept_id, merged_id = first.contact_id, waiting.contact_id
    jobs = inbox.wake_count
    await inbox.services.contacts.merge(inbox.shop.act("owner"), kept_id, merged_id, {"why": "same name"})
    assert inbox.wake_count == jobs + 1
    turn = await inbox.begin(await inbox.conversation(first.id))
    assert "sin respuesta" in [message.body for message in turn.unanswered]


async def test_what_was_answered_long_ago_is_not_answered_again_because_two_became_one(inbox: Inbox) -> None:
    first = await inbox.receive("quiero una persona")
    await inbox.answer(first, "ahora viene")
    hidden = Identity({IdentifierKind.BSUID: BSUID}, "Lea")
    await inbox.receive(inbox.message("soy la de antes", sender=hidden), lane="b")
    both = Identity({IdentifierKind.WA_ID: LEA, IdentifierKind.BSUID: BSUID}, "Lea")
    await inbox.receive(inbox.message("las dos", sender=both))
    turn = await inbox.begin(await inbox.conversation(first.id))
    assert [message.body for message in turn.unanswered] == ["soy la de antes", "las dos"]


async def test_one_reopened_while_its_person_is_merged_finds_the_live_one_of_who_they_are_now(inbox: Inbox) -> None:
    kept = await inbox.receive("hola")
    hidden = Identity({IdentifierKind.BSUID: BSUID}, "Lea")
    closed = await inbox.receive(inbox.message("soy la de antes", sender=hidden), lane="b")
    await inbox.conversations.close(inbox.shop.act("seller"), closed.id)
    async with inbox.db.tx(inbox.system) as tx:
        await tx.value("SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE", closed.id)
        contacts = inbox.services.contacts
        merging = asyncio.create_task(
            contacts.merge(inbox.shop.act("owner"), kept.contact_id, closed.contact_id, {"why": "same name"})
        )
        await asyncio.sleep(0.2)
        reopening = asyncio.create_task(inbox.conversations.reopen(inbox.shop.act("seller"), closed.id))
        await asyncio.sleep(0.2)
    await merging
    with pytest.raises(Conflict, match="has_live"):
        await reopening
    assert (await inbox.conversation(closed.id)).state is ConversationState.CLOSED
