"""The way to forget a person that the privacy page gives, tried on one who has everything."""

import re
from pathlib import Path

import asyncpg

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.inbound import MediaRef, MessageKind
from domain.orders.dto import NewOrder
from tests.fixtures.inbox import LEA, Inbox

_PAGE = Path(__file__).parents[3] / "docs" / "privacy.md"
_BSUID = "ES.13491208655302741918"
_OF_PEOPLE = (
    "contacts", "contact_identifiers", "contact_merges", "contact_consents", "conversations", "conversation_events",
    "messages", "media", "leads", "lead_events", "agent_turns", "inbound_events",
)  # fmt: skip


async def test_what_the_privacy_page_says_removes_a_person_and_nobody_else(inbox: Inbox, owner_url: str) -> None:
    await inbox.receive(inbox.message("hola", wa_id="34600999888"), lane="34600999888")
    others = await _counts(inbox)
    found = await inbox.receive("quiero subir", lane=LEA)
    await inbox.answer(found)
    await inbox.receive(inbox.message(kind=MessageKind.IMAGE, media=MediaRef("5", "image/png")), lane=LEA)
    hidden = Identity({IdentifierKind.BSUID: _BSUID}, "Lea")
    await inbox.receive(inbox.message("soy yo", sender=hidden), lane=_BSUID)
    both = Identity({IdentifierKind.WA_ID: LEA, IdentifierKind.BSUID: _BSUID}, "Lea")
    await inbox.receive(inbox.message("las dos", sender=both), lane=LEA)
    await inbox.receive("BAJA", lane=LEA)
    order = NewOrder("Lea", "E4", "D1", contact_id=found.contact_id)
    await inbox.services.orders.create(inbox.shop.act("seller"), order)
    find, forget = re.findall(r"```sql\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    operator = await asyncpg.connect(owner_url)
    row = await operator.fetchrow(find)
    assert row is not None
    assert dict(row) == {"tenant_id": inbox.tenant_id, "contact_id": found.contact_id}
    await operator.execute(forget.replace("CONTACT_ID", str(row["contact_id"])))
    await operator.close()
    assert await _counts(inbox) == others
    assert await inbox.value("SELECT count(*) FROM orders WHERE contact_id IS NULL") == 1


async def _counts(inbox: Inbox) -> dict[str, int]:
    return {table: await inbox.value(f"SELECT count(*) FROM {table}") for table in _OF_PEOPLE}
