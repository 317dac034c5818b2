"""SQL of contacts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.contacts.dto import Contact, IdentifierKind, Merge
from domain.contacts.identifiers import Identifier
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.kernel.ids import uuid7

_LOCK_MERGING = "SELECT pg_advisory_xact_lock{}(hashtextextended('contact-merging:' || $1::uuid::text, 0))"
# In one order for everybody, or two who want the same two wait for each other.
_LOCK_KEYS = """
SELECT pg_advisory_xact_lock(wanted.key) FROM (
    SELECT DISTINCT hashtextextended('contact:' || $1::uuid::text || ':' || word, 0) AS key
    FROM unnest($2::text[]) AS word ORDER BY key OFFSET 0
) wanted
"""
_MATCHING = """
SELECT match_key, kind, value, contact_id FROM contact_identifiers WHERE tenant_id = $1 AND match_key = ANY($2)
ORDER BY last_seen_at DESC, kind, value
"""
# Only a username moves, to whoever shows it now; everything else stays where it is.
_SEEN = """
INSERT INTO contact_identifiers AS i
    (tenant_id, kind, value, match_key, contact_id, first_seen_at, last_seen_at)
SELECT $1, seen.kind, seen.value, seen.match_key, $2, $3, $3
FROM unnest($4::text[], $5::text[], $6::text[]) AS seen (kind, value, match_key)
ON CONFLICT (tenant_id, kind, value) DO """
_BUMP = """UPDATE SET last_seen_at = greatest(i.last_seen_at, excluded.last_seen_at),
    contact_id = CASE WHEN i.kind = 'username' THEN excluded.contact_id ELSE i.contact_id END
"""
_LIVING = """
WITH RECURSIVE path AS (
    SELECT id, merged_into, 0 AS depth FROM contacts WHERE tenant_id = $1 AND id = $2
    UNION ALL
    SELECT c.id, c.merged_into, path.depth + 1 FROM path
    JOIN contacts c ON c.tenant_id = $1 AND c.id = path.merged_into
)
SELECT id FROM path ORDER BY depth DESC LIMIT 1
"""
COLUMNS = ("id", "name", "locale", "opted_out_at", "blocked_at", "created_at")
# Of the contact `c`, the one seen last first.
IDENTIFIERS = """
(SELECT coalesce(jsonb_agg(jsonb_build_array(i.kind, i.value, i.match_key, i.unreachable_at)
                           ORDER BY i.last_seen_at DESC, i.kind, i.value), '[]')
 FROM contact_identifiers i WHERE i.tenant_id = c.tenant_id AND i.contact_id = c.id)"""
_CONTACT = f"""
SELECT {", ".join(f"c.{name}" for name in COLUMNS)}, {IDENTIFIERS} AS identifiers
FROM contacts c WHERE c.tenant_id = $1 AND c.id = $2
"""  # noqa: S608 - our own words
_KNOWN = """
WITH matched AS (
    SELECT DISTINCT i.contact_id FROM unnest($2::text[]) AS seen (key)
    JOIN contact_identifiers i ON i.tenant_id = $1 AND i.match_key = seen.key
)
SELECT c.id, c.name, c.locale, c.opted_out_at, c.blocked_at, c.created_at, i.identifiers, i.seen_at,
    (SELECT count(*) FROM matched) AS matched_count
FROM matched JOIN contacts c ON c.tenant_id = $1 AND c.id = matched.contact_id AND c.merged_into IS NULL
CROSS JOIN LATERAL (
    SELECT min(last_seen_at) FILTER (WHERE kind <> 'discord') AS seen_at,
        jsonb_agg(jsonb_build_array(kind, value, match_key, unreachable_at)
                  ORDER BY last_seen_at DESC, kind, value) AS identifiers
    FROM contact_identifiers WHERE tenant_id = $1 AND contact_id = c.id) i
