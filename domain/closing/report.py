"""Builds the report of a day from the journal; X and Z are the same report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.closing import policy, queries
from domain.closing.dto import DayFigures, DayReport, Figures, LineKind, ReportLine
from domain.closing.policy import Movement
from domain.closing.snapshot import bound_part
from domain.kernel.db import Row, Tx
from domain.kernel.money import Money
from domain.tenancy.dto import Tenant


@dataclass(frozen=True, slots=True)
class Built:
    """A live report, and the first and last journal number of its day."""

    report: DayReport
    journal: tuple[int | None, int | None]


async def build(tx: Tx, tenant: Tenant, day: date, taken_at: datetime) -> Built:
    """The day as the journal has it at this moment. Exact for good only while the journal is held."""
    month = f"{day:%Y-%m}"
    rows = await queries.days(tx, day - timedelta(days=policy.COMPARED_DAYS), day)
    beside = await queries.beside(tx, day, month)
    own = [row for row in rows if row["entry_id"] is not None]
    money = tenant.money
    lines = policy.lines_of(_movement(row, tenant.currency) for row in own if not row["is_cash"])
    report = DayReport(
        day=day,
        shop=tenant.name,
        currency=tenant.currency,
        lines=lines,
        totals=policy.total_of(lines, tenant.currency),
        order_count=sum(line.kind is LineKind.COMPLETION for line in lines),
        reversal_count=sum(line.kind is LineKind.REVERSAL for line in lines),
        abandon_count=beside["abandon_count"],
        average_duration_s=beside["average_duration_s"],
        paid_out=money(sum(row["paid_out"] for row in own)),
        owed=money(beside["owed"]),
        month=month,
        month_pot=money(beside["month_pot"]),
        previous=_previous(tenant, day, rows),
        taken_at=taken_at,
        hash="",
        closed_number=None,
    )
    report = replace(report, hash=policy.report_hash(bound_part(report)))
    return Built(report, (own[0]["seq"], own[-1]["seq"]) if own else (None, None))


def _previous(tenant: Tenant, day: date, rows: Sequence[Row]) -> tuple[DayFigures, ...]:
    found = {
        row["business_on"]: DayFigures(row["business_on"], _figures(row, tenant.currency), row["order_count"])
        for row in rows
        if row["entry_id"] is None
    }
    return tuple(policy.compared_days(day, tenant.day_of(tenant.created_at), found, tenant.currency))


def _movement(row: Row, currency: str) -> Movement:
    line = ReportLine(
        LineKind.ADJUSTMENT, row["code"], row["booster"], row["start_division"], row["final_division"],
        row["win_rate_bp"], _figures(row, currency),
    )  # fmt: skip
    return Movement(row["kind"], row["reversed_kind"], row["subject_id"], line)


def _figures(row: Row, currency: str) -> Figures:
    return Figures(*(Money(row[part], currency) for part in ("price", "pay", "margin", "pot")))
