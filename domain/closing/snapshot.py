"""A day report as JSON, and back: what a Z keeps for ever. Amounts are minor units."""

from datetime import date, datetime
from typing import Any

from domain.closing.dto import DayFigures, DayReport, Figures, LineKind, ReportLine
from domain.kernel.money import Money


def bound_part(report: DayReport) -> dict[str, Any]:
    """What Close is bound to: all that the day itself says.

    What only stands beside it (owed now, the month's pot now, the days before) is not in it: with many orders
    a day, yesterday could otherwise never be closed while today is being worked.
    """
    return {
        "day": report.day.isoformat(),
        "currency": report.currency,
        "lines": [_line(line) for line in report.lines],
        "totals": _figures(report.totals),
        "order_count": report.order_count,
        "reversal_count": report.reversal_count,
        "abandon_count": report.abandon_count,
        "average_duration_s": report.average_duration_s,
        "paid_out": report.paid_out.minor,
    }


def to_json(report: DayReport) -> dict[str, Any]:
    """The whole report."""
    return bound_part(report) | {
        "shop": report.shop,
        "owed": report.owed.minor,
        "month": report.month,
        "month_pot": report.month_pot.minor,
        "previous": [_day(day) for day in report.previous],
        "taken_at": report.taken_at.isoformat(),
        "hash": report.hash,
    }


def from_json(content: dict[str, Any], closed_number: int | None) -> DayReport:
    """The report as it was."""
    currency = content["currency"]
    return DayReport(
        day=date.fromisoformat(content["day"]),
        shop=content["shop"],
        currency=currency,
        lines=tuple(_line_of(line, currency) for line in content["lines"]),
        totals=_figures_of(content["totals"], currency),
        order_count=content["order_count"],
        reversal_count=content["reversal_count"],
        abandon_count=content["abandon_count"],
        average_duration_s=content["average_duration_s"],
        paid_out=Money(content["paid_out"], currency),
        owed=Money(content["owed"], currency),
        month=content["month"],
        month_pot=Money(content["month_pot"], currency),
        previous=tuple(_day_of(day, currency) for day in content["previous"]),
        taken_at=datetime.fromisoformat(content["taken_at"]),
        hash=content["hash"],
        closed_number=closed_number,
    )


def _figures(figures: Figures) -> list[int]:
    return [figures.price.minor, figures.pay.minor, figures.margin.minor, figures.pot.minor]


def _figures_of(minors: list[int], currency: str) -> Figures:
    price, pay, margin, pot = (Money(minor, currency) for minor in minors)
    return Figures(price, pay, margin, pot)


def _line(line: ReportLine) -> dict[str, Any]:
    return {
        "kind": line.kind.value,
        "code": line.order_code,
        "booster": line.booster_name,
        "start": line.start_division,
        "final": line.final_division,
        "win_rate_bp": line.win_rate_bp,
        "figures": _figures(line.figures),
    }


def _line_of(line: dict[str, Any], currency: str) -> ReportLine:
    return ReportLine(
        LineKind(line["kind"]), line["code"], line["booster"], line["start"], line["final"], line["win_rate_bp"],
        _figures_of(line["figures"], currency),
    )  # fmt: skip


def _day(day: DayFigures) -> dict[str, Any]:
    return {"day": day.day.isoformat(), "figures": _figures(day.figures), "order_count": day.order_count}


def _day_of(day: dict[str, Any], currency: str) -> DayFigures:
    return DayFigures(date.fromisoformat(day["day"]), _figures_of(day["figures"], currency), day["order_count"])
