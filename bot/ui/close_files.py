"""What comes with a day's report: the chart, and a file with every line when one page does not hold them."""

import io
from collections.abc import Iterator

import discord
from discord import ui

from bot.ui.close_text import kind_name, win_rate
from bot.ui.sheets import csv_bytes
from bot.ui.text import clip
from domain.closing.dto import DayReport
from domain.i18n.reader import Reader
from domain.reporting.charts import close_alt_text, draw_close_chart

_ALT_LIMIT = 1024
_COLUMNS = ("order", "what", "booster", "start", "final", "win_rate", "price", "pay", "margin", "pot", "currency")


async def chart_file(read: Reader, report: DayReport) -> discord.File:
    """The chart as PNG, drawn in a thread."""
    picture = await draw_close_chart(report, read)
    return discord.File(io.BytesIO(picture), chart_name(report), description=_alt_text(read, report))


def chart_item(read: Reader, report: DayReport) -> ui.MediaGallery[ui.LayoutView]:
    """Where the message shows the chart, with its alt text."""
    picture = discord.MediaGalleryItem(f"attachment://{chart_name(report)}", description=_alt_text(read, report))
    return ui.MediaGallery(picture)


def lines_file(read: Reader, report: DayReport) -> discord.File:
    """Every line of the day as CSV."""
    header = [read(f"close.csv.{column}") for column in _COLUMNS]
    return discord.File(io.BytesIO(csv_bytes(header, _rows(read, report))), lines_name(report))


def lines_item(report: DayReport) -> ui.File[ui.LayoutView]:
    """Where the message shows the file."""
    return ui.File(f"attachment://{lines_name(report)}")


def chart_name(report: DayReport) -> str:
    """The picture's file name."""
    return f"close-{report.day.isoformat()}.png"


def lines_name(report: DayReport) -> str:
    """The file's name."""
    return f"close-{report.day.isoformat()}.csv"


def _rows(read: Reader, report: DayReport) -> Iterator[list[str]]:
    for line in report.lines:
        figures = line.figures
        yield [
            "" if line.order_code is None else str(line.order_code),
            kind_name(read, line.kind),
            line.booster_name or "",
            line.start_division or "",
            line.final_division or "",
            win_rate(read, line),
            *(str(amount.decimal) for amount in (figures.price, figures.pay, figures.margin, figures.pot)),
            report.currency,
        ]


def _alt_text(read: Reader, report: DayReport) -> str:
    return clip(close_alt_text(report, read), _ALT_LIMIT)