LIMIT 1
"""
# Whoever holds the identifier is its person writing, or a merge: nobody waits for them because of a mark.
_MARK = """
UPDATE contact_identifiers i SET unreachable_at = greatest(i.unreachable_at, $4), unreachable_why = $5 FROM (
    SELECT kind, value FROM contact_identifiers WHERE tenant_id = $1 AND contact_id = $2 AND match_key = ANY($3)
    FOR NO KEY UPDATE SKIP LOCKED
) found WHERE i.tenant_id = $1 AND i.kind = found.kind AND i.value = found.value
"""
_UNMARK = """
UPDATE contact_identifiers i SET unreachable_at = NULL, unreachable_why = NULL FROM (
    SELECT kind, value FROM contact_identifiers
    WHERE tenant_id = $1 AND contact_id = $2 AND match_key = ANY($3)
        AND unreachable_at < $4::timestamptz + interval '1 s'
    FOR NO KEY UPDATE SKIP LOCKED
) found WHERE i.tenant_id = $1 AND i.kind = found.kind AND i.value = found.value
"""
_CONSENT = """
INSERT INTO contact_consents (id, tenant_id, contact_id, kind, words, provider_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""


async def begin_recognising(tx: Tx) -> None:
    """Hold off merging in this tenant until the transaction ends, or until `leave_recognising`."""
    hold = _LOCK_MERGING.format("_shared").replace("$1", f"'{UUID(int=tx.tenant_id.int)}'")
    await tx.run(f"SAVEPOINT known; {hold}")


async def leave_recognising(tx: Tx) -> None:
    """Let others merge again."""
    await tx.run("ROLLBACK TO SAVEPOINT known")


async def known(tx: Tx, seen: Sequence[Identifier], since: datetime) -> Contact | None:
    """The contact that goes by these identifiers and no others, all of them seen since then; None: look closer.

    A Discord account is what staff tied to them: no message shows it.
    """
    row = await tx.row(_KNOWN, tx.tenant_id, [one.match_key for one in seen])
    if row is None or row["matched_count"] != 1 or row["seen_at"] < since:
        return None
    shown = {(kind, value) for kind, value, *_ in row["identifiers"] if kind != IdentifierKind.DISCORD}
    if shown != {(one.kind.value, one.value) for one in seen}:
        return None
    return contact_of({name: value for name, value in row.items() if name not in ("seen_at", "matched_count")})


async def lock_merging(tx: Tx, *, is_shared: bool) -> None:
    """Hold off merging in this tenant until the transaction ends; not shared: also everybody who recognises people."""
    await tx.value(_LOCK_MERGING.format("_shared" if is_shared else ""), tx.tenant_id)


async def lock_keys(tx: Tx, keys: Sequence[str]) -> None:
    """Hold the keys until the transaction ends; whoever writes under one of them at the same moment waits."""
    await tx.rows(_LOCK_KEYS, tx.tenant_id, list(keys))


async def matching(tx: Tx, keys: Sequence[str]) -> Sequence[Row]:
    """Identifiers known under these keys, the one seen last first."""
    return await tx.rows(_MATCHING, tx.tenant_id, list(keys))


async def insert(tx: Tx, name: str, now: datetime) -> UUID:
    """Add a contact; its id."""
    contact_id = uuid7()
    sql = "INSERT INTO contacts (id, tenant_id, name, created_at) VALUES ($1, $2, $3, $4)"
    await tx.run(sql, contact_id, tx.tenant_id, name, now)
    return contact_id


async def see(
    tx: Tx, contact_id: UUID, identifiers: Sequence[Identifier], now: datetime, *, is_past: bool = False
) -> None:
    """Note that a contact is seen under these identifiers; past ones are only added where they are unknown."""
    if not identifiers:
        return
    columns = [[one.kind.value for one in identifiers], [one.value for one in identifiers],
               [one.match_key for one in identifiers]]  # fmt: skip
    await tx.run(_SEEN + ("NOTHING" if is_past else _BUMP), tx.tenant_id, contact_id, now, *columns)


async def rename(tx: Tx, contact_id: UUID, name: str) -> None:
    """Keep the name a person gives themselves now; none given: the old one stays."""
    if name:
        sql = "UPDATE contacts SET name = $3 WHERE tenant_id = $1 AND id = $2 AND name <> $3"
        await tx.run(sql, tx.tenant_id, contact_id, name)


async def living(tx: Tx, contact_id: UUID) -> UUID:
    """The contact that stands for this one now: itself, or the one it was merged into.

    Raises:
        NotFound: `contact.unknown`; another tenant's contact is just as unknown.
    """
    found: UUID | None = await tx.value(_LIVING, tx.tenant_id, contact_id)
    if found is None:
        raise NotFound("contact.unknown")
    return found


async def read(tx: Tx, contact_id: UUID) -> Contact:
    """A contact by its own id.

    Raises:
        NotFound: `contact.unknown`.
    """
    row = await tx.row(_CONTACT, tx.tenant_id, contact_id)
    if row is None:
        raise NotFound("contact.unknown")
    return contact_of(row)


def contact_of(row: Row) -> Contact:
    """A row of `COLUMNS` and `identifiers` as a contact."""
    found: dict[IdentifierKind, tuple[str, ...]] = {}
    marked: dict[str, datetime] = {}
    for kind, value, key, unreachable_at in row["identifiers"]:
        found[IdentifierKind(kind)] = (*found.get(IdentifierKind(kind), ()), value)
        if unreachable_at is not None:
            marked[key] = datetime.fromisoformat(unreachable_at)
    return Contact(**{**row, "identifiers": found, "unreachable": marked})


async def set_fields(tx: Tx, contact_id: UUID, values: dict[str, object]) -> None:
    """Write columns of a contact; the names are literals of this area."""
    names = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, start=3))
    sql = f"UPDATE contacts SET {names} WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - see above
    await tx.run(sql, tx.tenant_id, contact_id, *values.values())


