"""A reply may say what this turn's tools said, and nothing dearer."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gates.claims import CalendarDay, Kind, Price
from agent.gates.finding import find_claims
from agent.gates.grounding import Facts, ungrounded
from domain.i18n.catalog import LOCALES
from domain.i18n.reader import Reader
from domain.kernel.money import Money

REPLIES = tomllib.loads(Path(__file__).with_name("replies.toml").read_text(encoding="utf-8"))
FACTS = Facts(
    prices=frozenset({Money(4500, "USD"), Money(123450, "BRL"), Money(3000, "EUR")}),
    percents=frozenset({Decimal(20)}),
    instants=frozenset({datetime(2026, 11, 24, 20, 30, tzinfo=UTC)}),
    times=frozenset({time(9), time(18)}),
    spans=frozenset({timedelta(hours=24), timedelta(days=3)}),
    deeds=frozenset({"lead_updated"}),
    orders={12: frozenset({"started", "paid"}), 13: frozenset({"completed"})},
    hosts=frozenset({"guild.example"}),
    today=date(2026, 11, 20),
    zone="America/Bogota",
)


def test_there_are_enough_replies_on_each_side() -> None:
    assert min(len(REPLIES["truthful"]), len(REPLIES["untrue"])) >= 80


@pytest.mark.parametrize("reply", REPLIES["truthful"])
def test_a_truthful_reply_passes(reply: str) -> None:
    assert [claim.text for claim in ungrounded(reply, FACTS)] == []


@pytest.mark.parametrize("reply", REPLIES["untrue"])
def test_an_untrue_reply_is_stopped(reply: str) -> None:
    assert ungrounded(reply, FACTS)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "money",
    [
        Money(4500, "USD"),
        Money(123450, "BRL"),
        Money(999_999_99, "EUR"),
        Money(4500000, "COP"),
        Money(100000, "MXN"),
        Money(700, "ARS"),
        Money(1900, "PEN"),
    ],
)
def test_money_as_our_own_texts_write_it_is_read_back(locale: str, money: Money) -> None:
    text = f"D4 - D1: {Reader(locale).format(money)}"
    assert [claim.kind for claim in find_claims(text)] == [Kind.MONEY]
    assert ungrounded(text, Facts(prices=frozenset({money}))) == []
    if "$" not in text:
        assert ungrounded(text, Facts(prices=frozenset({Money(money.minor, "CHF")})))
    assert ungrounded(text, Facts(prices=frozenset({Money(money.minor + 1, money.currency)})))
    assert ungrounded(text, Facts())


@pytest.mark.parametrize("locale", LOCALES)
def test_instants_as_our_own_texts_write_them_are_read_back(locale: str) -> None:
    text = Reader(locale, "America/Bogota").format(datetime(2026, 11, 24, 20, 30, tzinfo=UTC))
    assert find_claims(text)
    assert ungrounded(text, FACTS) == []


def test_a_claim_stands_where_it_says() -> None:
    reply = "¡Qué bien! Son 45,00 € el 24 de noviembre; https://evil.example/a."
    claims = find_claims(reply)
    assert [claim.kind for claim in claims] == [Kind.MONEY, Kind.DAY, Kind.LINK]
    assert [claim.text for claim in claims] == ["45,00 €", "24 de noviembre", "https://evil.example/a"]
    assert all(reply[claim.start : claim.end] == claim.text for claim in claims)
    assert claims[0].readings == (Price(Decimal("45.00"), frozenset({"EUR"})),)
    assert claims[1].readings == (CalendarDay(24, 11),)


@pytest.mark.parametrize(
    "text",
    [
        "D4 a E1",
        "order #12",
        "pedido 12",
        "nivel 30",
        "2 cuentas",
        "3 partidas",
        "1. D4\n2. E1",
        "24/7",
        "10 wins",
        "lv30",
        "season 14",
    ],
)
def test_numbers_that_are_no_prices_are_left_alone(text: str) -> None:
    assert find_claims(text) == []


def test_both_ends_of_a_range_are_checked() -> None:
    assert [claim.text for claim in ungrounded("Entre 40 y 45 USD.", FACTS)] == ["40 y 45 USD"]
    assert ungrounded("45-60 USD", FACTS)
    assert ungrounded("entre 2 y 3 días", FACTS)


def test_a_price_the_client_named_is_no_fact() -> None:
    assert ungrounded("Vale, 40 USD como dijiste.", FACTS)


def test_a_hand_off_needs_its_receipt() -> None:
    said = "Te paso con una persona."
    assert ungrounded(said, FACTS)
    assert ungrounded(said, FACTS | Facts(deeds=frozenset({"handed_off"}))) == []


OWN = Facts(
    own_orders={7: frozenset({"ordered", "started"})}, own_prices={7: Money(3100, "USD"), 8: Money(900, "USD")},
)  # fmt: skip


@pytest.mark.parametrize(
    "reply",
    [
        "Tu pedido #7 cuesta 31,00 US$.", "Order 7 costs $31.00.", "La commande n° 7 coûte 31 USD.",
        "O pedido #7 custa US$ 31,00.", "Tu pedido está en curso.", "Order #7 is in progress.",
        "Tu pedido #7 está publicado.",
    ],
)  # fmt: skip
def test_what_the_turn_began_with_may_be_said_of_the_orders_it_is_true_of(reply: str) -> None:
    assert [claim.text for claim in ungrounded(reply, OWN)] == []


@pytest.mark.parametrize(
    "reply",
    [
        "De P4 a D4 son 31,00 US$.", "Tu pedido #7 va bien. De P4 a D4 son 31,00 US$.", "Order #7 costs $9.00.",
        "Tu pedido #7 cuesta 32,00 US$.", "Tu pedido está creado.", "Order #7 is completed.",
        "Order #8 is in progress.",
    ],
)  # fmt: skip
def test_what_the_turn_began_with_grounds_nothing_else(reply: str) -> None:
    assert ungrounded(reply, OWN)


@pytest.mark.parametrize("text", ["1 " * 600, "$" * 4000, "no " * 1500 + "paid", "paid " * 800, "1,2" * 1300])
def test_a_hostile_reply_is_judged_quickly(text: str) -> None:
    ungrounded("warm", FACTS)
    began = thread_time()
    ungrounded(text, FACTS)
    assert thread_time() - began < 1.0


@given(st.text(max_size=300))
def test_any_reply_is_judged(text: str) -> None:
    for claim in ungrounded(text, Facts()):
        assert text[claim.start : claim.end] == claim.text


@given(
    st.integers(1, 10**7),
    st.integers(1, 10**7),
    st.sampled_from(LOCALES),
    st.sampled_from(["USD", "EUR", "BRL", "MXN", "ARS", "COP", "GBP"]),
)
def test_any_other_amount_is_stopped(fact: int, said: int, locale: str, currency: str) -> None:
    text = Reader(locale).format(Money(said, currency))
    stopped = ungrounded(f"D4 - D1: {text}.", Facts(prices=frozenset({Money(fact, currency)})))
    assert bool(stopped) == (fact != said)
