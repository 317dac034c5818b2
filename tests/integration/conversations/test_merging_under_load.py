"""Merges and their undoing while statuses come in, outcomes are noted, people write and staff answer."""

import asyncio
import random
from collections.abc import Sequence

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.dto import Author, Conversation, Outgoing
from domain.conversations.inbound import MarketingChoice, StatusUpdate
from tests.fixtures.inbox import Inbox

PEOPLE_COUNT, ROUNDS_COUNT, SAID_COUNT, LANES_COUNT = 6, 6, 5, 2


async def _say(inbox: Inbox, found: Conversation, count: int = 1) -> None:
    async with inbox.db.tx(inbox.system) as tx:
        for _ in range(count):
            await inbox.conversations.say(tx, found.id, Outgoing("hola"), Author.SYSTEM, "orders")


async def _pair(inbox: Inbox, number: int) -> tuple[Conversation, Conversation]:
    """Two contacts who may be one person, each with a conversation and messages that left."""
    known = await inbox.receive(inbox.message("hola", wa_id=f"3460022{number:04}"), lane=f"a{number}")
    hidden = Identity({IdentifierKind.BSUID: f"US.1349{number}"}, "Lea")
    other = await inbox.receive(inbox.message("soy yo", sender=hidden), lane=f"b{number}")
    for found in (known, other):
        await _say(inbox, found, SAID_COUNT)
        assert await inbox.deliver(found) == SAID_COUNT
    return known, other


async def _merge_and_part(inbox: Inbox, pair: tuple[Conversation, Conversation]) -> None:
    contacts, (kept, merged) = inbox.services.contacts, pair
    for _ in range(ROUNDS_COUNT):
        found = await contacts.merge(inbox.shop.act("owner"), kept.contact_id, merged.contact_id, {"why": "same"})
        await asyncio.sleep(0)
        await contacts.undo_merge(inbox.shop.act("owner"), found.id)


async def _told(inbox: Inbox, pairs: Sequence[tuple[Conversation, Conversation]], seed: int) -> None:
    """The provider tells of what was sent to some of them, in an order of its own; of a person always in one lane."""
    ids = [found.id for pair in pairs[seed::LANES_COUNT] for found in pair]
    sql = """SELECT id, provider_ref FROM outbound_messages
             WHERE channel = 'whatsapp' AND provider_ref IS NOT NULL AND conversation_id = ANY($1)"""
    rows = list(await inbox.rows(sql, ids))
    for status in ("delivered", "read", "failed"):
        random.Random(seed).shuffle(rows)
        errors = ({"code": 131026, "title": "Undeliverable"},) if status == "failed" else ()
        told = [inbox.status(status, row["provider_ref"], errors=errors, outbound_id=str(row["id"])) for row in rows]
        await inbox.store(*told, lane=f"status:{seed}", kind="status")
        await inbox.take(f"status:{seed}")


async def _talk(inbox: Inbox, pairs: Sequence[tuple[Conversation, Conversation]], number: int) -> None:
    """A person writes, and hears something, all the while."""
    known, _ = pairs[number]
    for _ in range(ROUNDS_COUNT):
        await inbox.store(inbox.message("¿y?", wa_id=f"3460022{number:04}"), lane=f"a{number}")
        await inbox.take(f"a{number}")
        await _say(inbox, known)
        await inbox.deliver(known)
        await inbox.conversations.reply(inbox.shop.act("seller"), known.id, Outgoing("voy"), is_warned=True)
        await inbox.conversations.give_back(inbox.shop.act("seller"), known.id)


async def test_no_merge_is_refused_because_of_what_goes_on_beside_it(inbox: Inbox) -> None:
    pairs = [await _pair(inbox, number) for number in range(PEOPLE_COUNT)]
    await asyncio.gather(
        *(_merge_and_part(inbox, pair) for pair in pairs),
        *(_told(inbox, pairs, seed) for seed in range(LANES_COUNT)),
        *(_talk(inbox, pairs, number) for number in range(PEOPLE_COUNT)),
    )
    assert await inbox.value("SELECT count(*) FROM contacts WHERE merged_into IS NOT NULL") == 0
    assert await inbox.value("SELECT count(*) FROM contact_merges") == PEOPLE_COUNT * ROUNDS_COUNT
    assert await inbox.value("SELECT count(*) FROM inbound_events WHERE state IN ('new', 'failed')") == 0


async def test_statuses_that_show_two_to_be_one_merge_them_beside_each_other(inbox: Inbox) -> None:
    pairs = [await _pair(inbox, number) for number in range(PEOPLE_COUNT)]
    for number in range(PEOPLE_COUNT):
        lane, told = f"status:{number}", await _of(inbox, pairs[number])
        both = {IdentifierKind.WA_ID: f"3460022{number:04}", IdentifierKind.BSUID: f"US.1349{number}"}
        await inbox.store(*told, lane=lane, kind="status")
        choice = MarketingChoice(Identity(both, "Lea"), wants_marketing=False, at=inbox.clock.now())
        await inbox.store(choice, lane=lane, kind="status")
    await asyncio.gather(*(inbox.take(f"status:{number}") for number in range(PEOPLE_COUNT)))
    assert await inbox.value("SELECT count(*) FROM contact_merges") == PEOPLE_COUNT
    assert await inbox.value("SELECT count(*) FROM messages WHERE state = 'read'") == PEOPLE_COUNT * SAID_COUNT * 2


async def _of(inbox: Inbox, pair: tuple[Conversation, Conversation]) -> list[StatusUpdate]:
    sql = "SELECT id, provider_ref FROM outbound_messages WHERE channel = 'whatsapp' AND conversation_id = ANY($1)"
    rows = await inbox.rows(sql, [found.id for found in pair])
    return [inbox.status("read", row["provider_ref"], outbound_id=str(row["id"])) for row in rows]
