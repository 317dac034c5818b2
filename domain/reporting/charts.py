"""The close as a picture: the day against the seven before, drawn for a phone in Discord's dark mode."""

import asyncio
import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_compact_currency, format_decimal

from domain.closing.dto import DayFigures, DayReport, Figures
from domain.i18n.reader import Reader
from domain.kernel.money import Money

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PARTS = ("price", "pay", "margin", "pot")
_WIDTH_IN, _HEIGHT_IN, _DPI = 9.0, 5.2, 110
_BACKGROUND, _TEXT, _FAINT, _GRID = "#2b2d31", "#f2f3f5", "#b5bac1", "#3f4147"
_COLOURS = {"price": "#5da9f6", "pay": "#f0b232", "margin": "#43c581", "pot": "#c98bf0"}


def close_chart(report: DayReport, reader: Reader) -> bytes:
    """The chart of a day as PNG, about 990 x 570 pixels: gross, pay, net and pot, each against the days before.

    Slow (most of a second the first time, when matplotlib is imported): see `draw_close_chart`.
    """
    # Imported here: start-up stays fast and the process small until somebody closes a day.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH_IN, _HEIGHT_IN), dpi=_DPI, facecolor=_BACKGROUND)
    FigureCanvasAgg(figure)  # makes itself the figure's canvas
    days = [*report.previous, DayFigures(report.day, report.totals, report.order_count)]
    figure.text(0.035, 0.935, _drawable(report.shop), color=_TEXT, fontsize=17, fontweight="bold", va="center")
    figure.text(0.965, 0.935, reader.format(report.day), color=_TEXT, fontsize=15, va="center", ha="right")
    figure.text(0.035, 0.872, _subtitle(report, reader), color=_FAINT, fontsize=11.5, va="center")
    panels = figure.subplots(2, 2, gridspec_kw={
        "left": 0.035, "right": 0.965, "top": 0.71, "bottom": 0.095, "hspace": 1.05, "wspace": 0.10,
    })  # fmt: skip
    for axes, part in zip(panels.flat, PARTS, strict=True):
        _panel(axes, part, days, report.average, reader)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", facecolor=_BACKGROUND)
    return picture.getvalue()


async def draw_close_chart(report: DayReport, reader: Reader) -> bytes:
    """The same in a thread, so that the event loop goes on."""
    return await asyncio.to_thread(close_chart, report, reader)


def close_alt_text(report: DayReport, reader: Reader) -> str:
    """The chart in words, with the same numbers."""
    lines = [reader("reporting.close.alt", shop=report.shop, day=report.day)]
    average = report.average
    for part in PARTS:
        label = reader(f"reporting.close.{part}")
        amount = _amount(report.totals, part)
        if average is None:
            lines.append(reader("reporting.close.alt_part", label=label, amount=amount))
        else:
            usual = _amount(average.figures, part)
            lines.append(reader("reporting.close.alt_compared", label=label, amount=amount, average=usual))
    return "\n".join(lines)


def _subtitle(report: DayReport, reader: Reader) -> str:
    orders = reader("reporting.close.orders", count=report.order_count)
    if not report.previous:
        return f"{orders} · {reader('reporting.close.first_day')}"
    return f"{orders} · {reader('reporting.close.compared', count=len(report.previous))}"


def _panel(axes: "Axes", part: str, days: Sequence[DayFigures], average: DayFigures | None, reader: Reader) -> None:
    colour = _COLOURS[part]
    amounts = [_amount(day.figures, part) for day in days]
    values = [float(amount.decimal) for amount in amounts]  # heights of bars only; labels are exact
    places = range(len(days))
    axes.bar(places, values, width=0.66, color=[*[_dimmed(colour)] * (len(days) - 1), colour])
    axes.axhline(0, color=_GRID, linewidth=1)
    _dress(axes, days, values, reader)
    written = _compact(reader)
    reach = _reach(values)
    for place, amount, value in zip(places, amounts, values, strict=True):
        is_day = place == len(days) - 1
        above = value >= 0
        axes.text(place, value + reach * (0.05 if above else -0.05), written(amount), ha="center",
                  va="bottom" if above else "top", fontsize=9.5 if is_day else 8.5,
                  color=_TEXT if is_day else _FAINT, fontweight="bold" if is_day else "normal",
                  bbox={"facecolor": _BACKGROUND, "edgecolor": "none", "pad": 0.8})  # fmt: skip
    axes.text(0, 1.30, reader(f"reporting.close.{part}"), transform=axes.transAxes, color=_FAINT, fontsize=11.5)
    axes.text(1, 1.30, _drawable(reader.format(amounts[-1])), transform=axes.transAxes, color=colour, fontsize=16,
              fontweight="bold", ha="right")  # fmt: skip
    if average is not None:
        usual = _amount(average.figures, part)
        axes.axhline(float(usual.decimal), color=_TEXT, linewidth=1, linestyle=(0, (4, 3)), alpha=0.6)
        text = _drawable(reader("reporting.close.average", amount=usual))
        axes.text(1, 1.14, text, transform=axes.transAxes, color=_FAINT, fontsize=10, ha="right")


def _dress(axes: "Axes", days: Sequence[DayFigures], values: Sequence[float], reader: Reader) -> None:
    locale = Locale.parse(reader.locale, sep="-")
    axes.set_facecolor(_BACKGROUND)
    axes.set_yticks([])
    axes.set_xticks(range(len(days)), [_tick(day, locale) for day in days])
    axes.tick_params(axis="x", colors=_FAINT, labelsize=9.5, length=0, pad=4)
    axes.get_xticklabels()[-1].set_color(_TEXT)
    axes.get_xticklabels()[-1].set_fontweight("bold")
    for spine in axes.spines.values():
        spine.set_visible(False)
    reach = _reach(values)
    axes.set_ylim(min(0.0, *values) - reach * (0.18 if min(values) < 0 else 0), max(0.0, *values) + reach * 0.18)
    axes.set_xlim(len(days) - 8.5, len(days) - 0.5)


def _tick(day: DayFigures, locale: Locale) -> str:
    return f"{format_date(day.day, 'EEE', locale=locale).rstrip('.')}\n{day.day.day}"


def _reach(values: Sequence[float]) -> float:
    return (max(0.0, *values) - min(0.0, *values)) or 1.0


def _amount(figures: Figures, part: str) -> Money:
    amount: Money = getattr(figures, part)
    return amount


def _compact(reader: Reader) -> Callable[[Money], str]:
    """How amounts stand over bars, short: the day's exact one with its currency is in the panel's head."""
    locale = Locale.parse(reader.locale, sep="-")

    def written(amount: Money) -> str:
        if abs(amount.decimal) >= 10_000:
            return format_compact_currency(amount.decimal, "", locale=locale, fraction_digits=1).strip()
        return format_decimal(amount.decimal, "#,##0" if abs(amount.decimal) >= 100 else "#,##0.##", locale=locale)

    return written


def _dimmed(colour: str) -> str:
    """The colour, mixed half and half with the background."""
    mixed = ((int(colour[at : at + 2], 16) + int(_BACKGROUND[at : at + 2], 16)) // 2 for at in (1, 3, 5))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _drawable(text: str) -> str:
    """What the font has of a text, taken literally: emoji are left out, and `$...$` is no formula."""
    from matplotlib.font_manager import findfont, get_font

    glyphs = get_font(findfont("DejaVu Sans")).get_charmap()
    return "".join(sign for sign in text if ord(sign) in glyphs).strip().replace("$", r"\$")
