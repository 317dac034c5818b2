"""Whoever takes a conversation over has its lead, too; a person's first reply is the shop's first word."""

import asyncio
from typing import Any

import pytest

from domain.conversations.dto import Outgoing
from domain.leads.dto import Lead, Stage
from tests.fixtures.inbox import Inbox


async def _lead(inbox: Inbox) -> Lead:
    found: Lead = await inbox.services.leads.get(inbox.shop.owner, 1)
    return found


async def _history(inbox: Inbox, kind: str) -> list[tuple[str, Any]]:
    events = await inbox.services.leads.events(inbox.shop.owner, 1)
    return [(event.actor_label, event.details) for event in events if event.kind == kind]


async def _cards(inbox: Inbox) -> int:
    return int(await inbox.value("SELECT count(*) FROM outbound_messages WHERE kind = 'lead.card'"))


async def test_taking_over_gives_the_unowned_lead_to_the_person_and_contacts_nobody(inbox: Inbox) -> None:
    found, seller = await inbox.receive("hola"), inbox.shop.act("seller")
    await inbox.value("UPDATE outbound_messages SET state = 'sent' WHERE kind = 'lead.card' RETURNING 1")
    before = await _cards(inbox)
    await inbox.conversations.take_over(seller, found.id)
    await inbox.conversations.take_over(seller, found.id)
    lead = await _lead(inbox)
    assert (lead.owner_id, lead.stage) == (seller.member_id, Stage.NEW)
    assert await _history(inbox, "owner") == [("Seller", {"from": "", "to": "Seller"})]
    assert await _cards(inbox) == before + 1


async def test_the_first_reply_contacts_the_lead_and_gives_it_to_who_answered(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Hola"))
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("¿Qué tal?"))
    lead = await _lead(inbox)
    assert (lead.owner_id, lead.stage) == (inbox.shop.people["seller"].member_id, Stage.CONTACTED)
    assert [details for _, details in await _history(inbox, "stage")] == [{"from": "new", "to": "contacted"}]
    assert len(await _history(inbox, "owner")) == 1


async def test_an_owner_is_not_overwritten(inbox: Inbox) -> None:
    found, admin = await inbox.receive("hola"), inbox.shop.people["admin"]
    await inbox.services.leads.assign(inbox.shop.act("owner"), 1, admin.member_id, admin.roles)
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await inbox.conversations.reply(inbox.shop.act("dispatcher"), found.id, Outgoing("Hola"))
    assert (await _lead(inbox)).owner_id == admin.member_id
    assert len(await _history(inbox, "owner")) == 1


async def test_who_helps_out_in_somebody_elses_conversation_does_not_get_the_lead(inbox: Inbox) -> None:
    found, admin = await inbox.receive("hola"), inbox.shop.people["admin"]
    await inbox.conversations.assign(inbox.shop.act("owner"), found.id, admin.member_id)
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Hola"))
    lead = await _lead(inbox)
    assert (lead.owner_id, lead.stage) == (None, Stage.CONTACTED)
    await inbox.conversations.take_over(inbox.shop.act("admin"), found.id)
    assert (await _lead(inbox)).owner_id == admin.member_id


async def test_a_lead_that_ended_stays_as_it_ended(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.services.leads.set_stage(inbox.shop.act("owner"), 1, Stage.LOST, "spam")
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Hola"))
    lead = await _lead(inbox)
    assert (lead.owner_id, lead.stage) == (None, Stage.LOST)


@pytest.mark.parametrize("again", range(5))
async def test_of_many_who_take_over_at_once_the_conversations_owner_has_the_lead(inbox: Inbox, again: int) -> None:
    del again
    found = await inbox.receive("hola")
    people = ("seller", "dispatcher", "admin", "owner")
    await asyncio.gather(
        *(inbox.conversations.take_over(inbox.shop.act(name), found.id) for name in people),
        inbox.services.leads.update_wish(inbox.shop.act("owner"), found.contact_id, "to gold"),
        inbox.services.leads.set_stage(inbox.shop.act("owner"), 1, Stage.INTERESTED),
    )
    lead = await _lead(inbox)
    assert lead.owner_id == (await inbox.conversation(found.id)).owner_id is not None
    assert len(await _history(inbox, "owner")) == 1
