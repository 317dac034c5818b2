"""From the assistant to a person and back: who speaks is said by name, and what nobody answered is answered."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.contacts.dto import Contact
from domain.conversations.asking_again import WAITS_SINCE
from domain.conversations.dto import INTRODUCES, WINDOW, Author, Outgoing
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
SELECT position, author, sent_at FROM messages WHERE conversation_id = $1 AND {SAID} ORDER BY position DESC LIMIT 1
"""  # noqa: S608 - our own words
# Whose name the contact knows: words without a name, and what is said by itself, say nobody's.
_READ_LAST = f"""
SELECT author, author_member_id, content ->> '{INTRODUCES}' AS introduced FROM messages
WHERE conversation_id = $1 AND direction = 'out' AND NOT is_history AND kind NOT IN ('{REACTION}', 'template')
    AND body <> '' AND (author <> 'system' OR content ? '{INTRODUCES}')
ORDER BY position DESC LIMIT 1
"""  # noqa: S608 - our own words
_WROTE_LAST = """
SELECT sent_at FROM messages
WHERE conversation_id = $1 AND direction = 'in' AND position > $2 AND NOT is_history AND deleted_at IS NULL
    AND NOT content ? 'group_id'
ORDER BY position DESC LIMIT 1
"""
_CHANGED = WAITS_SINCE.format(conversation_id="$1", said_at="$2::timestamptz")


async def unanswered(tx: Tx, conversation_id: UUID, now: datetime) -> dict[str, object]:
    """The columns that make a turn answer what the contact wrote and nobody answered; empty: nothing waits.

    Only what is younger than a day waits: a later answer would surprise, and the window is closed.
    """
    said = await tx.row(_SAID_LAST, conversation_id)
    answered, said_at = (said["position"], said["sent_at"]) if said is not None else (0, None)
    changed_at = await tx.value(_CHANGED, conversation_id, max(said_at or now - WINDOW, now - WINDOW))
    wrote_at = await tx.value(_WROTE_LAST, conversation_id, answered)
    if changed_at is None and (wrote_at is None or now - wrote_at >= WINDOW):
        return {}
    since = min(now, changed_at or now)  # what was changed waits since then: see `asking_again`
    return {"answered_position": answered, "waiting_since": since, "turn_due_at": now, "turn_id": None}


async def introduced(tx: Tx, conversation_id: UUID, contact: Contact, outgoing: Outgoing) -> Outgoing:
    """A member's words, opened by their name where somebody else spoke last and the words do not say it."""
    is_said = tx.actor.label.casefold() in outgoing.text.casefold()
    if is_said or not outgoing.text or outgoing.template or not await _is_somebody_else(tx, conversation_id):
        return outgoing
    return replace(outgoing, text=f"{await _named(tx, contact, 'speaks')}\n{outgoing.text}")


async def announcement(tx: Tx, conversation_id: UUID, contact: Contact) -> Outgoing | None:
    """What a contact reads when a member takes over; None where they know already, or nobody has spoken to them."""
    if not tx.actor.label or not await _is_somebody_else(tx, conversation_id):
        return None
    return Outgoing(await _named(tx, contact, "taken_over"))


async def _is_somebody_else(tx: Tx, conversation_id: UUID) -> bool:
    """Whether the contact last read the words of the assistant, or of another member."""
    last, member_id = await tx.row(_READ_LAST, conversation_id), tx.actor.member_id
    if last is None or last["author"] == Author.PHONE:
        return False
    if last["author"] == Author.MEMBER:
        return bool(last["author_member_id"] != member_id)
    return bool(last["author"] == Author.AGENT or last["introduced"] != str(member_id))


async def _named(tx: Tx, contact: Contact, key: str) -> str:
    tenant = await read_tenant(tx)
    read = Reader(our_locale(contact.locale, tenant.locale), tenant.zone)
    return read(f"customer.{key}", member=tx.actor.label, shop=tenant.name)
