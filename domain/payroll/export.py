"""A payroll run as CSV: UTF-8 with BOM for Excel, RFC 4180, amounts as plain decimals.

The first four columns are those of the tool the shops come from, and `Detail` is written as there, the same in
every language; only headers are translated. A cell that a spreadsheet would run as a formula gets an apostrophe.
"""

import csv
import io
from collections.abc import Mapping
from uuid import UUID

from babel.numbers import format_currency

from domain.i18n.reader import Reader
from domain.kernel.money import Money
from domain.payroll.dto import BoosterPay, PayrollRunDetails

_COLUMNS = ("staff", "total", "orders", "detail", "currency", "payout", "codes", "run")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BOM = "\ufeff"


def csv_of(details: PayrollRunDetails, addresses: Mapping[UUID, str], locale: str) -> bytes:
    """The file: a header and one row per booster, by name."""
    reader = Reader(locale)
    text = io.StringIO()
    text.write(_BOM)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([reader(f"payroll.csv.{column}") for column in _COLUMNS])
    for booster in details.boosters:
        codes = booster.order_codes
        cells = (
            booster.name,
            str(booster.total.decimal),
            str(len(codes)),
            detail_of(booster),
            booster.total.currency,
            addresses.get(booster.member_id, ""),
            " ".join(str(code) for code in codes),
            str(details.run.number),
        )
        writer.writerow([neutral(cell) for cell in cells])
    return text.getvalue().encode()


def detail_of(booster: BoosterPay) -> str:
    """`D1 ($35.00) + E2 ($10.00)`: per order its final division and what it pays, adjustments included."""
    parts: dict[object, tuple[str, Money]] = {}
    for line in booster.lines:
        key: object = line.order_id or line.entry_id
        name, amount = parts.get(key, ("", Money(0, line.amount.currency)))
        parts[key] = (name or line.division or line.kind, amount + line.amount)
    return " + ".join(f"{name} ({_compact(amount)})" for name, amount in parts.values())


def neutral(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_FORMULA_STARTS) else cell


def _compact(amount: Money) -> str:
    return format_currency(amount.decimal, amount.currency, locale="en").replace("\u00a0", " ")
