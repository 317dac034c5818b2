"""Money: integer minor units with a currency; never a float (docs/adr/0005)."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from babel.numbers import get_currency_precision, get_currency_symbol

from domain.kernel.errors import InvalidInput

_CODE = re.compile(r"[A-Za-z]{3}(?=$|\s)|^[A-Za-z]{3}")
_DIGIT = re.compile(r"\d")
_NOISE = re.compile(r"[\s$€£¥]")
_SHOWN_IN = ("en", "es", "fr", "pt_BR")  # the ways we write amounts ourselves
_OWN_SIGNS = {"€": ("EUR",), "£": ("GBP", "EGP", "FKP", "GIP", "LBP", "SHP", "SSP", "SYP"), "¥": ("JPY", "CNY")}
MAX_MINOR = 10**15


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount: `Money(4500, "USD")` is 45.00 USD. Arithmetic refuses to mix currencies."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.minor

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact, with the currency's number of decimals."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))

    @classmethod
    def of(cls, major: Decimal | int | str, currency: str) -> "Money":
        """An amount from major units; refuses what is finer than the currency's smallest unit."""
        scaled = Decimal(major).scaleb(get_currency_precision(currency))
        if scaled != scaled.to_integral_value() or abs(scaled) > MAX_MINOR:
            raise InvalidInput("money.precision", field="amount", text=str(major))
        return cls(int(scaled), currency)

    def percent(self, percent: int) -> "Money":
        """`percent` per cent of the amount, half a minor unit rounded away from zero."""
        share = (Decimal(self.minor) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
        return Money(int(share), self.currency)


def parse_money(text: str, currency: str, *, field: str = "amount") -> Money:
    """Read an amount as people type it: `45`, `$1,234.50`, `1.234,50`, `-3`, `12,5`, or as we show it: `R$ 45,00`.

    The last separator followed by one or two digits (in currencies with more decimals, by up to as many) is the
    decimal sign; others group thousands. What begins with a zero groups nothing: `0.500` is not five hundred.

    Raises:
        InvalidInput: `money.unreadable`; `money.currency` when another currency is named; or `money.precision`
            when finer than the smallest unit.
    """
    bare = _without_symbol(text, currency)
    cleaned = _NOISE.sub("", _CODE.sub("", bare.strip())).replace("'", "").replace("\u2212", "-")
    cleaned = _DIGIT.sub(lambda digit: str(int(digit[0])), cleaned)  # a zero is one in any script
    decimals = max(2, get_currency_precision(currency))
    whole_part = r"\d+|(?!0)\d{1,3}([.,])\d{3}(?:\3\d{3})*"
    grouped = re.fullmatch(rf"([+-]?)({whole_part})(?:[.,](\d{{1,{decimals}}}))?", cleaned)
    if grouped is None:
        raise InvalidInput("money.unreadable", field=field, text=text[:40])
    _check_currency(bare, currency, field)
    sign, whole, _, fraction = grouped.groups()
    digits = whole.replace(".", "").replace(",", "")
    try:
        return Money.of(Decimal(f"{sign}{digits}.{fraction or 0}"), currency)
    except InvalidOperation as exc:
        raise InvalidInput("money.unreadable", field=field, text=text[:40]) from exc
    except InvalidInput as exc:  # in the person's own words
        raise InvalidInput(exc.code, field=field, text=text[:40]) from exc


def _without_symbol(text: str, currency: str) -> str:
    """The amount without the sign that one of our languages puts beside it: `R$`, `US$`, `$US`."""
    symbols = {get_currency_symbol(currency, locale) for locale in _SHOWN_IN}
    for symbol in sorted(symbols, key=len, reverse=True):  # `US$` before `$`
        if symbol in text:
            return text.replace(symbol, "", 1)
    return text


def _check_currency(text: str, currency: str, field: str) -> None:
    """Refuse an amount that names another currency: 45 EUR are not 45 USD."""
    code = _CODE.search(text.strip())
    has_own_sign = any(currency in owners for owners in _OWN_SIGNS.values())
    is_other_sign = any(sign in text and currency not in owners for sign, owners in _OWN_SIGNS.items())
    if is_other_sign or (has_own_sign and "$" in text) or (code is not None and code[0].upper() != currency):
        raise InvalidInput("money.currency", field=field, currency=currency)
