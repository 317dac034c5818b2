"""What an order pays, in integer minor units: pure arithmetic, the only place it is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

LOW_WIN_RATE_BP = 5_000
LINK_GRACE = timedelta(days=5)
LOW_WIN_RATE = "order.warning.low_win_rate"
NO_LINK = "order.warning.no_link"


@dataclass(frozen=True, slots=True)
class Pay:
    """Who gets what, before adjustments and fines; customer = booster + company + both pot parts."""

    customer: int
    booster: int
    company: int
    pot_order: int
    pot_win_rate: int


def pay_for(price: int, margin: int, *, order_bonus: int, win_rate_bonus: int, is_ranked: bool) -> Pay:
    """Split the price of the final division.

    Ranked: the customer pays the win-rate bonus on top and both bonuses fill the pot. Not ranked: both go to
    the booster, out of the company's share.

    Args:
        price: The division's price.
        margin: The company's part of it.
        order_bonus: The amount given, 0 when it is not.
        win_rate_bonus: The amount given and reached, 0 otherwise.
        is_ranked: The order counts for the ranking.
    """
    if is_ranked:
        pay = Pay(price + win_rate_bonus, price - margin, margin - order_bonus, order_bonus, win_rate_bonus)
    else:
        bonuses = order_bonus + win_rate_bonus
        pay = Pay(price, price - margin + bonuses, margin - bonuses, 0, 0)
    assert pay.customer == pay.booster + pay.company + pay.pot_order + pay.pot_win_rate
    return pay


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """When the order was started and when its first tracking link came."""

    started_at: datetime
    tracked_at: datetime | None
    finished_at: datetime

    @property
    def is_missing(self) -> bool:
        """There is no link, or it came after the grace."""
        return self.tracked_at is None or self.is_overdue

    @property
    def is_overdue(self) -> bool:
        """The grace passed without a link."""
        return (self.tracked_at or self.finished_at) > self.started_at + LINK_GRACE


def warnings_for(win_rate_bp: int, link: LinkFacts) -> tuple[str, ...]:
    """Catalog keys of what the completion should be warned of, whether or not it is fined."""
    found = [LOW_WIN_RATE] if win_rate_bp < LOW_WIN_RATE_BP else []
    return tuple([*found, NO_LINK] if link.is_missing else found)


def fines_for(
    booster_pay: int, win_rate_bp: int, link: LinkFacts, *, low_win_rate_percent: int, no_link_percent: int
) -> dict[str, int]:
    """The fines that apply, by the warning they come from; together never more than the pay.

    Args:
        booster_pay: The booster's pay before adjustments.
        win_rate_bp: Win rate in basis points.
        link: Facts about the tracking link.
        low_win_rate_percent: The tenant's fine for a win rate under 50 %; 0 is off.
        no_link_percent: The tenant's fine for no link within five days; 0 is off.
    """
    fines: dict[str, int] = {}
    if win_rate_bp < LOW_WIN_RATE_BP:
        fines[LOW_WIN_RATE] = _percent(booster_pay, low_win_rate_percent)
    if link.is_overdue:
        left = booster_pay - sum(fines.values())
        fines[NO_LINK] = min(left, _percent(booster_pay, no_link_percent))
    return {reason: minor for reason, minor in fines.items() if minor}


def _percent(minor: int, percent: int) -> int:
    return int((Decimal(minor) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
