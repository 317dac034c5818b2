"""Days, hours and durations in a reply."""

import re
from collections.abc import Iterator
from datetime import time
from functools import cache

from agent.gates.claims import CalendarDay, Claim, InDays, Kind, Span, Weekday
from agent.gates.folded import Covered, Folded, any_of, words

_SLASHED = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?![\d/])")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DAY_ALONE = re.compile(
    r"\b(?:dia|day|el|al|le|du|au) (\d{1,2})(?:o|er)?\b(?!\s?[%:\w$€]|[.,/]\d)|\b(?:the|on) (\d{1,2})(?:st|nd|rd|th)\b"
)
_CLOCK = re.compile(r"(?<![\d:.,])([01]?\d|2[0-4])[:h]([0-5]\d)(?::[0-5]\d)?\s?(?:([ap])\.?\s?m\b)?(?!\d)")
_TWELVE = re.compile(r"(?<![\d:.,])(1[0-2]|0?[1-9])(?:\.([0-5]\d))?\s?([ap])\.?\s?m\b")
_AT = re.compile(
    r"\b(?:a las?|at|as|by|until|till|hasta las?|ate as|desde las?|de las|before|after|entre las|y las|vers|sobre las"
    r"|from|around)"
    r" ([01]?\d|2[0-4])(?!\w|[:.,]\d|\s?(?:%|[$€£]|usd|eur|brl))(?: ?(?:h|hs|hours?|horas?|heures?)\b)?"
)
_HEURES = re.compile(
    r"\b(?:a|vers|des|avant|apres|jusqu'a|as|ate as|a partir de) ([01]?\d|2[0-4]) ?(?:h|heures?|horas?)\b"
)
_NOON = re.compile(r"\b(?:noon|midday|mediodia|meio-dia|meio dia|a midi)\b")
_MIDNIGHT = re.compile(r"\b(?:midnight|medianoche|meia-noite|meia noite|minuit)\b")


def find_times(reply: Folded) -> list[Claim]:
    """Every day, hour and duration, without those inside a longer one found before."""
    found: list[Claim] = []
    covered = Covered(len(reply.original))
    for claim in (*_calendar(reply), *_hours(reply), *_spans(reply), *_named_days(reply)):
        if not covered.meets(claim):
            covered.add(claim)
            found.append(claim)
    return found


def _calendar(reply: Folded) -> Iterator[Claim]:
    for match in _ISO.finditer(reply.text):
        yield reply.claim(Kind.DAY, *match.span(), CalendarDay(int(match[3]), int(match[2]), int(match[1])))
    for match in _with_month().finditer(reply.text):
        day, month, written = (match[f"{part}1"] or match[f"{part}2"] for part in "dmy")
        year = int(written) if written else None
        yield reply.claim(Kind.DAY, *match.span(), CalendarDay(int(day), _month(month), year))
    for match in _SLASHED.finditer(reply.text):
        if match[0] == "24/7" or (match[2] != "/" and match[4] is None):
            continue
        first, second = int(match[1]), int(match[3])
        year = int(match[4]) % 100 + 2000 if match[4] else None
        pairs = ((d, m) for d, m in ((first, second), (second, first)) if d <= 31 and 1 <= m <= 12)
        readings = [CalendarDay(d, m, year) for d, m in pairs]
        yield reply.claim(Kind.DAY, *match.span(), *readings)
    for match in _DAY_ALONE.finditer(reply.text):
        if 1 <= int(match[1] or match[2]) <= 31:
            yield reply.claim(Kind.DAY, *match.span(), CalendarDay(int(match[1] or match[2])))


