"""The rules that need no database."""

import pytest

from domain.kernel.errors import InvalidInput
from domain.orders.dto import OrderState, Transition
from domain.orders.policy import TRANSITIONS, check_days, check_tracking_url, check_win_rate, plain_division


def test_every_transition_has_a_rule() -> None:
    assert set(TRANSITIONS) == set(Transition)


def test_nothing_leaves_an_order_that_ended_but_reopening() -> None:
    for state in (OrderState.ABANDONED, OrderState.BANNED, OrderState.CANCELLED):
        assert not [t for t, rule in TRANSITIONS.items() if state in rule.starts]
    leaving = {t for t, rule in TRANSITIONS.items() if OrderState.COMPLETED in rule.starts and rule.ends}
    assert leaving == {Transition.REOPEN}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://example.org/x", "https://", "//example.org", "example.org",
        "https://user:pass@example.org/", "https://exa mple.org/", "https://example.org/\x00", "http://[broken",
        "https://example.org/<script>", "", "https://example.org/" + "x" * 500,
    ],
)  # fmt: skip
def test_a_tracking_link_is_http_with_a_host(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"order\.tracking_url"):
        check_tracking_url(url)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://example.org/t?x=1#y ", "https://example.org/t?x=1#y"),
        ("HTTP://EXAMPLE.org", "http://EXAMPLE.org"),
        ("https://[2001:db8::1]/t", "https://[2001:db8::1]/t"),
    ],
)
def test_a_good_tracking_link_is_kept(typed: str, kept: str) -> None:
    assert check_tracking_url(typed) == kept


@pytest.mark.parametrize("win_rate_bp", [-1, 10_001])
def test_a_win_rate_lies_between_nothing_and_everything(win_rate_bp: int) -> None:
    with pytest.raises(InvalidInput, match=r"order\.win_rate"):
        check_win_rate(win_rate_bp)


@pytest.mark.parametrize("days", [0, -3, 366])
def test_an_extension_is_a_positive_number_of_days(days: int) -> None:
    with pytest.raises(InvalidInput, match=r"order\.extension_days"):
        check_days(days)


def test_a_division_is_matched_trimmed_and_in_any_case() -> None:
    assert plain_division("  d1 ") == "D1"
