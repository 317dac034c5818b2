"""SQL of payroll: unpaid lines, runs and their lines."""

from collections.abc import Sequence
from uuid import UUID

from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.kernel.money import Money
from domain.kernel.pages import Page
from domain.payroll.dto import Dispute, PayLine, PayrollRun, RunState
from domain.payroll.policy import News, Owed

PAGE_SIZE = 10
MAX_NUMBER = 2**31 - 1  # a number typed by a person may be anything

# Amounts are the journal's own, read again each time; a credit on the payable is owed to the booster.
_OWED = """
CROSS JOIN LATERAL (
    SELECT -sum(p.amount_minor)::bigint AS amount_minor
    FROM postings p JOIN ledger_accounts a ON a.id = p.account_id
    WHERE p.entry_id = e.id
      AND a.tenant_id = $1 AND a.kind = 'booster_payable' AND a.reference = m.id::text
) owed
"""
_UNPAID = f"""
SELECT m.id AS member_id, m.name, e.id AS entry_id, e.kind, e.reason, e.currency, owed.amount_minor,
       o.id AS order_id, o.code, coalesce(o.final_division, o.target_division) AS division
FROM unpaid_earnings u
JOIN members m ON m.id = u.member_id
JOIN journal_entries e ON e.id = u.entry_id
{_OWED}
LEFT JOIN orders o ON o.id = e.subject_id
WHERE u.tenant_id = $1
"""  # noqa: S608 - composed of this module's own constants
_NOT_IN_A_RUN = """
  AND NOT EXISTS (SELECT 1 FROM payroll_lines l
                  WHERE l.entry_id = u.entry_id AND l.member_id = u.member_id AND l.is_live)
"""
_IN_ORDER = " ORDER BY lower(m.name), m.id, e.seq"
_RUN_LINES = f"""
SELECT m.id AS member_id, m.name, e.id AS entry_id, e.kind, e.reason, e.currency, owed.amount_minor,
       l.order_id, o.code, l.division
FROM payroll_lines l
JOIN members m ON m.id = l.member_id
JOIN journal_entries e ON e.id = l.entry_id
{_OWED}
LEFT JOIN orders o ON o.id = l.order_id
WHERE l.tenant_id = $1 AND l.run_id = $2
"""  # noqa: S608 - composed of this module's own constants
_RUN = """
SELECT r.*, a.name AS approved_by_name, p.name AS paid_by_name,
       (SELECT count(*) FROM payroll_disputes d WHERE d.run_id = r.id) AS disputed_count
FROM payroll_runs r JOIN members a ON a.id = r.approved_by LEFT JOIN members p ON p.id = r.paid_by
WHERE r.tenant_id = $1
"""
_NEWS = f"""
SELECT e.id, e.kind, e.subject_id, e.reverses_id
FROM unpaid_earnings u JOIN journal_entries e ON e.id = u.entry_id
WHERE u.tenant_id = $1 AND u.member_id IN (SELECT member_id FROM payroll_lines WHERE run_id = $2)
{_NOT_IN_A_RUN}
"""  # noqa: S608 - composed of this module's own constants
_LAST_PAID = """
SELECT r.id FROM payroll_runs r
WHERE r.tenant_id = $1 AND r.state IN ('paid', 'locked')
  AND EXISTS (SELECT 1 FROM payroll_lines l WHERE l.run_id = r.id AND l.member_id = $2)
ORDER BY r.number DESC LIMIT 1
"""
_PAID_TO = """
SELECT sum(amount_minor)::bigint FROM payroll_lines WHERE tenant_id = $1 AND run_id = $2 AND member_id = $3
"""
_DISPUTES = """
SELECT d.member_id, m.name, d.text, d.raised_at FROM payroll_disputes d JOIN members m ON m.id = d.member_id
WHERE d.tenant_id = $1 AND d.run_id = $2 ORDER BY d.raised_at, d.id
"""


async def waiting(tx: Tx) -> list[Owed]:
    """Every unpaid line that no live run holds, by booster's name and then journal order."""
    return [_owed(row) for row in await tx.rows(_UNPAID + _NOT_IN_A_RUN + _IN_ORDER, tx.tenant_id)]


async def unpaid_of(tx: Tx, member_id: UUID) -> tuple[PayLine, ...]:
    """One member's unpaid lines in journal order, those of an approved run included."""
    rows = await tx.rows(_UNPAID + " AND u.member_id = $2" + _IN_ORDER, tx.tenant_id, member_id)
    return tuple(_owed(row)[2] for row in rows)


