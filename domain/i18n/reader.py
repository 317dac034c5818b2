"""Reads a text in one person's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

from domain.i18n.catalog import Text, load
from domain.kernel.money import Money

Stamp = Callable[[datetime], str]


class MissingText(LookupError):
    """A key or a parameter is missing: a mistake in our code or catalogs."""


@dataclass(frozen=True, slots=True)
class Percent:
    """A percentage in basis points: `Percent(5840)` is 58.4 %."""

    bp: int


@dataclass(frozen=True, slots=True)
class Count:
    """A number shown with the reader's grouping: `Count(12345)` is 12,345 in English."""

    number: int


class Reader:
    """Texts in one language.

    Args:
        locale: en, es, fr or pt-BR.
        zone: Zone in which instants are shown when there is no `stamp`.
        stamp: Turns an instant into what the door shows instead, e.g. Discord's own time stamps.

    Two readers share the catalogs; a reader holds no state and may be used by many at once.
    """

    __slots__ = ("_babel", "_stamp", "_texts", "_zone", "locale")

    def __init__(self, locale: str, zone: str = "UTC", *, stamp: Stamp | None = None) -> None:
        self.locale = locale
        self._babel = Locale.parse(locale, sep="-")
        self._zone = ZoneInfo(zone)
        self._stamp = stamp
        self._texts = load(locale)

    def __call__(self, key: str, /, **params: object) -> str:
        """The text for `key` with its values; `count` chooses among plural forms.

        Values are data: braces in them mean nothing.

        Raises:
            MissingText: No such key, or a placeholder without a value.
        """
        entry = self._texts.get(key)
        if entry is None:
            raise MissingText(key)
        if isinstance(entry, Mapping):
            if "count" not in params:
                raise MissingText(f"{key} needs count")
            entry = entry[self._category(_number(params["count"]))]
        return self._fill(key, entry, params)

    def has(self, key: str) -> bool:
        """Whether there is a text for `key`."""
        return key in self._texts

    def format(self, value: object) -> str:
        """A value as this reader writes it: money, dates, percentages, lists; all else as it is."""
        match value:
            case Money():
                return format_currency(value.decimal, value.currency, locale=self._babel)
            case Percent(bp):
                return format_percent(bp / 10_000, "#,##0.##\u00a0%" if self._spaced else "#,##0.##%",
                                      locale=self._babel)  # fmt: skip
            case Count(number):
                return format_decimal(number, locale=self._babel)
            case datetime():
                return self._instant(value)
            case date():
                return format_date(value, "medium", locale=self._babel)
            case Enum():
                return str(value.value)
            case str():
                return value
            case Sequence() | frozenset() | set():
                return format_list([self.format(item) for item in value], locale=self._babel)
        return str(value)

    @property
    def _spaced(self) -> bool:
        return self.locale in ("es", "fr")

    def _category(self, count: int) -> str:
        """The plural category. CLDR has 0 singular in Portuguese; in Brazil people say "0 pedidos"."""
        if count == 0 and self.locale == "pt-BR":
            return "other"
        return str(self._babel.plural_form(count))

    def _instant(self, value: datetime) -> str:
        if self._stamp is not None:
            return self._stamp(value)
        return format_datetime(value, "medium", tzinfo=self._zone, locale=self._babel)

    def _fill(self, key: str, text: Text, params: Mapping[str, object]) -> str:
        parts: list[str] = []
        for literal, name in text:
            parts.append(literal)
            if name is None:
                continue
            if name not in params:
                raise MissingText(f"{key} needs {name}")
            parts.append(self.format(params[name]))
        return "".join(parts)


def _number(count: object) -> int:
    if isinstance(count, Count):
        return count.number
    if isinstance(count, int):
        return count
    raise MissingText(f"count is no number: {count!r}")
