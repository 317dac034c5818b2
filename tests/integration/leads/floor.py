"""A shop's sales floor: people write, leads come."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.contacts.dto import Contact
from domain.contacts.ports import Mover
from domain.kernel.ids import uuid7
from domain.leads.dto import Lead
from domain.leads.moving import LeadMover
from domain.leads.service import LeadService
from domain.orders.moving import OrderMover
from tests.integration.contacts.people import Door

_ACCOUNT = """
INSERT INTO channel_accounts (id, tenant_id, provider, app, phone_number_id, access_token_sealed, app_secret_sealed,
                              verify_token_sealed, created_at)
VALUES ($1, $2, 'meta', 'shop', '1065', '', '', '', $3)
"""
_CONVERSATION = """
INSERT INTO conversations (id, tenant_id, number, contact_id, account_id, last_activity_at, opened_at)
VALUES ($1, $2, next_number('conversation'), $3, $4, $5, $5)
"""
_CARD = """
INSERT INTO posted_cards (tenant_id, kind, subject_id, channel_id, message_id)
VALUES ($1, 'conversation.card', $2, $3, 1)
"""


@dataclass(frozen=True)
class Floor:
    """Leads of one shop."""

    door: Door
    leads: LeadService

    @classmethod
    def of(cls, door: Door) -> "Floor":
        """The floor behind a door, whose merges move leads and orders."""
        movers: list[Mover] = [LeadMover(door.clock), OrderMover()]
        with_movers = Door.of(door.shop, door.db, door.clock, movers)
        return cls(with_movers, LeadService(door.db, door.clock))

    async def writes(self, wa_id: str = "34600111222", name: str = "Ana", ad: Mapping[str, Any] | None = None) -> Lead:
        """Somebody writes; their lead."""
        contact = await self.door.comes(name, wa_id=wa_id)
        return await self.leads.get(self.door.shop.owner, await self.ensured(contact.id, ad))

    async def ensured(self, contact_id: UUID, ad: Mapping[str, Any] | None = None, linger_s: float = 0) -> UUID:
        """The lead of a contact, in a transaction of its own."""
        async with self.door.db.tx(self.door.worker) as tx:
            lead_id = await self.leads.ensure(tx, contact_id, "whatsapp", ad)
            await asyncio.sleep(linger_s)
            return lead_id

    async def replied(self, contact_id: UUID) -> None:
        """The shop answers."""
        async with self.door.db.tx(self.door.worker) as tx:
            await self.leads.replied(tx, contact_id)

    async def order_posted(self, contact_id: UUID) -> None:
        """An order is posted for the person."""
        async with self.door.db.tx(self.door.worker) as tx:
            await self.leads.order_posted(tx, contact_id)

    async def talks(self, contact: Contact, thread_id: int) -> None:
        """The person has a conversation with a thread."""
        account_id, conversation_id, now = uuid7(), uuid7(), self.door.clock.now()
        async with self.door.db.tx(self.door.worker) as tx:
            await tx.run(_ACCOUNT, account_id, tx.tenant_id, now)
            await tx.run(_CONVERSATION, conversation_id, tx.tenant_id, contact.id, account_id, now)
            await tx.run(_CARD, tx.tenant_id, conversation_id, thread_id)

    async def count(self, sql: str, *args: object) -> int:
        """One number from the database."""
        return int(await self.door.value(sql, *args))

    async def everything(self) -> list[str]:
        """A fingerprint of every table a command could change."""
        sql = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
        tables = ("leads", "lead_events", "outbound_messages", "audit_log", "counters", "contacts", "orders")
        return [await self.door.value(sql.format(table)) for table in tables]
