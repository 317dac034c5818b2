"""SQL of conversations: one conversation at a time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.contacts import queries as contacts
from domain.contacts.dto import Contact
from domain.conversations.dto import Conversation, ConversationState
from domain.conversations.messages import held_as
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.kernel.ids import uuid7

COLUMNS = "c.*, o.name AS owner_name"
TABLES = "conversations c LEFT JOIN members o ON o.tenant_id = c.tenant_id AND o.id = c.owner_id"
MAX_NUMBER = 2**31 - 1
_SAME = (
    "id", "number", "contact_id", "account_id", "owner_id", "owner_name", "human_until", "handoff_reason",
    "snoozed_until", "reply_channel_id", "last_inbound_at", "last_inbound_provider_id", "last_human_at",
    "last_activity_at", "free_entry_until", "greeted_at", "answered_position", "waiting_since", "turn_due_at",
    "turn_id", "guided", "opened_at", "closed_at",
)  # fmt: skip
OWN = ("state", *(name for name in _SAME if name != "owner_name"))  # what a conversation has of its own row
_LIVE = f"""
SELECT {COLUMNS} FROM {TABLES}
WHERE c.tenant_id = $1 AND c.contact_id = $2 AND c.account_id = $3 AND c.state <> 'closed' FOR NO KEY UPDATE OF c
"""  # noqa: S608 - our own words
# Keeps news about the message and the message itself from passing each other, as `messages.hold_provider_id` does.
_ARRIVING = f"""
WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($4, 4)))
SELECT {COLUMNS}, EXISTS (SELECT 1 FROM messages m WHERE m.account_id = $3 AND m.provider_id = $5) AS is_here,
    (SELECT to_jsonb(s) FROM agent_settings s WHERE s.tenant_id = $1) AS settings
FROM held, {TABLES}
WHERE c.tenant_id = $1 AND c.contact_id = $2 AND c.account_id = $3 AND c.state <> 'closed' FOR NO KEY UPDATE OF c
"""  # noqa: S608 - our own words
_LATEST = f"""
SELECT {COLUMNS} FROM {TABLES} WHERE c.tenant_id = $1 AND c.contact_id = $2 AND c.account_id = $3
ORDER BY c.closed_at DESC NULLS FIRST, c.number DESC LIMIT 1 FOR NO KEY UPDATE OF c
"""  # noqa: S608 - our own words
_LATEST_OF = f"""
SELECT {COLUMNS} FROM {TABLES} WHERE c.tenant_id = $1 AND c.contact_id = $2
ORDER BY c.last_activity_at DESC, c.number DESC LIMIT 1 FOR NO KEY UPDATE OF c
"""  # noqa: S608 - our own words
_INSERT = """
INSERT INTO conversations (id, tenant_id, number, contact_id, account_id, state, greeted_at, last_activity_at,
                           opened_at, closed_at)
