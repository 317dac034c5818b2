"""The figures of the order rules, and what must hold for any tariff."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.orders.pay import LOW_WIN_RATE, NO_LINK, LinkFacts, Pay, fines_for, pay_for, warnings_for

START = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
PROMPT = LinkFacts(START, START + timedelta(hours=1), START + timedelta(days=9))
ABSENT = LinkFacts(START, None, START + timedelta(days=9))


@pytest.mark.parametrize(
    ("price", "margin", "order_bonus", "win_rate_bonus", "is_ranked", "expected"),
    [
        (4500, 1000, 100, 100, True, Pay(4600, 3500, 900, 100, 100)),
        (4500, 1000, 100, 0, True, Pay(4500, 3500, 900, 100, 0)),
        (4500, 1000, 100, 100, False, Pay(4500, 3700, 800, 0, 0)),
        (4500, 1000, 0, 0, False, Pay(4500, 3500, 1000, 0, 0)),
        (1800, 500, 0, 0, True, Pay(1800, 1300, 500, 0, 0)),
        (800, 0, 100, 100, True, Pay(900, 800, -100, 100, 100)),
    ],
)
def test_an_order_pays_what_the_rules_say(
    price: int, margin: int, order_bonus: int, win_rate_bonus: int, is_ranked: bool, expected: Pay
) -> None:
    pay = pay_for(price, margin, order_bonus=order_bonus, win_rate_bonus=win_rate_bonus, is_ranked=is_ranked)
    assert pay == expected


amounts = st.integers(0, 10**12)


@given(st.integers(1, 10**12), amounts, amounts, amounts, st.booleans())
def test_what_the_customer_pays_is_what_everybody_gets(
    price: int, margin: int, order_bonus: int, win_rate_bonus: int, is_ranked: bool
) -> None:
    margin = min(margin, price)
    pay = pay_for(price, margin, order_bonus=order_bonus, win_rate_bonus=win_rate_bonus, is_ranked=is_ranked)
    assert pay.customer == pay.booster + pay.company + pay.pot_order + pay.pot_win_rate
    assert pay.customer >= price
    assert pay.booster >= 0
    assert (pay.pot_order, pay.pot_win_rate) == ((order_bonus, win_rate_bonus) if is_ranked else (0, 0))


@given(amounts, st.integers(0, 10_000), st.integers(0, 100), st.integers(0, 100), st.sampled_from([PROMPT, ABSENT]))
def test_fines_never_take_more_than_the_pay(
    pay: int, win_rate_bp: int, low_percent: int, link_percent: int, link: LinkFacts
) -> None:
    fines = fines_for(pay, win_rate_bp, link, low_win_rate_percent=low_percent, no_link_percent=link_percent)
    assert all(minor > 0 for minor in fines.values())
    assert sum(fines.values()) <= pay


def test_both_fines_are_a_quarter_of_the_pay_each() -> None:
    fines = fines_for(3501, 4999, ABSENT, low_win_rate_percent=25, no_link_percent=25)
    assert fines == {LOW_WIN_RATE: 875, NO_LINK: 875}


def test_half_a_win_rate_is_not_low() -> None:
    assert fines_for(3500, 5000, PROMPT, low_win_rate_percent=25, no_link_percent=25) == {}
    assert warnings_for(5000, PROMPT) == ()


def test_warnings_stand_whether_or_not_anything_is_fined() -> None:
    assert fines_for(3500, 4000, ABSENT, low_win_rate_percent=0, no_link_percent=0) == {}
    assert warnings_for(4000, ABSENT) == (LOW_WIN_RATE, NO_LINK)


def test_a_missing_link_is_warned_of_at_once_and_fined_after_five_days() -> None:
    early = LinkFacts(START, None, START + timedelta(days=5))
    assert warnings_for(7000, early) == (NO_LINK,)
    assert fines_for(3500, 7000, early, low_win_rate_percent=25, no_link_percent=25) == {}


def test_a_link_that_came_after_five_days_is_fined() -> None:
    late = LinkFacts(START, START + timedelta(days=5, seconds=1), START + timedelta(days=9))
    assert fines_for(3500, 7000, late, low_win_rate_percent=25, no_link_percent=25) == {NO_LINK: 875}
    assert warnings_for(7000, late) == (NO_LINK,)