async def mark_unreachable(tx: Tx, contact_id: UUID, keys: Sequence[str], at: datetime, why: str) -> bool:
    """Note that a message of that instant reached nobody under these keys; whether the contact goes by any of them."""
    return await tx.run(_MARK, tx.tenant_id, contact_id, list(keys), at, why[:300]) > 0


async def clear_unreachable(tx: Tx, contact_id: UUID, keys: Sequence[str], at: datetime) -> bool:
    """Somebody there wrote or received something at that instant (in whole seconds): forget what was noted before."""
    return await tx.run(_UNMARK, tx.tenant_id, contact_id, list(keys), at) > 0


async def insert_consent(tx: Tx, contact_id: UUID, kind: str, words: str, provider_id: str, now: datetime) -> bool:
    """Keep what a person asked for; False when this very message is kept already."""
    row = (uuid7(), tx.tenant_id, contact_id, kind, words, provider_id, now)
    return await tx.run(_CONSENT, *row) == 1


async def blocked_attempt_count(tx: Tx, contact_id: UUID) -> int:
    """How many messages of a contact came while it was blocked."""
    sql = "SELECT count(*) FROM contact_consents WHERE tenant_id = $1 AND contact_id = $2 AND kind = 'blocked'"
    found: int = await tx.value(sql, tx.tenant_id, contact_id)
    return found


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


_MERGE = "SELECT id, kept_id, merged_id, evidence, at, undone_at, moved FROM contact_merges WHERE tenant_id = $1"


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


async def set_blocked(tx: Tx, contact_id: UUID, at: datetime | None, by: UUID | None) -> bool:
    """Block or unblock a contact; False when it is so already."""
    sql = """UPDATE contacts SET blocked_at = $3, blocked_by = $4
             WHERE tenant_id = $1 AND id = $2 AND (blocked_at IS NULL) <> ($3::timestamptz IS NULL)"""
    return await tx.run(sql, tx.tenant_id, contact_id, at, by) == 1
