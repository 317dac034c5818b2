"""What boosters are owed, as rows: a heading per booster, a line per order and adjustment."""

from collections.abc import Iterable, Iterator

from bot.ui.sheets import Row
from bot.ui.text import clip, plain
from domain.i18n.reader import Count, Reader
from domain.kernel.money import Money
from domain.payroll.dto import BoosterPay, PayLine

_NAME_LIMIT = 40
_REASON_LIMIT = 60


def booster_rows(read: Reader, boosters: Iterable[BoosterPay]) -> Iterator[Row]:
    """A heading per booster with the total, then the lines in journal order."""
    for booster in boosters:
        heading = f"**{plain(booster.name, _NAME_LIMIT)}** · **{read.format(booster.total)}**"
        orders = read("payroll.orders", count=Count(len(booster.order_codes)))
        yield Row(f"{heading} · {orders}")
        again = read("payroll.continued", name=f"**{plain(booster.name, _NAME_LIMIT)}**")
        for line in booster.lines:
            yield Row(line_text(read, line), again)


def line_text(read: Reader, line: PayLine) -> str:
    """`#4821` D1 · $35.00; what is no completion says what it is, and why."""
    parts = [f"`#{line.order_code}`"] if line.order_code is not None else []
    if line.kind == "completion":
        words = " ".join([*parts, plain(line.division or "", _NAME_LIMIT)])
        return f"{words} · {read.format(line.amount)}"
    parts.append(kind_name(read, line.kind))
    text = f"{' '.join(parts)} · {signed(read, line.amount)}"
    return f"{text} · {plain(line.reason, _REASON_LIMIT)}" if line.reason else text


def kind_name(read: Reader, kind: str) -> str:
    """What moved the money, in the reader's words; a kind we have no word for stays as it is."""
    key = f"payroll.kind.{kind}"
    return read(key) if read.has(key) else clip(kind, _NAME_LIMIT)


def signed(read: Reader, amount: Money) -> str:
    """The amount with its sign, also when it adds."""
    return f"+{read.format(amount)}" if amount.minor > 0 else read.format(amount)


def people(read: Reader, count: int) -> str:
    """`7 people`."""
    return read("payroll.people", count=Count(count))


def orders(read: Reader, count: int) -> str:
    """`31 orders`."""
    return read("payroll.orders", count=Count(count))
