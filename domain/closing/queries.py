"""SQL of closing. Every money figure of a report comes from `_moved`."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from domain.closing.dto import DayClose
from domain.closing.snapshot import from_json
from domain.kernel.db import Row, Tx
from domain.kernel.pages import Page

PAGE_SIZE = 10
MAX_NUMBER = 2**31 - 1  # a number typed by a person may be anything


def _moved(which: str) -> str:
    """One row per entry, of those that `which` wants, with what it earned.

    Entries that touch a wallet are cash (payroll, customers paying) and earn nothing. Adjustments stand on their own
    account and belong to what the company keeps. Postings are looked up entry by entry (`OFFSET 0` keeps it so): joined
    flat, the planner may read all there ever were. The accounts are hashed once and not per entry.
    """
    return f"""
SELECT business_on, id, seq, kind, subject_id, reverses_id, booster, paid_out, is_cash,
       CASE WHEN NOT is_cash THEN price ELSE 0 END AS price, CASE WHEN NOT is_cash THEN pay ELSE 0 END AS pay,
       CASE WHEN NOT is_cash THEN margin ELSE 0 END AS margin, CASE WHEN NOT is_cash THEN pot ELSE 0 END AS pot
FROM (
    SELECT p.business_on, p.id, p.seq, p.kind, p.subject_id, p.reverses_id,
           coalesce(sum(p.amount_minor) FILTER (WHERE a.kind = 'customer_receivable'), 0) AS price,
           coalesce(-sum(p.amount_minor) FILTER (WHERE a.kind = 'booster_payable'), 0) AS pay,
           coalesce(-sum(p.amount_minor) FILTER (WHERE a.kind IN ('company_income', 'adjustments')), 0) AS margin,
           coalesce(-sum(p.amount_minor) FILTER (WHERE a.kind = 'pot'), 0) AS pot,
           coalesce(-sum(p.amount_minor) FILTER (WHERE a.kind = 'wallet_net'), 0) AS paid_out,
           coalesce(bool_or(a.kind IN ('wallet_net', 'wallet_pot')), false) AS is_cash,
           max(a.reference) FILTER (WHERE a.kind = 'booster_payable') AS booster
    FROM (
        SELECT e.business_on, e.id, e.seq, e.kind, e.subject_id, e.reverses_id, line.account_id, line.amount_minor
        FROM journal_entries e CROSS JOIN LATERAL (
            SELECT account_id, amount_minor FROM postings WHERE entry_id = e.id OFFSET 0
        ) line WHERE e.tenant_id = $1 AND {which} OFFSET 0
    ) p JOIN ledger_accounts a ON a.id = p.account_id
    WHERE a.tenant_id = $1
    GROUP BY p.business_on, p.id, p.seq, p.kind, p.subject_id, p.reverses_id
) sums
"""  # noqa: S608 - our own words


# The day entry by entry, the days before it as one row each. Division and win rate are those of the completion
# an entry belongs to, from the order's history: the order itself may have been completed again since.
_DAYS = f"""
WITH moved AS ({_moved("e.business_on BETWEEN $2 AND $3")}), grouped AS (
    SELECT business_on, CASE WHEN business_on = $3 THEN id END AS entry_id, min(seq) AS seq, min(kind) AS kind,
           min(subject_id::text)::uuid AS subject_id, min(reverses_id::text)::uuid AS reverses_id,
           min(booster)::uuid AS booster_id, bool_and(is_cash) AS is_cash,
           sum(price)::bigint AS price, sum(pay)::bigint AS pay, sum(margin)::bigint AS margin,
           sum(pot)::bigint AS pot, sum(paid_out)::bigint AS paid_out,
           count(*) FILTER (WHERE kind = 'completion') AS order_count
    FROM moved GROUP BY business_on, 2
)
SELECT g.*, undone.kind AS reversed_kind, o.code, m.name AS booster, o.start_division,
       coalesce(done.details ->> 'final_division', o.final_division) AS final_division,
       coalesce((done.details ->> 'win_rate_bp')::integer, o.win_rate_bp) AS win_rate_bp
FROM grouped g
LEFT JOIN journal_entries undone ON undone.id = g.reverses_id
LEFT JOIN orders o ON o.id = g.subject_id AND g.entry_id IS NOT NULL
LEFT JOIN members m ON m.id = g.booster_id
LEFT JOIN LATERAL (
    SELECT v.details FROM order_events v
    WHERE v.order_id = o.id AND v.transition = 'complete'
      AND (v.details ->> 'entry')::bigint <= coalesce(undone.seq, g.seq)
    ORDER BY (v.details ->> 'entry')::bigint DESC LIMIT 1
) done ON true
ORDER BY g.business_on, g.seq
"""  # noqa: S608 - composed of this module's own constants
_BESIDE = """
SELECT count(*) FILTER (WHERE state = 'abandoned') AS abandon_count,
       round(avg(extract(epoch FROM finished_at - claimed_at)) FILTER (WHERE state = 'completed'))::bigint
           AS average_duration_s,
       (SELECT coalesce(-sum(balance_minor), 0)::bigint FROM ledger_accounts
        WHERE tenant_id = $1 AND kind = 'booster_payable') AS owed,
       (SELECT coalesce(-sum(balance_minor), 0)::bigint FROM ledger_accounts
        WHERE tenant_id = $1 AND kind = 'pot' AND reference = $3) AS month_pot
