from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import Money
from domain.payroll.dto import BoosterPay, PayLine
from domain.payroll.export import detail_of, neutral
from domain.payroll.policy import (
    News,
    Owed,
    by_booster,
    hash_of,
    makes_stale,
    needs_second_person,
    split,
    total_of,
)

ANA, BRUNO = UUID(int=1), UUID(int=2)


def line(
    minor: int, *, entry: int = 0, order: int | None = 7, division: str | None = "D1", kind: str = "completion"
) -> PayLine:
    order_id = None if order is None else UUID(int=order)
    return PayLine(UUID(int=entry), kind, Money(minor, "USD"), order_id, order, division, "")


owed = st.lists(
    st.tuples(
        st.sampled_from([ANA, BRUNO, UUID(int=3)]),
        st.just("name"),
        st.builds(lambda minor, entry: line(minor, entry=entry), st.integers(-(10**9), 10**9), st.integers(1, 10**6)),
    ),
    max_size=40,
)


@given(owed)
def test_totals_are_the_sum_of_lines_and_nobody_is_lost(lines: list[Owed]) -> None:
    boosters = by_booster(lines, "USD")
    paid, carried = split(boosters)
    assert sum(len(one.lines) for one in (*paid, *carried)) == len(lines)
    assert sum(one.total.minor for one in (*paid, *carried)) == total_of([row[2] for row in lines], "USD").minor
    assert all(one.total.minor > 0 for one in paid)
    assert all(one.total.minor <= 0 for one in carried)


@given(owed, st.randoms())
def test_the_hash_depends_on_the_lines_and_not_on_their_order(lines: list[Owed], random: object) -> None:
    turned = list(reversed(lines))
    assert hash_of(by_booster(lines, "USD")) == hash_of(by_booster(turned, "USD"))
    more = [*lines, (ANA, "name", line(1, entry=10**6 + 1))]
    assert hash_of(by_booster(lines, "USD")) != hash_of(by_booster(more, "USD"))


def test_the_hash_changes_with_amount_member_and_currency() -> None:
    base = BoosterPay(ANA, "Ana", (line(100, entry=1),), Money(100, "USD"))
    other_amount = BoosterPay(ANA, "Ana", (line(101, entry=1),), Money(101, "USD"))
    other_member = BoosterPay(BRUNO, "Ana", (line(100, entry=1),), Money(100, "USD"))
    other_name = BoosterPay(ANA, "Anna", (line(100, entry=1),), Money(100, "USD"))
    assert len({hash_of([one]) for one in (base, other_amount, other_member)}) == 3
    assert hash_of([base]) == hash_of([other_name])


@pytest.mark.parametrize(("above_minor", "is_needed"), [(None, False), (0, True), (99, True), (100, False)])
def test_a_second_person_is_needed_above_the_limit(above_minor: int | None, is_needed: bool) -> None:
    assert needs_second_person(Money(100, "USD"), above_minor) is is_needed


def test_what_happened_to_orders_finished_meanwhile_does_not_make_a_run_stale() -> None:
    order, completion = uuid4(), uuid4()
    news = [
        News(completion, "completion", order, None),
        News(uuid4(), "adjustment", order, None),
        News(uuid4(), "reversal", order, completion),
    ]
    assert not makes_stale([])
    assert not makes_stale(news)


def test_anything_about_earlier_orders_makes_a_run_stale() -> None:
    assert makes_stale([News(uuid4(), "reversal", uuid4(), uuid4())])
    assert makes_stale([News(uuid4(), "adjustment", uuid4(), None)])
    assert makes_stale([News(uuid4(), "fine", uuid4(), None)])
    order = uuid4()
    completed_again = [News(uuid4(), "reversal", order, uuid4()), News(uuid4(), "completion", order, None)]
    assert makes_stale(completed_again)


def test_detail_has_one_part_per_order_with_its_adjustments() -> None:
    lines = (
        line(3500, entry=1),
        line(1000, entry=2, order=8, division="E2"),
        line(-500, entry=3, kind="fine"),
        line(-200, entry=4, order=9, division="P1", kind="reversal"),
        line(100, entry=5, order=None, division=None, kind="pot_dissolution"),
    )
    booster = BoosterPay(ANA, "Ana", lines, Money(3900, "USD"))
    assert detail_of(booster) == "D1 ($30.00) + E2 ($10.00) + P1 (-$2.00) + pot_dissolution ($1.00)"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d"])
def test_a_formula_is_neutralised(start: str) -> None:
    assert neutral(f"{start}1") == f"'{start}1"


@pytest.mark.parametrize("cell", ["", "Ana", "35.00", "a=b", "D1 (-$2.00)"])
def test_other_cells_stay(cell: str) -> None:
    assert neutral(cell) == cell
