"""SQL of merges: what moves from one contact to another, and what is kept about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.contacts.dto import Merge
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound

_MERGE = "SELECT id, kept_id, merged_id, evidence, at, undone_at, moved FROM contact_merges WHERE tenant_id = $1"


async def kept_apart(tx: Tx, contact_id: UUID, others: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the others whom somebody has parted from this contact by undoing a merge."""
    sql = """SELECT kept_id, merged_id FROM contact_merges WHERE tenant_id = $1 AND undone_at IS NOT NULL
             AND (kept_id = $2 AND merged_id = ANY($3) OR merged_id = $2 AND kept_id = ANY($3))"""
    rows = await tx.rows(sql, tx.tenant_id, contact_id, list(others))
    return frozenset(one for row in rows for one in (row["kept_id"], row["merged_id"]) if one != contact_id)


async def oldest_first(tx: Tx, contact_ids: Sequence[UUID]) -> list[UUID]:
    """The contacts by age."""
    sql = "SELECT id FROM contacts WHERE tenant_id = $1 AND id = ANY($2) ORDER BY created_at, id"
    return [row["id"] for row in await tx.rows(sql, tx.tenant_id, list(contact_ids))]


async def fields(tx: Tx, contact_id: UUID) -> dict[str, object]:
    """The columns that a merge carries over."""
    sql = """SELECT name, locale, opted_out_at, blocked_at, blocked_by FROM contacts
             WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE"""
    row = await tx.row(sql, tx.tenant_id, contact_id)
    assert row is not None, "only contacts that exist are merged"
    return dict(row)


async def move_identifiers(tx: Tx, kept_id: UUID, merged_id: UUID) -> list[list[str]]:
    """Give the identifiers of one contact to another; kind and value of each."""
    sql = """UPDATE contact_identifiers SET contact_id = $2 WHERE tenant_id = $1 AND contact_id = $3
             RETURNING kind, value"""
    return [[row["kind"], row["value"]] for row in await tx.rows(sql, tx.tenant_id, kept_id, merged_id)]


async def move_identifiers_back(tx: Tx, kept_id: UUID, merged_id: UUID, moved: Sequence[Sequence[str]]) -> None:
    """Give identifiers back, where they are still with the kept contact."""
    sql = """UPDATE contact_identifiers i SET contact_id = $3 FROM unnest($4::text[], $5::text[]) AS back (kind, value)
             WHERE i.tenant_id = $1 AND i.contact_id = $2 AND i.kind = back.kind AND i.value = back.value"""
    await tx.run(sql, tx.tenant_id, kept_id, merged_id, [one[0] for one in moved], [one[1] for one in moved])


async def insert_merge(
    tx: Tx, merge_id: UUID, kept_id: UUID, merged_id: UUID, evidence: dict[str, object], moved: dict[str, object],
    now: datetime,
) -> None:  # fmt: skip
    """Keep what was merged, why, and what moved."""
    sql = """INSERT INTO contact_merges (id, tenant_id, kept_id, merged_id, evidence, moved, actor_label, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
    await tx.run(sql, merge_id, tx.tenant_id, kept_id, merged_id, evidence, moved, tx.actor.label, now)


async def end_merge(tx: Tx, merge_id: UUID, now: datetime) -> None:
    """Mark a merge as undone."""
    await tx.run(
        "UPDATE contact_merges SET undone_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant_id, merge_id, now
    )


async def read_merge(tx: Tx, merge_id: UUID) -> tuple[Merge, dict[str, Any]]:
    """A merge and what it moved.

    Raises:
        NotFound: `contact.merge_unknown`.
    """
    row = await tx.row(f"{_MERGE} AND id = $2", tx.tenant_id, merge_id)
    if row is None:
        raise NotFound("contact.merge_unknown")
    return _merge_of(row), row["moved"]


async def merge_between(tx: Tx, one_id: UUID, other_id: UUID) -> Merge | None:
    """The standing merge that took one of the two away, the newest first."""
    sql = f"{_MERGE} AND undone_at IS NULL AND merged_id IN ($2, $3) ORDER BY at DESC, id DESC LIMIT 1"
    row = await tx.row(sql, tx.tenant_id, one_id, other_id)
    return _merge_of(row) if row else None


async def merges_of(tx: Tx, contact_id: UUID) -> tuple[Merge, ...]:
    """Merges a contact took part in, the newest first."""
    sql = f"{_MERGE} AND (kept_id = $2 OR merged_id = $2) ORDER BY at DESC, id DESC LIMIT 25"
    return tuple(_merge_of(row) for row in await tx.rows(sql, tx.tenant_id, contact_id))


def _merge_of(row: Row) -> Merge:
    return Merge(**{name: value for name, value in row.items() if name != "moved"})
