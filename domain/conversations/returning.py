"""From the assistant to a person and back: who speaks is said by name, and what nobody answered is answered."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.contacts.dto import Contact
from domain.conversations.dto import WINDOW, Author, Outgoing
from domain.conversations.messages import REACTION
from domain.i18n.locales import our_locale
from domain.i18n.reader import Reader
from domain.kernel.db import Tx
from domain.tenancy.queries import tenant as read_tenant

# What answers a contact. News of orders answer nothing; the confirmation of STOP or START does.
SAID = f"""
direction = 'out' AND NOT is_history AND kind <> '{REACTION}' AND (author <> 'system' OR content ? 'is_confirmation')
"""
_SAID_LAST = f"""
SELECT position, author FROM messages WHERE conversation_id = $1 AND {SAID} ORDER BY position DESC LIMIT 1
"""  # noqa: S608 - our own words
_WROTE_LAST = """
SELECT sent_at FROM messages
WHERE conversation_id = $1 AND direction = 'in' AND position > $2 AND NOT is_history AND deleted_at IS NULL
    AND NOT content ? 'group_id'
ORDER BY position DESC LIMIT 1
"""


async def unanswered(tx: Tx, conversation_id: UUID, now: datetime) -> dict[str, object]:
    """The columns that make a turn answer what the contact wrote and nobody answered; empty: nothing waits.

    Only what is younger than a day waits: a later answer would surprise, and the window is closed.
    """
    said = await tx.row(_SAID_LAST, conversation_id)
    answered = said["position"] if said is not None else 0
    wrote_at = await tx.value(_WROTE_LAST, conversation_id, answered)
    if wrote_at is None or now - wrote_at >= WINDOW:
        return {}
    return {"answered_position": answered, "waiting_since": now, "turn_due_at": now, "turn_id": None}


async def introduced(tx: Tx, conversation_id: UUID, contact: Contact, outgoing: Outgoing) -> Outgoing:
    """A member's words, opened by their name where the assistant spoke last and the words do not say it."""
    said = await tx.row(_SAID_LAST, conversation_id)
    name = tx.actor.label
    is_said = not name or name.casefold() in outgoing.text.casefold()
    if said is None or said["author"] != Author.AGENT or is_said or not outgoing.text or outgoing.template:
        return outgoing
    tenant = await read_tenant(tx)
    read = Reader(our_locale(contact.locale, tenant.locale), tenant.zone)
    return replace(outgoing, text=f"{read('customer.speaks', member=name, shop=tenant.name)}\n{outgoing.text}")
