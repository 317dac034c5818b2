from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.closing.dto import DayFigures, Figures, LineKind, ReportLine
from domain.closing.policy import Movement, compared_days, lines_of, nothing, total_of
from domain.kernel.money import Money

DAY = date(2026, 11, 20)


def figures(price: int, pay: int = 0, margin: int = 0, pot: int = 0) -> Figures:
    return Figures(Money(price, "USD"), Money(pay, "USD"), Money(margin, "USD"), Money(pot, "USD"))


def movement(kind: str, price: int, *, order: int = 1, undone: str | None = None) -> Movement:
    line = ReportLine(LineKind.ADJUSTMENT, order, "Ana", "P4", "D1", 7200, figures(price))
    return Movement(kind, undone, UUID(int=order), line)


amounts = st.integers(-(10**12), 10**12)
movements = st.lists(
    st.builds(
        lambda kind, undone, order, parts: Movement(
            kind,
            undone if kind == "reversal" else None,
            UUID(int=order),
            ReportLine(LineKind.ADJUSTMENT, order, None, None, None, None, figures(sum(parts), *parts)),
        ),
        st.sampled_from(["completion", "adjustment", "fine", "reversal", "pot_dissolution"]),
        st.sampled_from(["completion", "adjustment", "fine", "pot_dissolution"]),
        st.integers(1, 4),
        st.tuples(amounts, amounts, amounts),
    ),
    max_size=40,
)


@given(movements)
def test_lines_keep_every_cent_and_the_identity(found: list[Movement]) -> None:
    lines = lines_of(found)
    totals = total_of(lines, "USD")
    assert totals == total_of([one.line for one in found], "USD")
    for part in (*(line.figures for line in lines), totals):
        assert part.price == part.pay + part.margin + part.pot
    assert sum(line.kind is LineKind.COMPLETION for line in lines) == sum(one.kind == "completion" for one in found)


def kinds(*found: Movement) -> list[tuple[LineKind, int]]:
    return [(line.kind, line.figures.price.minor) for line in lines_of(found)]


def test_adjustments_join_their_completion_of_the_day() -> None:
    assert kinds(movement("completion", 100), movement("adjustment", 5), movement("fine", -7)) == [
        (LineKind.COMPLETION, 98)
    ]


def test_an_adjustment_of_an_earlier_day_is_a_line_of_its_own() -> None:
    assert kinds(movement("adjustment", 5), movement("adjustment", 6), movement("adjustment", 1, order=2)) == [
        (LineKind.ADJUSTMENT, 11),
        (LineKind.ADJUSTMENT, 1),
    ]


def test_reopening_takes_back_everything_in_one_negative_line() -> None:
    assert kinds(
        movement("completion", 100),
        movement("adjustment", 5),
        movement("reversal", -5, undone="adjustment"),
        movement("reversal", -100, undone="completion"),
        movement("completion", 80),
        movement("adjustment", 2),
        movement("reversal", -82, undone="completion"),
    ) == [
        (LineKind.COMPLETION, 105),
        (LineKind.REVERSAL, -105),
        (LineKind.COMPLETION, 82),
        (LineKind.REVERSAL, -82),
    ]


def test_a_pot_given_back_is_a_line_of_its_own_kind() -> None:
    assert kinds(movement("pot_dissolution", 0), movement("reversal", 0, undone="pot_dissolution", order=2)) == [
        (LineKind.POT, 0),
        (LineKind.POT, 0),
    ]


def test_days_before_the_shop_are_left_out_and_quiet_days_count_as_zero() -> None:
    busy = DayFigures(DAY - timedelta(days=2), figures(100), 1)
    days = compared_days(DAY, DAY - timedelta(days=3), {busy.day: busy}, "USD")
    assert days == [
        DayFigures(DAY - timedelta(days=3), nothing("USD"), 0),
        busy,
        DayFigures(DAY - timedelta(days=1), nothing("USD"), 0),
    ]
    assert compared_days(DAY, DAY, {}, "USD") == []
    assert len(compared_days(DAY, DAY - timedelta(days=300), {}, "USD")) == 7
