"""SQL of what people are recognised by."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.contacts.dto import Contact, IdentifierKind
from domain.contacts.identifiers import Identifier
from domain.contacts.queries import LOCK_MERGING, contact_of
from domain.kernel.db import Row, Tx

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


async def begin_recognising(tx: Tx) -> None:
    """Hold off merging in this tenant until the transaction ends, or until `leave_recognising`."""
    hold = LOCK_MERGING.format("_shared").replace("$1", f"'{UUID(int=tx.tenant_id.int)}'")
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


async def lock_keys(tx: Tx, keys: Sequence[str]) -> None:
    """Hold the keys until the transaction ends; whoever writes under one of them at the same moment waits."""
    await tx.rows(_LOCK_KEYS, tx.tenant_id, list(keys))


async def matching(tx: Tx, keys: Sequence[str]) -> Sequence[Row]:
    """Identifiers known under these keys, the one seen last first."""
    return await tx.rows(_MATCHING, tx.tenant_id, list(keys))


async def see(
    tx: Tx, contact_id: UUID, identifiers: Sequence[Identifier], now: datetime, *, is_past: bool = False
) -> None:
    """Note that a contact is seen under these identifiers; past ones are only added where they are unknown."""
    if not identifiers:
        return
    columns = [[one.kind.value for one in identifiers], [one.value for one in identifiers],
               [one.match_key for one in identifiers]]  # fmt: skip
    await tx.run(_SEEN + ("NOTHING" if is_past else _BUMP), tx.tenant_id, contact_id, now, *columns)


async def mark_unreachable(tx: Tx, contact_id: UUID, keys: Sequence[str], at: datetime, why: str) -> bool:
    """Note that a message of that instant reached nobody under these keys; whether the contact goes by any of them."""
    return await tx.run(_MARK, tx.tenant_id, contact_id, list(keys), at, why[:300]) > 0


async def clear_unreachable(tx: Tx, contact_id: UUID, keys: Sequence[str], at: datetime) -> bool:
    """Somebody there wrote or received something at that instant (in whole seconds): forget what was noted before."""
    return await tx.run(_UNMARK, tx.tenant_id, contact_id, list(keys), at) > 0