FROM orders WHERE tenant_id = $1 AND closed_on = $2
"""
_INSERT_CLOSE = """
INSERT INTO day_closes (tenant_id, number, business_on, journal_from, journal_to, report, closed_by, closed_by_label,
                        closed_at, previous_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
# What a Z should say about its journal, beside what it says.
_RANGES = """
SELECT c.number, c.journal_from, c.journal_to, min(e.seq) AS first_seq, max(e.seq) AS last_seq,
       count(e.seq) AS entry_count
FROM day_closes c LEFT JOIN journal_entries e ON e.tenant_id = c.tenant_id AND e.business_on = c.business_on
WHERE c.tenant_id = $1 GROUP BY c.number, c.journal_from, c.journal_to ORDER BY c.number
"""
_CLOSED_TOTALS = f"""
WITH moved AS ({_moved("e.business_on IN (SELECT business_on FROM day_closes WHERE tenant_id = $1)")})
SELECT c.number, coalesce(sum(price), 0)::bigint AS price, coalesce(sum(pay), 0)::bigint AS pay,
       coalesce(sum(margin), 0)::bigint AS margin, coalesce(sum(pot), 0)::bigint AS pot,
       coalesce(sum(paid_out), 0)::bigint AS paid_out
FROM day_closes c LEFT JOIN moved ON moved.business_on = c.business_on
WHERE c.tenant_id = $1 GROUP BY c.number
"""  # noqa: S608 - composed of this module's own constants


async def days(tx: Tx, first: date, last: date) -> Sequence[Row]:
    """Entry rows of `last` in journal order, and before them one row per day from `first` (`entry_id` None)."""
    return await tx.rows(_DAYS, tx.tenant_id, first, last)


async def beside(tx: Tx, day: date, month: str) -> Row:
    """Abandons and mean duration of the day; what boosters are owed and the month's pot at this moment."""
    row = await tx.row(_BESIDE, tx.tenant_id, day, month)
    assert row is not None
    return row


async def close_of(tx: Tx, ref: date | int) -> DayClose | None:
    """A Z by its business day or its number."""
    if isinstance(ref, int) and not 0 < ref <= MAX_NUMBER:
        return None
    column = "business_on" if isinstance(ref, date) else "number"
    row = await tx.row(f"SELECT * FROM day_closes WHERE tenant_id = $1 AND {column} = $2", tx.tenant_id, ref)  # noqa: S608 - two names of our own
    return None if row is None else close_from(row)


async def last_hash(tx: Tx) -> bytes:
    """The hash the next Z is chained to; empty before the first."""
    sql = "SELECT hash FROM day_closes WHERE tenant_id = $1 ORDER BY number DESC LIMIT 1"
    return bytes(await tx.value(sql, tx.tenant_id) or b"")


async def insert_close(
    tx: Tx, number: int, day: date, journal: tuple[int | None, int | None], report: dict[str, object],
    closed_by: UUID | None, label: str, closed_at: object, previous: bytes, own: bytes,
) -> None:  # fmt: skip
    """Close the day for the journal and keep its Z."""
    await tx.run("INSERT INTO closed_days (tenant_id, business_on) VALUES ($1, $2)", tx.tenant_id, day)
    await tx.run(_INSERT_CLOSE, tx.tenant_id, number, day, *journal, report, closed_by, label, closed_at,
                 previous, own)  # fmt: skip


async def page(tx: Tx, number: int) -> Page[DayClose]:
    """Z reports, newest first; a page past the end is empty."""
    number = min(max(1, number), MAX_NUMBER)
    count = await tx.value("SELECT count(*) FROM day_closes WHERE tenant_id = $1", tx.tenant_id)
    rows = await tx.rows(
        "SELECT * FROM day_closes WHERE tenant_id = $1 ORDER BY number DESC LIMIT $2 OFFSET $3",
        tx.tenant_id, PAGE_SIZE, (number - 1) * PAGE_SIZE,
    )  # fmt: skip
    return Page(tuple(close_from(row) for row in rows), number, count, PAGE_SIZE)


async def chain(tx: Tx) -> Sequence[Row]:
    """Every Z as it is stored, by number."""
    return await tx.rows("SELECT * FROM day_closes WHERE tenant_id = $1 ORDER BY number", tx.tenant_id)


async def ranges(tx: Tx) -> Sequence[Row]:
    """Each Z's journal range, and the first, last and number of entries its day really has."""
    return await tx.rows(_RANGES, tx.tenant_id)


async def closed_totals(tx: Tx) -> Sequence[Row]:
    """What the journal says about each closed day."""
    return await tx.rows(_CLOSED_TOTALS, tx.tenant_id)


def close_from(row: Row) -> DayClose:
    """A row as a Z."""
    return DayClose(
        number=row["number"],
        business_on=row["business_on"],
        report=from_json(row["report"], row["number"]),
        journal_from=row["journal_from"],
        journal_to=row["journal_to"],
        closed_by=row["closed_by"],
        closed_by_label=row["closed_by_label"],
        closed_at=row["closed_at"],
        previous_hash=bytes(row["previous_hash"]).hex(),
        hash=bytes(row["hash"]).hex(),
    )
