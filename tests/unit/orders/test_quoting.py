"""A climb costs the divisions climbed through, and nothing else."""

from uuid import uuid4

import pytest

from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.orders.dto import Tariff, TariffLine
from domain.orders.quoting import quote
from domain.orders.tariffs import DEFAULT_LINES

TARIFF = Tariff(
    uuid4(), "League of Legends", 1,
    tuple(TariffLine(d, Money(p * 100, "USD"), Money(m * 100, "USD"), n) for d, p, m, n in DEFAULT_LINES),
)  # fmt: skip


@pytest.mark.parametrize(
    ("start", "target", "divisions", "total"),
    [
        ("D2", "D1", ["D1"], 4500),
        ("E4", "D4", ["E3", "E2", "E1", "D4"], 1200 + 1500 + 1800 + 3000),
        (" e4 ", "d1", ["E3", "E2", "E1", "D4", "D3", "D2", "D1"], 18500),
        ("P4", "P3", ["P3"], 800),
    ],
)
def test_a_climb_costs_the_sum_of_the_divisions_climbed_through(
    start: str, target: str, divisions: list[str], total: int
) -> None:
    found = quote(TARIFF, start, target)
    assert ([line.division for line in found.lines], found.total) == (divisions, Money(total, "USD"))


@pytest.mark.parametrize(("start", "target"), [("D1", "D1"), ("D1", "E4")])
def test_a_climb_that_does_not_go_up_has_no_price(start: str, target: str) -> None:
    with pytest.raises(InvalidInput, match="no_climb"):
        quote(TARIFF, start, target)


@pytest.mark.parametrize(("start", "target"), [("Gold 4", "D1"), ("E4", "Challenger"), ("", "D1")])
def test_a_division_we_do_not_know_has_no_price(start: str, target: str) -> None:
    with pytest.raises(InvalidInput, match="unknown_division"):
        quote(TARIFF, start, target)
