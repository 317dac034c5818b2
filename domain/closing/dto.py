"""What closing returns."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel.money import Money

DAY_S = 86_400


class LineKind(StrEnum):
    """What a line of the report is."""

    COMPLETION = "completion"  # an order finished, with its adjustments and fines of the day
    ADJUSTMENT = "adjustment"  # moved later, or partial pay of an abandoned order
    REVERSAL = "reversal"  # an order reopened: negative figures
    POT = "pot"  # a month's pot given back


@dataclass(frozen=True, slots=True)
class Figures:
    """Accrual figures; `price = pay + margin + pot` always.

    Attributes:
        price: What customers pay (gross sales in a total).
        pay: What boosters earn.
        margin: What the company keeps (net in a total).
        pot: What the month's pot receives.
    """

    price: Money
    pay: Money
    margin: Money
    pot: Money

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.price + other.price, self.pay + other.pay, self.margin + other.margin, self.pot + other.pot)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One order (or movement) of the day; text fields are None where they do not apply."""

    kind: LineKind
    order_code: int | None
    booster_name: str | None
    start_division: str | None
    final_division: str | None
    win_rate_bp: int | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A day in one row: for the comparison and the chart."""

    day: date
    figures: Figures
    order_count: int


@dataclass(frozen=True, slots=True)
class DayReport:
    """A business day: live (X), or as it was closed (Z).

    Attributes:
        day: The business day.
        shop: The shop's name.
        currency: Of every amount.
        lines: In journal order.
        totals: The sum of the lines.
        order_count: Completions among the lines.
        reversal_count: Reversals among the lines.
        abandon_count: Orders abandoned that day.
        average_duration_s: Mean time from claim to completion; None without a completion.
        paid_out: Cash paid by payroll that day (not part of the totals, which are earned figures).
        owed: What boosters are owed at `taken_at`, over all days.
        month: The calendar month of the day, e.g. 2026-11.
        month_pot: What its pot holds at `taken_at`.
        previous: The seven business days before, oldest first; days before the shop existed are left out.
        taken_at: When the figures were read.
        hash: sha256 over day, lines, totals and counts; Close is bound to it.
        closed_number: The Z number when the day is closed already.
    """

    day: date
    shop: str
    currency: str
    lines: tuple[ReportLine, ...]
    totals: Figures
    order_count: int
    reversal_count: int
    abandon_count: int
    average_duration_s: int | None
    paid_out: Money
    owed: Money
    month: str
    month_pot: Money
    previous: tuple[DayFigures, ...]
    taken_at: datetime
    hash: str
    closed_number: int | None

    @property
    def average_days(self) -> Decimal | None:
        """Mean days from claim to completion, one decimal."""
        if self.average_duration_s is None:
            return None
        return (Decimal(self.average_duration_s) / DAY_S).quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def average(self) -> DayFigures | None:
        """The mean of the previous days, half a minor unit rounded up; None when there is none."""
        if not self.previous:
            return None
        count = len(self.previous)

        def mean(part: str) -> Money:
            total = sum(getattr(day.figures, part).minor for day in self.previous)
            return Money(int((Decimal(total) / count).to_integral_value(ROUND_HALF_UP)), self.currency)

        orders = Decimal(sum(day.order_count for day in self.previous)) / count
        figures = Figures(mean("price"), mean("pay"), mean("margin"), mean("pot"))
        return DayFigures(self.previous[0].day, figures, int(orders.to_integral_value(ROUND_HALF_UP)))


@dataclass(frozen=True, slots=True)
class DayClose:
    """A Z: numbered without gaps, immutable, chained to the one before by hash (hex).

    `journal_from` and `journal_to` are the journal numbers it covers; None on a day without entries.
    """

    number: int
    business_on: date
    report: DayReport
    journal_from: int | None
    journal_to: int | None
    closed_by: UUID | None
    closed_by_label: str
    closed_at: datetime
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """One thing that does not fit: the Z number and a word: number, link, hash, range, journal, totals."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class CloseCheck:
    """What verifying a tenant's Z reports found."""

    close_count: int
    breaks: tuple[ChainBreak, ...]

    @property
    def is_whole(self) -> bool:
        """Every Z is what it was, and equals the journal."""
        return not self.breaks