VALUES ($1, $2, next_number('conversation'), $3, $4, $5, $6, $7, $7, $8)
"""
_INSERT_EVENT = """
INSERT INTO conversation_events (id, tenant_id, conversation_id, kind, details, actor_member_id, actor_label,
                                 command_key, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
"""


def conversation_of(row: Row) -> Conversation:
    """A row as a conversation."""
    return Conversation(state=ConversationState(row["state"]), **{name: row[name] for name in _SAME})


async def read(tx: Tx, ref: int | UUID) -> Conversation:
    """A conversation by its number or id.

    Raises:
        NotFound: `conversation.unknown`; another tenant's is just as unknown.
    """
    return conversation_of(await _one(tx, ref, ""))


async def lock(tx: Tx, ref: int | UUID) -> tuple[Conversation, Row]:
    """The same, held until the transaction ends; use `changes.hold`."""
    row = await _one(tx, ref, "FOR NO KEY UPDATE OF c")
    return conversation_of(row), row


async def _one(tx: Tx, ref: int | UUID, locking: str) -> Row:
    column = "number" if isinstance(ref, int) else "id"
    row = None
    if not isinstance(ref, int) or 0 < ref <= MAX_NUMBER:
        sql = f"SELECT {COLUMNS} FROM {TABLES} WHERE c.tenant_id = $1 AND c.{column} = $2 {locking}"  # noqa: S608 - our own words
        row = await tx.row(sql, tx.tenant_id, ref)
    if row is None:
        raise NotFound("conversation.unknown", conversation=ref if isinstance(ref, int) else "")
    return row


async def lock_live(tx: Tx, contact_id: UUID, account_id: UUID) -> Row | None:
    """The live conversation of a contact on a number, held; None when there is none."""
    return await tx.row(_LIVE, tx.tenant_id, contact_id, account_id)


async def lock_arriving(tx: Tx, contact_id: UUID, account_id: UUID, provider_id: str) -> Row | None:
    """What a message finds: the live conversation, held, whether the message is here already, and the settings.

    The provider's id is held, too, where there is a live conversation.
    """
    return await tx.row(_ARRIVING, tx.tenant_id, contact_id, account_id, held_as(account_id, provider_id), provider_id)


async def lock_latest(tx: Tx, contact_id: UUID, account_id: UUID) -> Row | None:
    """The live one, else the one that was closed last, held."""
    return await tx.row(_LATEST, tx.tenant_id, contact_id, account_id)


async def lock_latest_of(tx: Tx, contact_id: UUID) -> Row | None:
    """The contact's conversation, on any number, in which something happened last; held."""
    return await tx.row(_LATEST_OF, tx.tenant_id, contact_id)


async def hold_opening(tx: Tx, contact_id: UUID, account_id: UUID) -> None:
    """Keep others from opening a conversation of this contact on this number; taken before any row."""
    await tx.value("SELECT pg_advisory_xact_lock(hashtextextended($1, 3))", f"{contact_id}:{account_id}")


async def insert(
    tx: Tx, contact_id: UUID, account_id: UUID, state: str, greeted_at: datetime | None, opened_at: datetime,
    closed_at: datetime | None = None,
) -> UUID:  # fmt: skip
    """Open a conversation under the next number."""
    new_id = uuid7()
    await tx.run(_INSERT, new_id, tx.tenant_id, contact_id, account_id, state, greeted_at, opened_at, closed_at)
    return new_id


async def change(tx: Tx, conversation_id: UUID, changes: Mapping[str, object]) -> None:
    """Set columns of a conversation that is held."""
    names = ", ".join(f"{name} = ${place}" for place, name in enumerate(changes, start=3))
    # The names are literals of this area, never a person's words.
    sql = f"UPDATE conversations SET {names} WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - see above
    await tx.run(sql, tx.tenant_id, conversation_id, *changes.values())


def changed(before: Conversation, changes: Mapping[str, object]) -> Conversation:
    """What a held conversation is after `change`, without reading it again."""
    known: dict[str, Any] = {name: value for name, value in changes.items() if name in _SAME}
    return replace(before, state=ConversationState(str(changes.get("state", before.state))), **known)


async def contact(tx: Tx, contact_id: UUID) -> Contact:
    """Who a conversation is with."""
    return await contacts.read(tx, contact_id)


async def is_repeat(tx: Tx, conversation_id: UUID) -> bool:
    """Whether this command has changed the conversation already. Exact while it is held."""
    sql = "SELECT EXISTS (SELECT 1 FROM conversation_events WHERE conversation_id = $1 AND command_key = $2)"
    return bool(await tx.value(sql, conversation_id, tx.actor.command_key))


async def insert_event(
    tx: Tx, conversation_id: UUID, kind: str, details: Mapping[str, object], at: datetime, key: str | None = None
) -> bool:
    """Add a row to the conversation's history, one per command and kind; False when it is there already."""
    actor = tx.actor
    values = (kind, dict(details), actor.member_id, actor.label, key or actor.command_key, at)
    return await tx.run(_INSERT_EVENT, uuid7(), tx.tenant_id, conversation_id, *values) == 1
