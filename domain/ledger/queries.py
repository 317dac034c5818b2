"""SQL of the ledger."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from domain.kernel.db import Row, Tx
from domain.kernel.ids import uuid7
from domain.ledger.dto import AccountRef, Entry, EntryKind

_ENTRY = "id, seq, kind, subject_id, currency, business_on, reverses_id, reason, recorded_at"
# Never before the last entry's day: clocks of two machines differ, and a cutoff may be moved.
_OPEN_DAY = """
WITH earliest AS (
    SELECT greatest($2::date, (SELECT business_on FROM journal_entries WHERE tenant_id = $1
                               ORDER BY seq DESC LIMIT 1)) AS day
)
SELECT earliest.day + ahead FROM earliest, generate_series(0, 1000) AS ahead
WHERE NOT EXISTS (SELECT 1 FROM closed_days
                  WHERE tenant_id = $1 AND business_on = earliest.day + ahead)
ORDER BY ahead LIMIT 1
"""
_INSERT_ENTRY = f"""
INSERT INTO journal_entries (id, tenant_id, seq, kind, subject_id, currency, business_on, reverses_id, reason,
                             command_key, actor_member_id, actor_label, recorded_at)
VALUES ($1, $2, next_number('journal'), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
RETURNING {_ENTRY}
"""  # noqa: S608 - a constant list of columns
_ADD_ACCOUNTS = """
INSERT INTO ledger_accounts (id, tenant_id, kind, reference, currency)
SELECT id, $1, kind, reference, $5 FROM unnest($2::uuid[], $3::text[], $4::text[]) AS wanted (id, kind, reference)
ON CONFLICT (tenant_id, kind, reference, currency) DO NOTHING
"""
_ADD_POSTINGS = """
INSERT INTO postings (tenant_id, entry_id, line, account_id, currency, amount_minor)
SELECT $1, $2, line, a.id, $3, amount
FROM unnest($4::text[], $5::text[], $6::bigint[]) WITH ORDINALITY AS wanted (kind, reference, amount, line)
JOIN ledger_accounts a
    ON a.tenant_id = $1 AND a.kind = wanted.kind AND a.reference = wanted.reference AND a.currency = $3
"""
_POSTINGS = """
SELECT a.kind, a.reference, p.amount_minor FROM postings p JOIN ledger_accounts a ON a.id = p.account_id
WHERE p.tenant_id = $1 AND p.entry_id = $2 ORDER BY p.line
"""
_BALANCES = """
SELECT kind, reference, currency, balance_minor FROM ledger_accounts WHERE tenant_id = $1
ORDER BY kind, reference, currency
"""
_SUBJECT_TOTALS = """
SELECT a.kind, sum(p.amount_minor)::bigint AS total
FROM journal_entries e JOIN postings p ON p.entry_id = e.id JOIN ledger_accounts a ON a.id = p.account_id
WHERE e.tenant_id = $1 AND e.subject_id = $2 GROUP BY a.kind
"""
_STANDING = f"""
SELECT {_ENTRY} FROM journal_entries e
WHERE tenant_id = $1 AND subject_id = $2 AND kind <> 'reversal'
    AND NOT EXISTS (SELECT 1 FROM journal_entries r WHERE r.reverses_id = e.id)
ORDER BY seq
"""  # noqa: S608 - a constant list of columns
_STANDING_PAY = """
SELECT e.kind, -sum(p.amount_minor)::bigint AS total
FROM journal_entries e JOIN postings p ON p.entry_id = e.id JOIN ledger_accounts a ON a.id = p.account_id
WHERE e.tenant_id = $1 AND e.subject_id = $2 AND e.kind <> 'reversal' AND a.kind = 'booster_payable'
    AND NOT EXISTS (SELECT 1 FROM journal_entries r WHERE r.reverses_id = e.id)
GROUP BY e.kind
"""


async def hold_journal(tx: Tx) -> None:
    """Wait for whoever is posting, then keep others waiting until this transaction ends."""
    await tx.value("SELECT hold_number('journal')")


async def open_day(tx: Tx, day: date) -> date:
    """`day`, or the first after it that is not closed. Exact only while the journal is held."""
    found: date = await tx.value(_OPEN_DAY, tx.tenant_id, day)
    return found


async def entry_by_key(tx: Tx, key: str) -> Entry | None:
    """The entry a command made, if it made one."""
    sql = f"SELECT {_ENTRY} FROM journal_entries WHERE tenant_id = $1 AND command_key = $2"  # noqa: S608 - constant columns
    row = await tx.row(sql, tx.tenant_id, key)
    return entry_of(row) if row else None


async def entry_by_id(tx: Tx, entry_id: UUID) -> tuple[Entry, bool] | None:
    """An entry, and whether a later one takes it back."""
    sql = f"""SELECT {_ENTRY}, EXISTS (SELECT 1 FROM journal_entries r WHERE r.reverses_id = e.id) AS is_reversed
              FROM journal_entries e WHERE tenant_id = $1 AND id = $2"""  # noqa: S608 - constant columns
    row = await tx.row(sql, tx.tenant_id, entry_id)
    return (entry_of(row), row["is_reversed"]) if row else None


async def insert_entry(
    tx: Tx, kind: EntryKind, subject_id: UUID, currency: str, day: date, reverses_id: UUID | None,
    reason: str, key: str, recorded_at: object,
) -> Entry:  # fmt: skip
    """Add the head of an entry under the journal's next number."""
    actor = tx.actor
    row = await tx.row(_INSERT_ENTRY, uuid7(), tx.tenant_id, kind.value, subject_id, currency, day, reverses_id,
                       reason, key, actor.member_id, actor.label, recorded_at)  # fmt: skip
    assert row is not None
    return entry_of(row)


async def insert_postings(tx: Tx, entry: Entry, postings: Sequence[tuple[AccountRef, int]]) -> None:
    """Add an entry's lines, and the accounts that are new."""
    kinds = [account.kind.value for account, _ in postings]
    references = [account.reference for account, _ in postings]
    amounts = [amount for _, amount in postings]
    await tx.run(_ADD_ACCOUNTS, tx.tenant_id, [uuid7() for _ in postings], kinds, references, entry.currency)
    await tx.run(_ADD_POSTINGS, tx.tenant_id, entry.id, entry.currency, kinds, references, amounts)


async def postings_of(tx: Tx, entry_id: UUID) -> Sequence[Row]:
    """Kind, reference and amount of an entry's lines."""
    return await tx.rows(_POSTINGS, tx.tenant_id, entry_id)


async def balances(tx: Tx) -> Sequence[Row]:
    """Every account and its balance."""
    return await tx.rows(_BALANCES, tx.tenant_id)


async def subject_totals(tx: Tx, subject_id: UUID) -> dict[str, int]:
    """What all entries of an order or run moved, by kind of account; reversals cancel what they reverse."""
    rows = await tx.rows(_SUBJECT_TOTALS, tx.tenant_id, subject_id)
    return {row["kind"]: row["total"] for row in rows}


async def standing_entries(tx: Tx, subject_id: UUID) -> tuple[Entry, ...]:
    """The entries of an order or run that nobody has reversed, in order."""
    return tuple(entry_of(row) for row in await tx.rows(_STANDING, tx.tenant_id, subject_id))


async def standing_totals(tx: Tx, subject_id: UUID) -> dict[str, int]:
    """What the standing entries of an order gave its booster, by kind of entry."""
    rows = await tx.rows(_STANDING_PAY, tx.tenant_id, subject_id)
    return {row["kind"]: row["total"] for row in rows}


def entry_of(row: Row) -> Entry:
    """A row as an entry."""
    return Entry(
        row["id"], row["seq"], EntryKind(row["kind"]), row["subject_id"], row["currency"], row["business_on"],
        row["reverses_id"], row["reason"], row["recorded_at"],
    )  # fmt: skip