async def lines_of(tx: Tx, run_id: UUID, member_id: UUID | None = None) -> list[Owed]:
    """A run's lines with the journal's amounts; of one member, where given."""
    if member_id is None:
        rows = await tx.rows(_RUN_LINES + _IN_ORDER, tx.tenant_id, run_id)
    else:
        rows = await tx.rows(_RUN_LINES + " AND l.member_id = $3" + _IN_ORDER, tx.tenant_id, run_id, member_id)
    return [_owed(row) for row in rows]


async def news(tx: Tx, run_id: UUID) -> list[News]:
    """What moved the payables of a run's boosters and is in no live run: all that came after its approval."""
    rows = await tx.rows(_NEWS, tx.tenant_id, run_id)
    return [News(row["id"], row["kind"], row["subject_id"], row["reverses_id"]) for row in rows]


async def run(tx: Tx, ref: int | UUID) -> PayrollRun:
    """A run by number or id. Raises `NotFound` `payroll.unknown_run`."""
    row = None
    if isinstance(ref, UUID):
        row = await tx.row(f"{_RUN} AND r.id = $2", tx.tenant_id, ref)
    elif 0 < ref <= MAX_NUMBER:
        row = await tx.row(f"{_RUN} AND r.number = $2", tx.tenant_id, ref)
    if row is None:
        raise NotFound("payroll.unknown_run")
    return _run(row)


async def lock_run(tx: Tx, run_id: UUID) -> PayrollRun:
    """A run, its row locked until the transaction ends."""
    await tx.run("SELECT 1 FROM payroll_runs WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant_id, run_id)
    return await run(tx, run_id)


async def run_where(tx: Tx, condition: str, *args: object) -> PayrollRun | None:
    """The newest run for which a condition of this area's own text (from `$2` on) holds."""
    row = await tx.row(f"{_RUN} AND {condition} ORDER BY r.number DESC LIMIT 1", tx.tenant_id, *args)
    return None if row is None else _run(row)


async def page(tx: Tx, number: int) -> Page[PayrollRun]:
    """Runs, newest first; a page past the end is empty."""
    number = min(max(1, number), MAX_NUMBER)
    count = await tx.value("SELECT count(*) FROM payroll_runs WHERE tenant_id = $1", tx.tenant_id)
    rows = await tx.rows(
        f"{_RUN} ORDER BY r.number DESC LIMIT $2 OFFSET $3", tx.tenant_id, PAGE_SIZE, (number - 1) * PAGE_SIZE
    )
    return Page(tuple(_run(row) for row in rows), number, count, PAGE_SIZE)


async def last_paid_run(tx: Tx, member_id: UUID) -> PayrollRun | None:
    """The last run that paid the member."""
    run_id = await tx.value(_LAST_PAID, tx.tenant_id, member_id)
    return None if run_id is None else await run(tx, run_id)


async def paid_to(tx: Tx, run: PayrollRun, member_id: UUID) -> Money:
    """What a run pays a member, who has a line in it."""
    return Money(await tx.value(_PAID_TO, tx.tenant_id, run.id, member_id), run.total.currency)


async def disputes(tx: Tx, run_id: UUID) -> tuple[Dispute, ...]:
    """What was disputed about a run, oldest first."""
    rows: Sequence[Row] = await tx.rows(_DISPUTES, tx.tenant_id, run_id)
    return tuple(Dispute(row["member_id"], row["name"], row["text"], row["raised_at"]) for row in rows)


def _owed(row: Row) -> Owed:
    line = PayLine(
        row["entry_id"], row["kind"], Money(row["amount_minor"], row["currency"]), row["order_id"], row["code"],
        row["division"], row["reason"],
    )  # fmt: skip
    return row["member_id"], row["name"], line


def _run(row: Row) -> PayrollRun:
    return PayrollRun(
        id=row["id"],
        number=row["number"],
        state=RunState(row["state"]),
        preview_hash=row["preview_hash"],
        total=Money(row["total_minor"], row["currency"]),
        member_count=row["member_count"],
        order_count=row["order_count"],
        approved_by=row["approved_by"],
        approved_by_name=row["approved_by_name"],
        approved_at=row["approved_at"],
        paid_by=row["paid_by"],
        paid_by_name=row["paid_by_name"],
        paid_at=row["paid_at"],
        locked_at=row["locked_at"],
        disputed_count=row["disputed_count"],
    )