def _hours(reply: Folded) -> Iterator[Claim]:
    for pattern in (_CLOCK, _TWELVE):
        for match in pattern.finditer(reply.text):
            yield reply.claim(Kind.HOUR, *match.span(), *_clock(int(match[1]), int(match[2] or 0), match[3]))
    for match in (*_HEURES.finditer(reply.text), *_AT.finditer(reply.text)):
        hour = int(match[1])
        yield reply.claim(
            Kind.HOUR, *match.span(), *_clock(hour, 0, None), *_clock(hour, 0, "p" if hour < 12 else None)
        )
    for pattern, hour in ((_NOON, 12), (_MIDNIGHT, 0)):
        for match in pattern.finditer(reply.text):
            yield reply.claim(Kind.HOUR, *match.span(), time(hour))


def _spans(reply: Folded) -> Iterator[Claim]:
    for match in _span().finditer(reply.text):
        seconds = next(n for unit, n in words()["units"].items() if re.fullmatch(unit, match["unit"]))
        for text in filter(None, (match["low"], match["number"])):
            count = int(words()["numbers"].get(text, 0)) or int(text) if not text.isdigit() else int(text)
            is_polite = seconds <= 60 and not text.isdigit() and count == 1  # "one minute, please" promises nothing
            if is_polite or (seconds == 3600 and reply.text[match.end() :].startswith("/24")):
                continue
            yield _span_claim(reply, match, count, seconds)


def _span_claim(reply: Folded, match: re.Match[str], count: int, seconds: int) -> Claim:
    start, end = (
        match.span("low") if match["low"] and str(count) == match["low"] else (match.start("number"), match.end())
    )
    if seconds == 86400:
        return reply.claim(Kind.SPAN, start, end, Span(count * seconds), InDays(count, count))
    if match["unit"] == "h" and count < 24:  # 15h is an hour of the day as well
        return reply.claim(Kind.SPAN, start, end, Span(count * seconds), time(count))
    return reply.claim(Kind.SPAN, start, end, Span(count * seconds))


def _named_days(reply: Folded) -> Iterator[Claim]:
    for pattern, number in words()["weekdays"].items():
        for match in re.finditer(rf"\b(?:{pattern})\b", reply.text):
            yield reply.claim(Kind.DAY, *match.span(), Weekday(number))
    for pattern, (first, last) in words()["relative"].items():
        for match in re.finditer(rf"\b(?:{pattern})\b", reply.text):
            is_greeting = last == 0 and reply.sentence_at(match.start()).endswith("?")  # "how can I help you today?"
            if not is_greeting:
                yield reply.claim(Kind.DAY, *match.span(), InDays(first, last))


def _clock(hour: int, minute: int, half: str | None) -> list[time]:
    if half is not None:
        hour = hour % 12 + (12 if half == "p" else 0)
    return [time(hour % 24, minute)]


def _month(name: str) -> int:
    numbers = words()["month_numbers"]
    return int(numbers[name[:4]] if name[:4] in numbers else numbers[name[:3]])


@cache
def _with_month() -> re.Pattern[str]:
    month = any_of("months")
    year = r"(?:,?\s(?:de |del |of )?(?P<y{0}>20\d\d))?"
    first = rf"(?P<d1>[0-3]?\d)(?:st|nd|rd|th|er|o|°|º)?\s(?:of |de |del )?(?P<m1>{month})\b\.?{year.format(1)}"
    second = rf"(?P<m2>{month})\.?\s(?P<d2>[0-3]?\d)(?:st|nd|rd|th)?\b(?!\s?[%$€:]|[.,]\d){year.format(2)}"
    return re.compile(rf"\b(?:{first}|{second})")


@cache
def _span() -> re.Pattern[str]:
    number = r"\d+|" + "|".join(sorted(words()["numbers"], key=len, reverse=True))
    unit = "|".join(words()["units"])
    return re.compile(
        rf"\b(?:(?P<low>{number})\s?(?:-|–|to|a|y|o|ou|or|et|e)\s?)?(?P<number>{number})"
        rf"(?:(?<=\d)[\s-]?|[\s-])(?P<unit>{unit})\b(?!\d)"  # "3h", but "a hora" is not in "ahora"
    )
