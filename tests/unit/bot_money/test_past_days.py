from datetime import date

import pytest

from domain.kernel.dates import parse_past_day
from domain.kernel.errors import InvalidInput

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", 20), ("Hoy", 20), ("aujourd’hui", 20), ("yesterday", 19), ("AYER", 19), ("hier", 19), ("ontem", 19),
        ("friday", 20), ("viernes", 20), ("thursday", 19), ("jueves", 19), ("saturday", 14), ("sábado", 14),
        ("sexta-feira", 20), ("samedi", 14), ("19/11/2026", 19), ("2026-11-05", 5), ("5/11/26", 5), ("+1d", 21),
    ],
)  # fmt: skip
def test_a_day_that_has_been_is_read(text: str, day: int) -> None:
    assert parse_past_day(text, today=FRIDAY) == date(2026, 11, day)


@pytest.mark.parametrize("text", ["", "soon", "31/02/2026", "19.11.2026", "2026-13-01", "x" * 500])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"date\.unreadable_past") as refused:
        parse_past_day(text, today=FRIDAY)
    assert refused.value.params["example"] == "19/11/2026"
    assert len(refused.value.params["text"]) <= 40
