"""Which claims of a reply nothing in this turn supports."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from agent.gates.claims import CalendarDay, Claim, Deed, InDays, Link, Price, Reading, Share, Span, Weekday
from agent.gates.finding import find_claims
from agent.gates.hygiene import is_allowed
from agent.gates.strangers import orders_in
from domain.kernel.money import Money

DONE = "done"
HAND_OFF = "handed_off"
ORDERED = "ordered"
_SENTENCE_END = re.compile(r"[!?;\n]|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tools of one turn returned, and what the turn began with; what the client said is no fact.

    Attributes:
        prices: Amounts, exactly those a tool returned: sums and differences are no facts.
        percents: Percentages and discounts (17.5 is 17.5 %).
        instants: Aware instants; they are read in `zone` and give days and hours.
        days: Days without an hour.
        times: Hours without a day: opening hours.
        spans: Durations.
        deeds: Receipts of this turn's writes, by action ("lead_updated", "handed_off", "booked", ...).
        orders: What was read of orders: number -> actions true of it ("paid", "started", "completed", "cancelled").
        own_orders: The same of the orders the turn began with. Not of them it is said that an order is placed, unless
            their number is said, too: it may be another one that was asked for.
        own_prices: What the client's own orders cost, by number: said where the number is said, and never of a climb.
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
    own_orders: Mapping[int, frozenset[str]] = field(default_factory=dict)
    own_prices: Mapping[int, Money] = field(default_factory=dict)
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
            {**self.own_orders, **other.own_orders},
            {**self.own_prices, **other.own_prices},
            self.hosts | other.hosts,
            self.today or other.today,
            self.zone,
        )


def ungrounded(reply: str, facts: Facts) -> list[Claim]:
    """The claims of the reply that no fact supports, in the order they stand; empty means it may be sent."""
    return [
        claim
        for claim in find_claims(reply)
        if not any(_holds(reading, facts) for reading in claim.readings) and not _is_own_price(claim, reply, facts)
    ]


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


def _is_own_price(claim: Claim, reply: str, facts: Facts) -> bool:
    """Whether it is what an order of the client's costs, in a sentence that names the order."""
    prices = [reading for reading in claim.readings if isinstance(reading, Price)]
    if not facts.own_prices or not prices:
        return False
    begins = max((match.end() for match in _SENTENCE_END.finditer(reply, 0, claim.start)), default=0)
    end = _SENTENCE_END.search(reply, claim.end)
    named = orders_in(reply[begins : end.start() if end else None])
    owned = [facts.own_prices[code] for code in named if code in facts.own_prices]
    return any(_is_price(reading, money) for reading in prices for money in owned)


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
        return any(deed.action in orders.get(deed.order, ()) for orders in (facts.orders, facts.own_orders))
    known = facts.orders or ({} if deed.action == ORDERED else facts.own_orders)
    return bool(known) and all(deed.action in actions for actions in known.values())


def _local(instant: datetime, facts: Facts) -> datetime:
    return instant.astimezone(ZoneInfo(facts.zone)).replace(tzinfo=None, second=0, microsecond=0)
