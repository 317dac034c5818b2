"""Dates people type, day first, in four languages."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.dates import parse_day, parse_instant
from domain.kernel.errors import InvalidInput

FRIDAY_EVENING = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def read(text: str, zone: str = "Europe/Madrid") -> datetime:
    return parse_instant(text, zone=zone, now=FRIDAY_EVENING)


def end_of(day: date) -> datetime:
    """The end of a November day in Madrid, UTC."""
    return datetime(day.year, day.month, day.day, 22, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-05", "2026/11/05", "05/11/2026", "05-11-2026", "5/11/26", " 05/11/2026 "])
def test_every_spelling_of_5_november_is_the_end_of_that_day(text: str) -> None:
    assert read(text) == end_of(date(2026, 11, 5))


@pytest.mark.parametrize("text", ["2026-11-25 18:30", "25/11/2026 18:30", "25-11-2026  18:30", "25/11/26 18:30"])
def test_a_time_is_the_time_in_the_tenants_zone(text: str) -> None:
    assert read(text) == datetime(2026, 11, 25, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        (("today", "hoy", "aujourd'hui", "aujourd’hui", "hoje", "Today", "+0d"), 0),
        (("tomorrow", "mañana", "manana", "demain", "amanhã", "MAÑANA", "+1d"), 1),
        (("+3d", "+3j", "+ 3 d", "+3D"), 3),
        (("saturday", "sábado", "sabado", "samedi"), 1),
        (("sunday", "domingo", "dimanche"), 2),
        (("monday", "lunes", "lundi", "segunda-feira", "segunda"), 3),
        (("tuesday", "martes", "mardi", "terça-feira", "terca"), 4),
        (("wednesday", "miércoles", "mercredi", "quarta"), 5),
        (("thursday", "jueves", "jeudi", "quinta-feira"), 6),
        (("friday", "viernes", "vendredi", "Sexta-Feira"), 7),
    ],
)
def test_words_of_four_languages(words: tuple[str, ...], days: int) -> None:
    expected = date(2026, 11, 20) + timedelta(days=days)
    assert {read(word) for word in words} == {end_of(expected)}
    assert parse_day(words[0], today=date(2026, 11, 20)) == expected


def test_a_word_takes_a_time_too() -> None:
    assert read("tomorrow 09:05") == datetime(2026, 11, 21, 8, 5, tzinfo=UTC)


def test_today_is_the_tenants_day() -> None:
    assert parse_instant("today 10:00", zone="Pacific/Auckland", now=FRIDAY_EVENING) == datetime(
        2026, 11, 20, 21, 0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "31/02/2026", "2026-13-01", "11/25/2026", "25/11", "25.11.2026", "2026-11/25", "5-11-26", "18:00",
        "25/11/2026 24:00", "25/11/2026 18:60", "25/11/2026 6pm", "0001-01-01", "9999-12-31", "+d", "-3d", "+9999d",
        "٢٥/١١/٢٠٢٦", "25/11/2026; drop", "x" * 5000,
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example_that_works(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"date\.unreadable") as refusal:
        read(text)
    assert refusal.value.field == "deadline"
    assert len(refusal.value.params["text"]) <= 40
    assert read(refusal.value.params["example"]) == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def test_a_past_date_is_read() -> None:
    assert read("01/01/2020") == datetime(2020, 1, 1, 22, 59, 59, tzinfo=UTC)


def test_a_time_that_the_clock_skips_is_still_an_instant() -> None:
    assert read("29/03/2026 02:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(st.text(max_size=40))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert read(text).tzinfo is UTC


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)))
def test_every_spelling_of_a_day_is_that_day(day: date) -> None:
    for spelling in ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y"):
        assert parse_day(day.strftime(spelling), today=date(2026, 11, 20)) == day
