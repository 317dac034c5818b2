"""A day's report in words: totals, comparison, and a row per order. The figures of the chart are all in it."""

from collections.abc import Iterator
from datetime import date

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from bot.ui.payroll_rows import signed
from bot.ui.sheets import Row
from bot.ui.text import plain
from domain.closing.dto import DayFigures, DayReport, Figures, LineKind, ReportLine
from domain.i18n.reader import Count, Percent, Reader
from domain.kernel.money import Money

_NAME_LIMIT = 32


def day_name(read: Reader, day: date) -> str:
    """The day in full: Friday, November 20, 2026."""
    return format_date(day, "full", locale=_locale(read))


def day_label(read: Reader, day: date) -> str:
    """The day in short: Fri, Nov 20, 2026."""
    return format_skeleton("yMMMEd", day, locale=_locale(read))


def orders(read: Reader, count: int) -> str:
    """`31 orders`."""
    return read("close.orders", count=Count(count))


def summary_lines(read: Reader, report: DayReport) -> list[str]:
    """The totals, what boosters are owed, the pot, and the days before."""
    totals = report.totals
    lines = [
        read("close.sum.gross", amount=totals.price, orders=orders(read, report.order_count)),
        read("close.sum.parts", pay=totals.pay, net=totals.margin, pot=totals.pot),
    ]
    facts = []
    if report.abandon_count:
        facts.append(read("close.sum.abandoned", count=report.abandon_count))
    if report.reversal_count:
        facts.append(read("close.sum.reopened", count=report.reversal_count))
    facts += _average_days(read, report)
    if facts:
        lines.append(" · ".join(facts))
    if report.paid_out:
        lines.append(read("close.sum.paid_out", amount=report.paid_out))
    lines.append(read("close.sum.owed", amount=report.owed))
    lines.append(read("close.sum.month_pot", month=_month_name(read, report), amount=report.month_pot))
    return [*lines, "", *comparison_lines(read, report)]


def comparison_lines(read: Reader, report: DayReport) -> list[str]:
    """Against the average of the days before, then each of them."""
    average = report.average
    if average is None:
        return [read("close.compare.first_day")]
    lines = [
        read("close.compare.average", count=len(report.previous), trend=_trend(read, report.totals.price, average),
             amount=average.figures.price, orders=orders(read, average.order_count))
    ]  # fmt: skip
    if any(day.order_count or day.figures.price for day in report.previous):
        lines.append(f"-# {read('close.compare.legend')}")
        lines += [f"-# {_day_line(read, day)}" for day in reversed(report.previous)]
    return lines


def line_rows(read: Reader, report: DayReport) -> Iterator[Row]:
    """A row per order or movement, in journal order."""
    for line in report.lines:
        yield Row(_line(read, line))


def figures_text(read: Reader, figures: Figures) -> str:
    """What the price is made of."""
    return read("close.line.parts", pay=_bare(read, figures.pay), margin=_bare(read, figures.margin),
                pot=_bare(read, figures.pot))  # fmt: skip


def kind_name(read: Reader, kind: LineKind) -> str:
    """What a line is, in a word or two."""
    return read(f"close.kind.{kind}")


def win_rate(read: Reader, line: ReportLine) -> str:
    """`72%`, or nothing."""
    return "" if line.win_rate_bp is None else read.format(Percent(line.win_rate_bp))


def _line(read: Reader, line: ReportLine) -> str:
    parts = [f"`#{line.order_code}`"] if line.order_code is not None else []
    if line.booster_name:
        parts.append(f"**{plain(line.booster_name, _NAME_LIMIT)}**")
    if line.kind is LineKind.COMPLETION:
        climb = [plain(part, 20) for part in (line.start_division, line.final_division) if part]
        parts.append(" → ".join(climb))
        if rate := win_rate(read, line):
            parts.append(f"({rate})")
        head = f"{' '.join(parts)} · **{read.format(line.figures.price)}**"
        return f"{head}\n-# {figures_text(read, line.figures)}"
    parts.append(kind_name(read, line.kind))
    if line.figures.price:
        head = f"{' '.join(parts)} · **{read.format(line.figures.price)}**"
    else:
        head = f"{' '.join(parts)} · {read('close.line.pay_only', pay=signed(read, line.figures.pay))}"
    return f"{head}\n-# {figures_text(read, line.figures)}"


def _day_line(read: Reader, day: DayFigures) -> str:
    figures = day.figures
    return read(
        "close.compare.day", day=format_skeleton("MMMEd", day.day, locale=_locale(read)),
        orders=orders(read, day.order_count), price=figures.price, pay=_bare(read, figures.pay),
        net=_bare(read, figures.margin), pot=_bare(read, figures.pot),
    )  # fmt: skip


def _trend(read: Reader, price: Money, average: DayFigures) -> str:
    usual = average.figures.price.minor
    if usual <= 0:
        return "▲" if price.minor > usual else "="
    percent = (200 * (price.minor - usual) + usual) // (2 * usual)  # whole per cent, halves up
    if not percent:
        return "="
    return f"{'▲' if percent > 0 else '▼'} {read.format(Percent(abs(percent) * 100))}"


def _average_days(read: Reader, report: DayReport) -> list[str]:
    days = report.average_days
    if days is None:
        return []
    whole = days.to_integral_value()
    shown = whole if days == whole else days
    # 1.5 is plural in English and singular in French; the catalog itself chooses by whole numbers.
    count = 1 if _locale(read).plural_form(shown) == "one" else 2
    return [read("close.sum.average_days", count=count, days=format_decimal(shown, locale=_locale(read)))]


def _month_name(read: Reader, report: DayReport) -> str:
    return format_skeleton("yMMMM", report.day, locale=_locale(read))


def _bare(read: Reader, amount: Money) -> str:
    """The amount without its currency, which stands beside it already."""
    decimals = -int(amount.decimal.as_tuple().exponent)
    return format_decimal(amount.decimal, f"#,##0.{'0' * decimals}" if decimals else "#,##0", locale=_locale(read))


def _locale(read: Reader) -> Locale:
    return Locale.parse(read.locale, sep="-")
