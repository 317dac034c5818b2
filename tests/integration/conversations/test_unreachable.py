"""A number that takes no messages: noted, shown, said before somebody tries, and forgotten when it takes one."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.dto import Author, Conversation, ConversationDetails, Outgoing
from domain.conversations.inbound import ReceivedReaction
from domain.conversations.policy import unreachable_since
from domain.kernel.errors import Conflict, PermanentFailure
from tests.fixtures.inbox import LEA, Inbox

_WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
NOBODY = {"code": 131026, "title": "Message undeliverable"}
BSUID = "US.13491208655302741918"


async def _details(inbox: Inbox, found: Conversation) -> ConversationDetails:
    details: ConversationDetails = await inbox.conversations.details(inbox.system, found.id)
    return details


async def _is_marked(inbox: Inbox, found: Conversation) -> bool:
    details = await _details(inbox, found)
    return unreachable_since(details.conversation, details.contact) is not None


async def _say(inbox: Inbox, found: Conversation, text: str = "pedido listo") -> None:
    async with inbox.db.tx(inbox.system) as tx:
        await inbox.conversations.say(tx, found.id, Outgoing(text), Author.SYSTEM, "orders")


async def _refused(inbox: Inbox) -> Conversation:
    """Lea wrote, and the answer found nobody."""
    found = await inbox.receive("hola")
    await inbox.answer(found)
    inbox.provider.outcomes.append(PermanentFailure("meta", "131026"))
    assert await inbox.deliver(found) == 1
    return found


async def test_a_refusal_at_once_is_noted_with_its_identifier_and_when_and_why(inbox: Inbox) -> None:
    found = await _refused(inbox)
    row = await inbox.row("SELECT * FROM contact_identifiers")
    assert row is not None
    assert (row["value"], row["unreachable_at"]) == (LEA, (await inbox.messages(found))[-1].sent_at)
    assert row["unreachable_why"] == "meta: 131026"
    assert await _is_marked(inbox, found)


async def test_who_writes_while_it_is_being_noted_can_be_written_to(inbox: Inbox, owner_url: str) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    inbox.provider.outcomes.append(PermanentFailure("meta", "131026"))
    blocker = await asyncpg.connect(owner_url)
    inbox.clock.advance(timedelta(seconds=1))
    await inbox.store(inbox.message("¿sigues ahí?"))
    async with asyncio.TaskGroup() as both, blocker.transaction():
        await blocker.execute("SELECT FROM guildhall.conversations WHERE id = $1 FOR NO KEY UPDATE", found.id)
        both.create_task(inbox.take())
        async with asyncio.timeout(10):
            while not await inbox.value(_WAITS):  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.01)
        inbox.clock.advance(timedelta(seconds=1))
        assert await inbox.deliver(found) == 1
    await blocker.close()
    assert not await _is_marked(inbox, found)


async def test_the_card_is_drawn_anew_when_it_is_noted_and_when_it_ends(inbox: Inbox) -> None:
    sql = "INSERT INTO channel_bindings (tenant_id, purpose, channel_id) VALUES ($1, 'conversations', 1)"
    async with inbox.db.tx(inbox.system) as tx:
        await tx.run(sql, inbox.tenant_id)
    found = await inbox.receive("hola")
    await inbox.answer(found)

    async def card_count() -> int:
        sql = "SELECT count(*) FROM outbound_messages WHERE kind = 'conversation.card' AND state = 'queued'"
        return int(await inbox.value(sql))

    async def draw() -> None:
        async with inbox.db.tx(inbox.system) as tx:
            await tx.run("UPDATE outbound_messages SET state = 'sent' WHERE kind = 'conversation.card'")

    await draw()
    inbox.provider.outcomes.append(PermanentFailure("meta", "131026"))
    await inbox.deliver(found)
    assert await card_count() == 1
    await draw()
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("¿me lees?"), is_warned=True)
    await inbox.deliver(found)
    await draw()
    await inbox.receive(inbox.status("delivered", f"wamid.out.{len(inbox.provider.sent)}"))
    assert await card_count() == 1


async def test_a_refusal_that_is_told_late_is_noted_too(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    await inbox.deliver(found)
    await inbox.receive(inbox.status("failed", "wamid.out.1", errors=(NOBODY,)))
    assert await _is_marked(inbox, found)


@pytest.mark.parametrize("code", ["131030", "131047", "131021", "500"])
async def test_other_refusals_say_nothing_about_the_number(inbox: Inbox, code: str) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    inbox.provider.outcomes.append(PermanentFailure("meta", code))
    await inbox.deliver(found)
    assert not await _is_marked(inbox, found)


async def test_who_wrote_after_the_message_was_said_is_not_marked(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    await inbox.deliver(found)
    inbox.clock.advance(timedelta(seconds=5))
    await inbox.receive("¿sigues ahí?")
    await inbox.receive(inbox.status("failed", "wamid.out.1", errors=(NOBODY,)))
    assert not await _is_marked(inbox, found)
    assert await inbox.value("SELECT count(*) FROM contact_identifiers WHERE unreachable_at IS NOT NULL") == 0


async def test_what_leaves_by_itself_is_refused_before_it_is_sent_and_the_thread_says_so(inbox: Inbox) -> None:
    found = await _refused(inbox)
    await _say(inbox, found)
    message_id = await inbox.value("SELECT id FROM messages WHERE direction = 'out' ORDER BY position DESC LIMIT 1")
    async with inbox.db.tx(inbox.system) as tx:
        assert (await inbox.conversations.deliverable(tx, message_id)).refusal == "unreachable"
    inbox.provider.outcomes.append(PermanentFailure("meta", "unreachable"))  # what the sender makes of it
    assert await inbox.deliver(found) == 1
    assert [note["reason"] for note in await inbox.notices("not_sent")] == ["unreachable", "unreachable"]


async def test_a_person_hears_it_before_sending_and_may_still_try(inbox: Inbox) -> None:
    found = await _refused(inbox)
    seller = inbox.shop.act("seller")
    for _ in range(2):  # Discord hands the same command over twice
        with pytest.raises(Conflict, match=r"conversation\.unreachable"):
            await inbox.conversations.reply(seller, found.id, Outgoing("¿me lees?"))
    assert await inbox.said() == ["Hello."]
    assert (await inbox.conversation(found.id)).state.value == "bot"
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("¿me lees?"))
    assert await inbox.deliver(found) == len(inbox.provider.sent) > 0
    with pytest.raises(Conflict, match=r"conversation\.unreachable"):  # another person has not heard it yet
        await inbox.conversations.reply(inbox.shop.act("owner"), found.id, Outgoing("¿hola?"))


async def test_who_read_it_in_the_form_sends_at_once(inbox: Inbox) -> None:
    found = await _refused(inbox)
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("¿me lees?"), is_warned=True)
    assert (await inbox.said())[-1].endswith("¿me lees?")


async def test_a_reaction_is_said_first_like_a_reply_once_for_both(inbox: Inbox) -> None:
    found = await _refused(inbox)
    conversations, first, again = inbox.conversations, inbox.shop.act("seller"), inbox.shop.act("seller")
    target = await conversations.last_of_contact(first, found.id)
    for _ in range(2):  # Discord hands the same command over twice
        with pytest.raises(Conflict, match=r"conversation\.unreachable"):
            await conversations.put_reaction(first, target.id, "👍")
    assert await inbox.value("SELECT count(*) FROM messages WHERE kind = 'reaction'") == 0
    await conversations.put_reaction(again, target.id, "👍")
    await conversations.put_reaction(again, target.id, "👍")
    assert await inbox.value("SELECT count(*) FROM messages WHERE kind = 'reaction'") == 1
    await conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("¿me lees?"))  # heard with the reaction
    with pytest.raises(Conflict, match=r"conversation\.unreachable"):
        await conversations.put_reaction(inbox.shop.act("owner"), target.id, "👍")


async def test_a_reaction_that_cannot_be_sent_warns_of_nothing(inbox: Inbox) -> None:
    found = await _refused(inbox)
    target = await inbox.conversations.last_of_contact(inbox.shop.act("seller"), found.id)
    with pytest.raises(Conflict, match=r"conversation\.no_reaction"):
        await inbox.conversations.put_reaction(inbox.shop.act("seller"), target.id, "")
    with pytest.raises(Conflict, match=r"conversation\.unreachable"):
        await inbox.conversations.put_reaction(inbox.shop.act("seller"), target.id, "👍")


async def test_a_message_of_theirs_ends_it(inbox: Inbox) -> None:
    found = await _refused(inbox)
    await inbox.receive("aquí estoy")
    assert not await _is_marked(inbox, found)
    assert await inbox.value("SELECT count(*) FROM contact_identifiers WHERE unreachable_at IS NOT NULL") == 0
    await inbox.answer(found, "¡Hola!")
    assert await inbox.deliver(found) == 1
    assert len(inbox.provider.sent) == 1


async def test_a_reaction_of_theirs_ends_it_too(inbox: Inbox) -> None:
    found = await _refused(inbox)
    sender = Identity({IdentifierKind.WA_ID: LEA}, "Lea")
    await inbox.receive(ReceivedReaction(sender, "wamid.react", "wamid.out.9", "👍", inbox.clock.now()))
    assert not await _is_marked(inbox, found)


@pytest.mark.parametrize("has_our_id", [True, False])
async def test_a_message_that_arrives_ends_it(inbox: Inbox, has_our_id: bool) -> None:
    found = await _refused(inbox)
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("¿me lees?"), is_warned=True)
    await inbox.deliver(found)
    assert await _is_marked(inbox, found)
    inbox.clock.advance(timedelta(minutes=1))
    last = inbox.provider.sent[-1]
    ref = f"wamid.out.{len(inbox.provider.sent)}"
    await inbox.receive(inbox.status("sent", ref, outbound_id=str(last.id) if has_our_id else ""))
    assert await _is_marked(inbox, found), "that it left says nothing"
    await inbox.receive(inbox.status("delivered", ref, outbound_id=str(last.id) if has_our_id else ""))
    assert not await _is_marked(inbox, found)


async def test_an_older_arrival_told_late_does_not_end_it(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    await inbox.deliver(found)
    early = inbox.clock.now()
    inbox.clock.advance(timedelta(minutes=1))
    await _say(inbox, found)
    inbox.provider.outcomes.append(PermanentFailure("meta", "131026"))
    await inbox.deliver(found)
    await inbox.receive(inbox.status("delivered", "wamid.out.1", at=early))
    assert await _is_marked(inbox, found)


async def test_it_goes_along_with_the_identifier_when_two_become_one(inbox: Inbox) -> None:
    marked = await _refused(inbox)
    hidden = Identity({IdentifierKind.BSUID: BSUID}, "Lea")
    other = await inbox.receive(inbox.message("soy la de antes", sender=hidden), lane="b")
    owner = inbox.shop.act("owner")
    merge = await inbox.services.contacts.merge(owner, marked.contact_id, other.contact_id, {"why": "same name"})
    assert not await _is_marked(inbox, marked), "answers go to where they wrote from"
    await inbox.services.contacts.undo_merge(inbox.shop.act("owner"), merge.id)
    assert (await _details(inbox, marked)).contact.unreachable != {}


async def test_a_user_id_can_be_marked_as_well(inbox: Inbox) -> None:
    hidden = Identity({IdentifierKind.BSUID: BSUID}, "Lea")
    found = await inbox.receive(inbox.message("hola", sender=hidden))
    await inbox.answer(found)
    inbox.provider.outcomes.append(PermanentFailure("meta", "131026"))
    await inbox.deliver(found)
    assert await _is_marked(inbox, found)
    await inbox.receive(inbox.message("aquí", sender=hidden))
    assert not await _is_marked(inbox, found)
