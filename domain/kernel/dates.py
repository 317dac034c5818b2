"""Dates people type, day first, in the four languages: `25/11/2026 18:00`, `tomorrow`, `viernes`, `+3d`."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.kernel.errors import InvalidInput

_TODAY = frozenset({"today", "hoy", "aujourd'hui", "hoje"})
_YESTERDAY = frozenset({"yesterday", "ayer", "hier", "ontem"})
_TOMORROW = frozenset({"tomorrow", "manana", "demain", "amanha"})
_WEEKDAYS = (
    ("monday", "lunes", "lundi", "segunda"),
    ("tuesday", "martes", "mardi", "terca"),
    ("wednesday", "miercoles", "mercredi", "quarta"),
    ("thursday", "jueves", "jeudi", "quinta"),
    ("friday", "viernes", "vendredi", "sexta"),
    ("saturday", "sabado", "samedi"),
    ("sunday", "domingo", "dimanche"),
)
_WEEKDAY_OF = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_TIME = re.compile(r"(.+?)\s+([01]?[0-9]|2[0-3]):([0-5][0-9])")
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([-/])([0-9]{1,2})\2([0-9]{4})")
_SHORT_YEAR = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{2})")
_AHEAD = re.compile(r"\+\s?([0-9]{1,3})\s?[dj]")
_YEARS = range(2000, 2200)
_END_OF_DAY = time(23, 59, 59)


def parse_instant(text: str, *, zone: str, now: datetime, field: str = "deadline") -> datetime:
    """An instant as people type it, in the tenant's zone; returned aware, UTC.

    A date without a time means the end of that day. Dates in the past are read like any other. A weekday's
    name is its next one, never today.

    Args:
        text: What was typed.
        zone: The tenant's IANA zone.
        now: The present instant, for words like `tomorrow`.
        field: What the text is for, named in a refusal.

    Raises:
        InvalidInput: `date.unreadable`, with an example that would do.
    """
    words = _plain(text)
    timed = _TIME.fullmatch(words)
    day_text = timed[1] if timed else words
    at = time(int(timed[2]), int(timed[3])) if timed else _END_OF_DAY
    today = now.astimezone(ZoneInfo(zone)).date()
    day = _day_of(day_text, today)
    if day is None:
        raise _unreadable(text, today, field, with_time=True)
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def parse_day(text: str, *, today: date, field: str = "day") -> date:
    """A day as people type it, without a time.

    Args:
        text: What was typed.
        today: What `today` means; for business days, the tenant's present business day.
        field: What the text is for, named in a refusal.

    Raises:
        InvalidInput: `date.unreadable`, with an example that would do.
    """
    day = _day_of(_plain(text), today)
    if day is None:
        raise _unreadable(text, today, field, with_time=False)
    return day


def parse_past_day(text: str, *, today: date, field: str = "day") -> date:
    """A day that has been, as people type it: `yesterday` is known, a weekday's name is its last one or today.

    Days to come are read like any other; whoever asks refuses them.

    Args:
        text: What was typed.
        today: What `today` means; for business days, the tenant's present business day.
        field: What the text is for, named in a refusal.

    Raises:
        InvalidInput: `date.unreadable_past`, with an example that would do.
    """
    words = _plain(text)
    weekday = _WEEKDAY_OF.get(words.removesuffix("-feira"))
    if weekday is not None:
        return today - timedelta(days=(today.weekday() - weekday) % 7)
    day = today - timedelta(days=1) if words in _YESTERDAY else _day_of(words, today)
    if day is None:
        example = f"{today - timedelta(days=1):%d/%m/%Y}"
        raise InvalidInput("date.unreadable_past", field=field, text=text[:40], example=example)
    return day


def _plain(text: str) -> str:
    """Lower case, without accents, with plain apostrophes and single spaces."""
    folded = unicodedata.normalize("NFKD", text.replace("\u2019", "'").casefold())
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())


def _day_of(words: str, today: date) -> date | None:
    if words in _TODAY:
        return today
    if words in _TOMORROW:
        return today + timedelta(days=1)
    weekday = _WEEKDAY_OF.get(words.removesuffix("-feira"))
    if weekday is not None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if ahead := _AHEAD.fullmatch(words):
        return today + timedelta(days=int(ahead[1]))
    return _calendar_day(words)


def _calendar_day(words: str) -> date | None:
    if found := _YEAR_FIRST.fullmatch(words):
        year, month, day = int(found[1]), int(found[3]), int(found[4])
    elif found := _DAY_FIRST.fullmatch(words):
        year, month, day = int(found[4]), int(found[3]), int(found[1])
    elif found := _SHORT_YEAR.fullmatch(words):
        year, month, day = 2000 + int(found[3]), int(found[2]), int(found[1])
    else:
        return None
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _unreadable(text: str, today: date, field: str, *, with_time: bool) -> InvalidInput:
    example = f"{today + timedelta(days=3):%d/%m/%Y}" + (" 18:00" if with_time else "")
    return InvalidInput("date.unreadable", field=field, text=text[:40], example=example)
