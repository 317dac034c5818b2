"""SQL of contacts."""

from datetime import datetime
from uuid import UUID

from domain.contacts.dto import Contact, IdentifierKind
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.kernel.ids import uuid7

LOCK_MERGING = "SELECT pg_advisory_xact_lock{}(hashtextextended('contact-merging:' || $1::uuid::text, 0))"
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
_CONSENT = """
INSERT INTO contact_consents (id, tenant_id, contact_id, kind, words, provider_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""


async def lock_merging(tx: Tx, *, is_shared: bool) -> None:
    """Hold off merging in this tenant until the transaction ends; not shared: also everybody who recognises people."""
    await tx.value(LOCK_MERGING.format("_shared" if is_shared else ""), tx.tenant_id)


async def insert(tx: Tx, name: str, now: datetime) -> UUID:
    """Add a contact; its id."""
    contact_id = uuid7()
    sql = "INSERT INTO contacts (id, tenant_id, name, created_at) VALUES ($1, $2, $3, $4)"
    await tx.run(sql, contact_id, tx.tenant_id, name, now)
    return contact_id


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


async def insert_consent(tx: Tx, contact_id: UUID, kind: str, words: str, provider_id: str, now: datetime) -> bool:
    """Keep what a person asked for; False when this very message is kept already."""
    row = (uuid7(), tx.tenant_id, contact_id, kind, words, provider_id, now)
    return await tx.run(_CONSENT, *row) == 1


async def blocked_attempt_count(tx: Tx, contact_id: UUID) -> int:
    """How many messages of a contact came while it was blocked."""
    sql = "SELECT count(*) FROM contact_consents WHERE tenant_id = $1 AND contact_id = $2 AND kind = 'blocked'"
    found: int = await tx.value(sql, tx.tenant_id, contact_id)
    return found


async def set_blocked(tx: Tx, contact_id: UUID, at: datetime | None, by: UUID | None) -> bool:
    """Block or unblock a contact; False when it is so already."""
    sql = """UPDATE contacts SET blocked_at = $3, blocked_by = $4
             WHERE tenant_id = $1 AND id = $2 AND (blocked_at IS NULL) <> ($3::timestamptz IS NULL)"""
    return await tx.run(sql, tx.tenant_id, contact_id, at, by) == 1
