"""Pure rules of closing: which journal entries make a line, what hashes cover."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from domain.closing.dto import DayFigures, Figures, LineKind, ReportLine
from domain.kernel.money import Money

COMPARED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Movement:
    """One journal entry of the day with what it earned, and the order and booster it is about."""

    kind: str
    reversed_kind: str | None
    subject_id: UUID
    line: ReportLine


def nothing(currency: str) -> Figures:
    """Figures of zero."""
    zero = Money(0, currency)
    return Figures(zero, zero, zero, zero)


def total_of(lines: Iterable[ReportLine], currency: str) -> Figures:
    """The sum of lines, the only way a total is made."""
    return sum((line.figures for line in lines), nothing(currency))


def lines_of(movements: Iterable[Movement]) -> tuple[ReportLine, ...]:
    """Fold the day's entries, in journal order, into lines.

    A completion and what was adjusted or fined after it on the same day are one line; reopening is a negative
    line of its own; completing again is a new line.
    """
    lines: list[ReportLine] = []
    place_of: dict[tuple[UUID, LineKind], int] = {}
    for movement in movements:
        kind = _kind_of(movement)
        at = place_of.get((movement.subject_id, kind))
        if kind is LineKind.ADJUSTMENT:
            at = place_of.get((movement.subject_id, LineKind.COMPLETION), at)
        if kind is LineKind.COMPLETION or at is None:
            if kind is LineKind.COMPLETION:
                place_of.pop((movement.subject_id, LineKind.REVERSAL), None)
            if kind is LineKind.REVERSAL:
                place_of.pop((movement.subject_id, LineKind.COMPLETION), None)
            place_of[movement.subject_id, kind] = len(lines)
            lines.append(replace(movement.line, kind=kind))
        else:
            lines[at] = replace(lines[at], figures=lines[at].figures + movement.line.figures)
    return tuple(lines)


def _kind_of(movement: Movement) -> LineKind:
    match movement.kind, movement.reversed_kind:
        case "completion", _:
            return LineKind.COMPLETION
        case (("pot_settlement" | "pot_dissolution"), _):
            return LineKind.POT
        case "reversal", ("pot_settlement" | "pot_dissolution"):
            return LineKind.POT
        case "reversal", _:
            return LineKind.REVERSAL
    return LineKind.ADJUSTMENT


def compared_days(day: date, founded_on: date, found: Mapping[date, DayFigures], currency: str) -> Sequence[DayFigures]:
    """The seven days before, oldest first; quiet days count as zero, days before the shop began are left out."""
    first = min((founded_on, *found))
    days = (day - timedelta(days=back) for back in range(COMPARED_DAYS, 0, -1))
    return [found.get(one, DayFigures(one, nothing(currency), 0)) for one in days if one >= first]


def canonical(content: Mapping[str, Any]) -> bytes:
    """JSON with one spelling: sorted keys, no spaces; only words, whole numbers, booleans and nulls."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def report_hash(content: Mapping[str, Any]) -> str:
    """What Close is bound to, hex."""
    return sha256(canonical(content)).hexdigest()


def close_hash(
    previous: bytes, number: int, business_on: date, journal_from: int | None, journal_to: int | None,
    report: Mapping[str, Any], closed_by: UUID | None, closed_by_label: str, closed_at: datetime,
) -> bytes:  # fmt: skip
    """The link of the chain: sha256 over the hash before and everything the Z says."""
    content = {
        "number": number,
        "business_on": business_on.isoformat(),
        "journal_from": journal_from,
        "journal_to": journal_to,
        "report": report,
        "closed_by": None if closed_by is None else str(closed_by),
        "closed_by_label": closed_by_label,
        "closed_at": closed_at.isoformat(),
    }
    return sha256(previous + canonical(content)).digest()
