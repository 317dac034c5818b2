"""Staff react to what a contact wrote: once per command, where a reply may go, and without taking anybody's place."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.conversations.dto import Conversation, ConversationState, Message, Outgoing
from domain.conversations.inbound import ReceivedRevoke, StatusUpdate
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PermanentFailure, PermissionDenied
from domain.leads.dto import Stage
from tests.fixtures.inbox import Inbox
from tests.fixtures.shop import found_shop


async def _written(inbox: Inbox, *texts: str) -> tuple[Conversation, Message]:
    found = await inbox.receive(*(texts or ("hola",)))
    return found, (await inbox.messages(found))[-1]


async def _react(inbox: Inbox, message: Message, emoji: str, who: str = "seller") -> Any:
    return await inbox.conversations.put_reaction(inbox.shop.act(who), message.id, emoji)


async def _shown(inbox: Inbox, found: Conversation) -> dict[str, str]:
    return (await inbox.messages(found))[-1].reactions


async def test_reaction_goes_to_the_message_and_is_shown_on_it(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    reacted = await _react(inbox, message, "👍")
    assert (reacted.emoji, reacted.message.reactions) == ("👍", {"shop": "👍"})
    assert await inbox.deliver(found) == 1
    content: Any = inbox.provider.sent[0].content
    assert (content.outgoing.reaction, content.outgoing.reply_to) == ("👍", message.provider_id)
    assert "reaction of the shop: 👍" in await inbox.conversations.transcript(inbox.system, found.id)
    assert len(await inbox.messages(found)) == 1
    assert await inbox.value("SELECT count(*) FROM audit_log WHERE action = 'conversation.react'") == 1


async def test_the_same_again_or_none_takes_it_back_and_another_replaces_it(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    chosen = ["👍", "❤️", "❤", "🙏", ""]
    said = [(await _react(inbox, message, emoji)).emoji for emoji in chosen]
    assert said == ["👍", "❤️", "", "🙏", ""]  # a heart is a heart, in colours or not
    assert await _shown(inbox, found) == {}
    with pytest.raises(Conflict, match="no_reaction"):
        await _react(inbox, message, "")
    await inbox.deliver(found)
    sent: list[Any] = [outbound.content for outbound in inbox.provider.sent]
    assert [content.outgoing.reaction for content in sent] == said


async def test_one_command_that_comes_twice_at_once_reacts_once(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    seller = inbox.shop.act("seller")
    both = await asyncio.gather(*(inbox.conversations.put_reaction(seller, message.id, "👍") for _ in range(2)))
    assert [reacted.emoji for reacted in both] == ["👍", "👍"]
    assert await _shown(inbox, found) == {"shop": "👍"}
    assert await inbox.value("SELECT count(*) FROM messages WHERE kind = 'reaction'") == 1


@pytest.mark.parametrize(
    ("emoji", "code"),
    [("<:nova:123>", "emoji_custom"), ("<a:nova:123>", "emoji_custom"), (":nova:", "emoji_custom"), ("ok", "emoji"),
     ("👍👍", "emoji"), ("👍 ok", "emoji"), ("1", "emoji"), ("\u200d", "emoji"), ("👍" * 500, "emoji")],
)  # fmt: skip
async def test_what_whatsapp_does_not_know_is_refused_and_changes_nothing(inbox: Inbox, emoji: str, code: str) -> None:
    found, message = await _written(inbox)
    with pytest.raises(InvalidInput) as refused:
        await _react(inbox, message, emoji)
    assert refused.value.code == f"conversation.{code}"
    assert await _shown(inbox, found) == {}
    assert await inbox.value("SELECT count(*) FROM messages WHERE kind = 'reaction'") == 0


@pytest.mark.parametrize("emoji", ["❤️", "👍🏽", "👨‍👩‍👧‍👦", "🇪🇸", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🫶", " 🙏 "])
async def test_every_kind_of_standard_emoji_is_taken(inbox: Inbox, emoji: str) -> None:
    _, message = await _written(inbox)
    assert (await _react(inbox, message, emoji)).emoji == emoji.strip()


async def test_reaction_silences_nobody_and_takes_no_place(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    found, message = await _written(inbox, "¿cuánto cuesta?")
    before = await inbox.conversation(found.id)
    await _react(inbox, message, "👍", "dispatcher")
    assert await inbox.conversation(found.id) == before
    lead = (await inbox.services.leads.list(inbox.shop.act("seller"))).rows[0]
    assert (lead.stage, before.state) == (Stage.NEW, ConversationState.BOT)
    await inbox.answer(found, "It is 20 USD.")  # the assistant still answers what was asked
    assert await inbox.said() == ["", "It is 20 USD."]


async def test_reaction_follows_the_rules_of_a_reply(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    await inbox.conversations.close(inbox.shop.act("seller"), found.id)
    with pytest.raises(Conflict, match="is_closed"):
        await _react(inbox, message, "👍")
    await inbox.conversations.reopen(inbox.shop.act("seller"), found.id)
    await inbox.services.contacts.block(inbox.shop.act("dispatcher"), found.contact_id)
    with pytest.raises(Conflict, match="blocked"):
        await _react(inbox, message, "👍")
    await inbox.services.contacts.unblock(inbox.shop.act("dispatcher"), found.contact_id)
    await inbox.receive("STOP")
    with pytest.raises(Conflict, match="opted_out"):
        await _react(inbox, message, "👍")
    inbox.clock.advance(timedelta(minutes=1))
    await inbox.receive("una pregunta")
    await _react(inbox, message, "👍")
    inbox.clock.advance(timedelta(hours=24))
    with pytest.raises(Conflict, match="window_closed"):
        await _react(inbox, message, "🙏")
    assert await inbox.value("SELECT count(*) FROM messages WHERE kind = 'reaction'") == 1


@pytest.mark.parametrize("who", ["ana", "viewer"])
async def test_boosters_and_viewers_may_not_react(inbox: Inbox, who: str) -> None:
    found, message = await _written(inbox)
    actor = inbox.shop.act(who)
    for refused in (
        inbox.conversations.put_reaction(actor, message.id, "👍"),
        inbox.conversations.last_of_contact(actor, found.id),
        inbox.conversations.reactable_at(actor, 1, 1),
    ):
        with pytest.raises(PermissionDenied):
            await refused
    assert await _shown(inbox, found) == {}


async def test_only_what_the_contact_wrote_lately_and_did_not_delete_takes_a_reaction(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    seller = inbox.shop.act("seller")
    note = await inbox.conversations.note(seller, found.id, "a note")
    own = await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("hola"))
    revoked = inbox.message("no quería")
    await inbox.receive(revoked)
    gone = (await inbox.messages(found))[-1]
    await inbox.receive(ReceivedRevoke(revoked.sender, "wamid.gone", revoked.provider_id, inbox.clock.now()))
    for refused in (note, own, gone):
        with pytest.raises(Conflict, match="not_reactable"):
            await _react(inbox, refused, "👍")
    assert (await inbox.conversations.last_of_contact(seller, found.id)).id == message.id
    inbox.clock.advance(timedelta(days=30))
    await inbox.receive("sigo aquí")
    with pytest.raises(Conflict, match="not_reactable"):
        await _react(inbox, message, "👍")
    with pytest.raises(NotFound, match="unknown_message"):
        await inbox.conversations.put_reaction(inbox.shop.act("seller"), found.id, "👍")


async def test_what_whatsapp_refuses_comes_off_again_and_is_told_with_the_name(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    await _react(inbox, message, "❤️")
    await inbox.deliver(found)
    await _react(inbox, message, "👍")
    inbox.provider.outcomes.append(PermanentFailure("meta", "131009"))
    await inbox.deliver(found)
    assert await _shown(inbox, found) == {"shop": "❤️"}  # what the contact still sees
    [told] = await inbox.notices("reaction_not_sent")
    assert (told["member"], told["emoji"], told["reason"]) == ("Seller", "👍", "other")
    assert await inbox.notices("not_sent") == []


async def test_what_whatsapp_refuses_late_comes_off_too(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    await _react(inbox, message, "👍")
    await inbox.deliver(found)
    failed = StatusUpdate("wamid.out.1", "failed", inbox.clock.now(), str(inbox.provider.sent[0].id),
                          errors=({"code": 131026, "title": "Undeliverable"},))  # fmt: skip
    async with inbox.db.tx(inbox.system) as tx:
        await inbox.conversations.apply_status(tx, inbox.account_id, failed)
    assert await _shown(inbox, found) == {}
    assert [told["reason"] for told in await inbox.notices("reaction_not_sent")] == ["unreachable"]


async def test_many_who_react_at_once_leave_what_was_sent_last(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    await asyncio.gather(*(_react(inbox, message, emoji) for emoji in ("👍", "❤️", "😂", "🙏")))
    await inbox.deliver(found)
    last: Any = inbox.provider.sent[-1].content
    assert await _shown(inbox, found) == {"shop": last.outgoing.reaction}


async def test_another_shop_reacts_to_nothing_here_and_sees_nobody_wait(inbox: Inbox) -> None:
    found, message = await _written(inbox)
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    other = await found_shop(inbox.db, inbox.clock, guild_id=2002, name="Other")
    await inbox.value(
        """INSERT INTO posted_cards (tenant_id, kind, subject_id, channel_id, message_id)
           VALUES ($1, 'conversation.message', $2, 1, 2)""", inbox.tenant_id, message.id,
    )  # fmt: skip
    assert (await inbox.conversations.reactable_at(inbox.shop.act("seller"), 1, 2)).id == message.id
    for refused in (
        inbox.conversations.put_reaction(other.act("seller"), message.id, "👍"),
        inbox.conversations.last_of_contact(other.act("seller"), found.id),
        inbox.conversations.reactable_at(other.act("seller"), 1, 2),
    ):
        with pytest.raises(NotFound):
            await refused
    assert (await inbox.conversations.board(other.act("seller"))).rows == ()
    assert (await inbox.conversations.board(inbox.shop.act("seller"))).total_count == 1
