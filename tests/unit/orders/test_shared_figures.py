"""The figures that the old tool's users know, where the machine has them."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.money import Money, parse_money
from domain.orders.pay import Pay, pay_for
from domain.orders.tariffs import DEFAULT_LINES

FIGURES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "orders-and-money.json"


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of one kind; a skip that says why when the file is not here."""
    if not FIGURES.exists():
        pytest.skip(f"{FIGURES} is not on this machine")
    found = [case for case in json.loads(FIGURES.read_text())["cases"] if case["name"].startswith(name)]
    assert found
    return found


def minor(major: float) -> int:
    return Money.of(str(major), "USD").minor


def test_the_default_tariff_is_the_one_they_know() -> None:
    expected = [(division, price, margin, points) for division, price, margin, points in DEFAULT_LINES]
    assert [tuple(line) for line in cases("default_tariffs")[0]["expected"]] == expected


def test_every_finished_order_pays_to_the_cent() -> None:
    lines = {division: (price, margin) for division, price, margin, _ in DEFAULT_LINES}
    for case in cases("finish["):
        given, expected = case["inputs"], case["expected"]
        price, margin = lines[given["elo"]]
        is_reached = given["winrate"] >= 60
        pay = pay_for(
            minor(price),
            minor(margin),
            order_bonus=minor(given["bono_pedido"]) if given["pot_order"] else 0,
            win_rate_bonus=minor(given["bono_wr"]) if given["pot_wr"] and is_reached else 0,
            is_ranked=given["ranked"],
        )
        moved = minor(given["adjustment"])
        shown = Pay(pay.customer, pay.booster + moved, pay.company - moved, pay.pot_order, pay.pot_win_rate)
        assert shown == Pay(
            *(minor(expected[key]) for key in ("client", "booster", "company", "pot_order", "pot_wr"))
        ), case["name"]


def test_amounts_are_read_as_they_were() -> None:
    for case in cases("clean_money["):
        text = case["inputs"]["value"]
        if text not in ("", None):  # nothing typed is no amount here: a missing price is the tariff's
            assert parse_money(str(text), "USD") == Money.of(str(case["expected"]), "USD"), case["name"]
