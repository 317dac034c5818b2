"""What a reply asserts: money, percentages, days, hours, durations, deeds and links, with where it stands.

Each finding has one or more readings, because people write "1.234" and "03/04"; it is grounded when one reading is.
Strict on purpose: a finding too many costs the model one more try, one too few costs money.
"""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What a claim is about."""

    MONEY = "money"
    PERCENT = "percent"
    DAY = "day"
    HOUR = "hour"
    SPAN = "span"
    DEED = "deed"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Price:
    """An amount in major units; `currencies` is empty when none is named, `amount` None when it is in words."""

    amount: Decimal | None
    currencies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage or a discount; None when no figure is given ("I can make you a discount")."""

    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day as written: the month or the year may be left out."""

    day: int
    month: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, 0 is Monday."""

    number: int


@dataclass(frozen=True, slots=True)
class InDays:
    """A day counted from today: `first` to `last` days ahead ("tomorrow" is 1 to 1, "next week" 1 to 14)."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Span:
    """A duration in seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Deed:
    """Something said to be done or promised; `order` is the order number named in the same sentence."""

    action: str
    order: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An address."""

    url: str


Reading = Price | Share | CalendarDay | Weekday | InDays | time | Span | Deed | Link


@dataclass(frozen=True, slots=True)
class Claim:
    """One assertion: `text` is `reply[start:end]`."""

    kind: Kind
    text: str
    start: int
    end: int
    readings: tuple[Reading, ...]
