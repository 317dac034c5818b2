"""One person writes to two of the shop's numbers: what happens in both conversations at once shows the same cards."""

import asyncio
from collections.abc import Awaitable

import pytest

from domain.channels.dto import NewMetaAccount
from domain.conversations.dto import Conversation, Outgoing
from domain.outbox.kinds import Kind
from domain.tenancy.dto import Purpose
from tests.fixtures.inbox import TRACE, Inbox

ROUNDS_COUNT = 12
_SHOWN = "INSERT INTO posted_cards (tenant_id, kind, subject_id, channel_id, message_id) VALUES ($1, $2, $3, $4, $4)"
_SENT = "UPDATE outbound_messages SET state = 'sent' WHERE channel = 'discord' AND state = 'queued'"


async def _two(inbox: Inbox, number: int) -> tuple[Conversation, Conversation]:
    """A new person's conversations on both numbers, each with its thread."""
    wa_id = f"3460077{number:04}"
    first = await inbox.receive(inbox.message("hola", wa_id=wa_id), lane=wa_id)
    accounts = await inbox.services.channels.accounts(inbox.shop.act("owner"))
    other = next(found.id for found in accounts if found.id != inbox.account_id)
    await inbox.store(inbox.message("hola", wa_id=wa_id), lane=wa_id, account_id=other)
    await inbox.services.intake.take_lane(inbox.tenant_id, other, wa_id, f"take:{number}")
    second = await inbox.latest()
    assert first.id != second.id
    async with inbox.db.tx(inbox.system) as tx:
        for place, found in enumerate((first, second)):
            args = (Kind.CONVERSATION_CARD.value, found.id, 10**6 * (number + 1) + place)
            await tx.run(_SHOWN, inbox.tenant_id, *args)
        await tx.run(_SENT)  # no refresh waits
    return first, second


@pytest.fixture
async def two_numbers(inbox: Inbox) -> Inbox:
    """A shop with a second number, and a forum for its conversations."""
    owner = inbox.shop.act("owner")
    await inbox.services.tenancy.bind_channel(owner, Purpose.CONVERSATIONS, 77)
    await inbox.services.channels.add_meta(owner, NewMetaAccount("1066", "token", "secret", "verify", app="app-1066"))
    return inbox


async def _all(*work: Awaitable[object]) -> None:
    await asyncio.gather(*work)


async def test_replies_in_both_conversations_of_a_person_never_wait_for_each_other(two_numbers: Inbox) -> None:
    inbox = two_numbers
    for number in range(ROUNDS_COUNT):
        first, second = await _two(inbox, number)
        await _all(
            inbox.conversations.reply(inbox.shop.act("seller"), first.id, Outgoing("voy")),
            inbox.conversations.reply(inbox.shop.act("owner"), second.id, Outgoing("voy")),
            inbox.services.contacts.link_discord(inbox.shop.act("owner"), first.contact_id, 1000 + number),
        )


async def test_takeovers_of_both_conversations_of_a_person_never_wait_for_each_other(two_numbers: Inbox) -> None:
    inbox = two_numbers
    for number in range(ROUNDS_COUNT):
        first, second = await _two(inbox, number)
        for found in (first, second):
            await inbox.answer(found)
        async with inbox.db.tx(inbox.system) as tx:
            await tx.run(_SENT)
        await _all(
            inbox.conversations.take_over(inbox.shop.act("seller"), first.id),
            inbox.conversations.take_over(inbox.shop.act("owner"), second.id),
            inbox.services.contacts.link_discord(inbox.shop.act("owner"), first.contact_id, 1000 + number),
        )


async def test_answers_in_both_conversations_of_a_person_never_wait_for_each_other(two_numbers: Inbox) -> None:
    inbox = two_numbers
    for number in range(ROUNDS_COUNT):
        pair = await _two(inbox, number)
        turns = [await inbox.begin(found, f"job:{found.id}") for found in pair]
        await _all(*(inbox.conversations.commit_reply(turn, [Outgoing("Hello.")], TRACE) for turn in turns))
