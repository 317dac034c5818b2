"""Which claims of a reply nothing in this turn supports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from agent.gates.claims import CalendarDay, Claim, Deed, InDays, Link, Price, Reading, Share, Span, Weekday
from agent.gates.finding import find_claims
from agent.gates.hygiene import is_allowed
from domain.kernel.money import Money

DONE = "done"
HAND_OFF = "handed_off"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tools of one turn returned; what the client said is no fact about prices, days or deeds.

    Attributes:
        prices: Amounts, exactly those a tool returned: sums and differences are no facts.
        percents: Percentages and discounts (17.5 is 17.5 %).
        instants: Aware instants; they are read in `zone` and give days and hours.
        days: Days without an hour.
        times: Hours without a day: opening hours.
        spans: Durations.
        deeds: Receipts of this turn's writes, by action ("lead_updated", "handed_off", "booked", ...).
        orders: What was read of orders: number -> actions true of it ("paid", "started", "completed", "cancelled").
        hosts: Hosts links may lead to.
        today: The tenant's day; without it "tomorrow" is never grounded.
        zone: The tenant's zone.
    """

    prices: frozenset[Money] = frozenset()
    percents: frozenset[Decimal] = frozenset()
    instants: frozenset[datetime] = frozenset()
    days: frozenset[date] = frozenset()
    times: frozenset[time] = frozenset()
    spans: frozenset[timedelta] = frozenset()
    deeds: frozenset[str] = frozenset()
    orders: Mapping[int, frozenset[str]] = field(default_factory=dict)
    hosts: frozenset[str] = frozenset()
    today: date | None = None
    zone: str = "UTC"

    def __or__(self, other: "Facts") -> "Facts":
        """Both together; the day and the zone are this one's."""
        orders = {**self.orders}
        for number, actions in other.orders.items():
            orders[number] = orders.get(number, frozenset()) | actions
        return Facts(
            self.prices | other.prices,
            self.percents | other.percents,
            self.instants | other.instants,
            self.days | other.days,
            self.times | other.times,
            self.spans | other.spans,
            self.deeds | other.deeds,
            orders,
            self.hosts | other.hosts,
            self.today or other.today,
            self.zone,
        )


def ungrounded(reply: str, facts: Facts) -> list[Claim]:
    """The claims of the reply that no fact supports, in the order they stand; empty means it may be sent."""
    return [claim for claim in find_claims(reply) if not any(_holds(reading, facts) for reading in claim.readings)]


def _holds(reading: Reading, facts: Facts) -> bool:
    match reading:
        case Price():
            return any(_is_price(reading, money) for money in facts.prices)
        case Share(percent):
            return percent in facts.percents if percent is not None else bool(facts.percents)
        case Span(seconds):
            return timedelta(seconds=seconds) in facts.spans
        case time():
            return reading in facts.times or any(_local(i, facts).time() == reading for i in facts.instants)
        case Deed():
            return _is_done(reading, facts)
        case Link(url):
            return is_allowed(url, facts.hosts)
        case _:
            days = facts.days | {_local(instant, facts).date() for instant in facts.instants}
            return any(_is_day(reading, day, facts.today) for day in days)


def _is_price(reading: Price, money: Money) -> bool:
    return reading.amount == money.decimal and (not reading.currencies or money.currency in reading.currencies)


def _is_day(reading: CalendarDay | Weekday | InDays, day: date, today: date | None) -> bool:
    match reading:
        case CalendarDay(number, month, year):
            return day.day == number and month in (None, day.month) and year in (None, day.year)
        case Weekday(number):
            return day.weekday() == number
        case InDays(first, last):
            return today is not None and first <= (day - today).days <= last


def _is_done(deed: Deed, facts: Facts) -> bool:
    """A receipt of this turn, or a state read of the order that is named; of every order when none is."""
    if deed.action in facts.deeds or (deed.action == DONE and facts.deeds):
        return True
    if deed.order is not None:
        return deed.action in facts.orders.get(deed.order, frozenset())
    return bool(facts.orders) and all(deed.action in actions for actions in facts.orders.values())


def _local(instant: datetime, facts: Facts) -> datetime:
    return instant.astimezone(ZoneInfo(facts.zone)).replace(tzinfo=None, second=0, microsecond=0)
