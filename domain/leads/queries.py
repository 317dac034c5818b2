"""SQL of leads: one at a time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.kernel.ids import uuid7
from domain.kernel.money import Money
from domain.leads.dto import Lead, LeadEvent, Stage

MAX_NUMBER = 2**31 - 1
LEAD_COLUMNS = """
l.*, c.name AS contact_name, m.name AS owner_name, talk.number AS conversation_number, talk.thread_id,
ARRAY(SELECT i.value::bigint FROM contact_identifiers i
      WHERE i.tenant_id = l.tenant_id AND i.contact_id = l.contact_id AND i.kind = 'discord'
      ORDER BY i.last_seen_at DESC, i.value) AS discord_user_ids
"""
LEAD_TABLES = """
leads l JOIN contacts c ON c.tenant_id = l.tenant_id AND c.id = l.contact_id
LEFT JOIN members m ON m.tenant_id = l.tenant_id AND m.id = l.owner_id
LEFT JOIN LATERAL (
    SELECT v.number, p.channel_id AS thread_id FROM conversations v
    LEFT JOIN posted_cards p ON p.tenant_id = v.tenant_id AND p.kind = 'conversation.card' AND p.subject_id = v.id
    WHERE v.tenant_id = l.tenant_id AND v.contact_id = l.contact_id ORDER BY v.last_activity_at DESC LIMIT 1
) talk ON true
"""
IS_LIVE = "stage NOT IN ('won', 'lost')"
_SAME = ("id", "number", "contact_id", "contact_name", "owner_id", "owner_name", "source", "referral", "wish",
         "start_division", "target_division", "lost_reason", "created_at", "updated_at", "conversation_number",
         "thread_id")  # fmt: skip
_LATEST = f"""
SELECT id, {IS_LIVE} AS is_live, ended_at, referral FROM leads WHERE tenant_id = $1 AND contact_id = $2
ORDER BY {IS_LIVE} DESC, number DESC LIMIT 1
"""  # noqa: S608 - our own words
# The number is taken only where no live lead stands; the index has the last word.
_INSERT = f"""
INSERT INTO leads (id, tenant_id, number, contact_id, source, referral, created_at, updated_at)
SELECT $1, $2, next_number('lead'), $3, $4, $5, $6, $6
WHERE NOT EXISTS (SELECT 1 FROM leads WHERE tenant_id = $2 AND contact_id = $3 AND {IS_LIVE})
ON CONFLICT (tenant_id, contact_id) WHERE {IS_LIVE} DO NOTHING
RETURNING id
"""  # noqa: S608 - our own words
_INSERT_EVENT = """
INSERT INTO lead_events (id, tenant_id, lead_id, kind, text, details, actor_member_id, actor_label, command_key, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
"""
_EVENTS = """
SELECT kind, text, details, actor_label, at FROM lead_events WHERE tenant_id = $1 AND lead_id = $2 ORDER BY position
"""


def lead_of(row: Row) -> Lead:
    """A row as a lead."""
    quoted = None if row["quoted_minor"] is None else Money(row["quoted_minor"], row["quoted_currency"])
    same = {name: row[name] for name in _SAME}
    accounts = tuple(row["discord_user_ids"])
    return Lead(stage=Stage(row["stage"]), quoted=quoted, tags=tuple(row["tags"]), discord_user_ids=accounts, **same)


async def read(tx: Tx, ref: int | UUID) -> Lead:
    """A lead by its number or id.

    Raises:
        NotFound: `lead.unknown`; another tenant's lead is just as unknown.
    """
    return await _one(tx, ref, "")


async def lock(tx: Tx, ref: int | UUID) -> Lead:
    """The same, held until the transaction ends: the area's one lock."""
    return await _one(tx, ref, "FOR NO KEY UPDATE OF l")


async def _one(tx: Tx, ref: int | UUID, locking: str) -> Lead:
    column = "number" if isinstance(ref, int) else "id"
    row = None
    if not isinstance(ref, int) or 0 < ref <= MAX_NUMBER:
        sql = f"SELECT {LEAD_COLUMNS} FROM {LEAD_TABLES} WHERE l.tenant_id = $1 AND l.{column} = $2 {locking}"  # noqa: S608 - our own words
        row = await tx.row(sql, tx.tenant_id, ref)
    if row is None:
        raise NotFound("lead.unknown")
    return lead_of(row)


async def latest(tx: Tx, contact_id: UUID) -> Row | None:
    """A contact's live lead, else the newest: id, is_live, ended_at, referral."""
    return await tx.row(_LATEST, tx.tenant_id, contact_id)


async def live_id(tx: Tx, contact_id: UUID, other_than: UUID | None = None) -> UUID | None:
    """A contact's live lead."""
    sql = f"SELECT id FROM leads WHERE tenant_id = $1 AND contact_id = $2 AND {IS_LIVE} AND id IS DISTINCT FROM $3"  # noqa: S608 - our own words
    found: UUID | None = await tx.value(sql, tx.tenant_id, contact_id, other_than)
    return found


async def hold_numbers(tx: Tx) -> None:
    """Keep others from numbering or reopening leads until this transaction ends."""
    await tx.value("SELECT hold_number('lead')")


async def insert(tx: Tx, contact_id: UUID, source: str, referral: Mapping[str, Any], now: datetime) -> UUID | None:
    """Add a lead under the next number; None when the contact has a live one."""
    row = (uuid7(), tx.tenant_id, contact_id, source, dict(referral), now)
    found: UUID | None = await tx.value(_INSERT, *row)
    return found


async def update(tx: Tx, lead_id: UUID, changes: Mapping[str, object], now: datetime) -> None:
    """Write columns of a lead; the names are literals of this area."""
    names = "".join(f", {name} = ${place}" for place, name in enumerate(changes, start=4))
    sql = f"UPDATE leads SET updated_at = $3{names} WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - see above
    await tx.run(sql, tx.tenant_id, lead_id, now, *changes.values())


async def is_repeat(tx: Tx, lead_id: UUID, kind: str) -> bool:
    """Whether this command wrote such a row of the history already. Exact while the lead is held."""
    sql = "SELECT EXISTS (SELECT 1 FROM lead_events WHERE lead_id = $1 AND command_key = $2 AND kind = $3)"
    return bool(await tx.value(sql, lead_id, tx.actor.command_key, kind))


async def insert_event(
    tx: Tx, lead_id: UUID, kind: str, now: datetime, text: str = "", details: Mapping[str, Any] | None = None,
    *, step: str = "",
) -> bool:  # fmt: skip
    """Add a row to a lead's history; False when this command's is there. `step`: of one command's several."""
    actor = tx.actor.for_step(step) if step else tx.actor
    row = (uuid7(), tx.tenant_id, lead_id, kind, text, dict(details or {}), actor.member_id, actor.label,
           actor.command_key, now)  # fmt: skip
    return await tx.run(_INSERT_EVENT, *row) == 1


async def events(tx: Tx, lead_id: UUID) -> tuple[LeadEvent, ...]:
    """A lead's history, oldest first."""
    return tuple(LeadEvent(*row.values()) for row in await tx.rows(_EVENTS, tx.tenant_id, lead_id))


async def member(tx: Tx, member_id: UUID) -> Row | None:
    """A member's name, status, and the roles given by name."""
    sql = """SELECT name, status, ARRAY(SELECT role FROM member_roles r WHERE r.member_id = m.id) AS roles
             FROM members m WHERE tenant_id = $1 AND id = $2"""
    return await tx.row(sql, tx.tenant_id, member_id)
