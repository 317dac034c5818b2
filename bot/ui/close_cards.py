"""A day's report as cards: X with its red button, Z as the record, and what the close channel gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import discord
from discord import ui

from bot.ui.cards import Card, Item, Tone, button, card, container
from bot.ui.close_files import chart_item, lines_item
from bot.ui.close_text import day_name, line_rows, orders, summary_lines
from bot.ui.pages import page_buttons
from bot.ui.sheets import Row, pack_hash, page_at, pages_of
from bot.ui.text import plain, stamp
from domain.closing.dto import DayClose, DayReport
from domain.i18n.reader import Reader
from domain.kernel.money import Money
from domain.kernel.pages import Page

_TOTAL_LIMIT = 3900
_EFFECT_LIMIT = 600
_FOOT_LIMIT = 200
_CHANGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """What an earlier X said, to tell what changed since."""

    line_count: int
    gross_minor: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a report, and what must be sent along with it.

    Attributes:
        view: The message.
        has_chart: The message shows the chart.
        has_file: The message shows the file with every line.
    """

    view: Card
    has_chart: bool
    has_file: bool


def live_sheet(read: Reader, report: DayReport, number: int = 1, notes: Sequence[str] = ()) -> Sheet:
    """X: live figures, and the red button bound to exactly them, set apart.

    Args:
        read: The reader's language.
        report: Fresh from the service.
        number: The page; the first has totals and chart, the others only lines.
        notes: Said first, e.g. what changed.
    """
    title = read("close.live.title", day=day_name(read, report.day))
    foot = read("close.live.foot", when=stamp(report.taken_at))
    sheet = _Paged(read, report, title, foot, Tone.NEUTRAL, _EFFECT_LIMIT)
    controls = [button(read("close.refresh"), "close.show", report.day, emoji="🔄")]
    return sheet.at(number, notes, controls, [_close_part(read, report)])


def closed_sheet(read: Reader, closed: DayClose, number: int = 1) -> Sheet:
    """Z: the record of a closed day."""
    foot = read("close.closed.foot", name=plain(closed.closed_by_label), when=stamp(closed.closed_at),
                hash=closed.hash[:12])  # fmt: skip
    return _Paged(read, closed.report, _closed_title(read, closed), foot, Tone.GOOD, 0).at(number, (), (), ())


def posted_card(read: Reader, closed: DayClose, *, shows_money: bool, has_file: bool) -> Card:
    """For the close channel: the totals and the chart, the lines behind a button and in the file.

    Without money where the channel is not the close's own.
    """
    foot = read("close.closed.foot", name=plain(closed.closed_by_label), when=stamp(closed.closed_at),
                hash=closed.hash[:12])  # fmt: skip
    if not shows_money:
        text = read("close.closed.elsewhere", orders=orders(read, closed.report.order_count))
        return card(_closed_title(read, closed), [text], tone=Tone.GOOD, foot=foot)
    media: list[Item] = [chart_item(read, closed.report)]
    if has_file:
        media.append(lines_item(closed.report))
    lines = button(read("close.closed.lines"), "close.open", closed.business_on)
    return card(_closed_title(read, closed), summary_lines(read, closed.report), tone=Tone.GOOD, media=media,
                controls=[lines] if closed.report.lines else [], foot=foot)  # fmt: skip


def reminder_card(read: Reader, day: date) -> Card:
    """For the close channel: a day with orders is not closed yet."""
    look = button(read("close.reminder.button"), "close.open", day, style=discord.ButtonStyle.primary)
    return card(read("close.reminder.title"), [read("close.reminder.text", day=day_name(read, day))],
                tone=Tone.WARNING, controls=[look])  # fmt: skip


def what_changed(read: Reader, shown: Shown, report: DayReport, *, was_closing: bool) -> list[str]:
    """What the day has now that it did not have when it was shown; with `was_closing`, that it was not closed."""
    before, now = Money(shown.gross_minor, report.currency), report.totals.price
    new = report.lines[max(0, shown.line_count) :]
    text = read("close.changed.intro" if was_closing else "close.changed.seen")
    if before != now:
        text += " " + read("close.changed.gross", before=before, now=now)
    if not new:
        return [text, read("close.changed.figures")]
    rows = list(line_rows(read, report))[-len(new) :]
    notes = [text, *(row.text.split("\n")[0] for row in rows[:_CHANGES_SHOWN])]
    if len(new) > _CHANGES_SHOWN:
        notes.append(read("close.changed.more", count=len(new) - _CHANGES_SHOWN))
    return notes


def _close_part(read: Reader, report: DayReport) -> Item:
    effect = read("close.close.effect", day=day_name(read, report.day), orders=orders(read, report.order_count),
                  amount=report.totals.price)  # fmt: skip
    red = button(
        read("close.close.button"), "close.day", report.day, pack_hash(report.hash), len(report.lines),
        report.totals.price.minor, style=discord.ButtonStyle.danger,
    )  # fmt: skip
    return container(read("close.close.title"), [effect], tone=Tone.DANGER, controls=[red], text_limit=_EFFECT_LIMIT)


def _closed_title(read: Reader, closed: DayClose) -> str:
    return read("close.closed.title", number=closed.number, day=day_name(read, closed.business_on))


@dataclass(frozen=True, slots=True)
class _Paged:
    read: Reader
    report: DayReport
    title: str
    foot: str
    tone: Tone
    kept_limit: int  # characters other containers of the message need

    def at(self, number: int, notes: Sequence[str], controls: Sequence[Item], apart: Sequence[Item]) -> Sheet:
        quoted = [*(f"> {note}" for note in notes), ""] if notes else []
        head = [*quoted, *summary_lines(self.read, self.report)]
        room = _TOTAL_LIMIT - self.kept_limit - _FOOT_LIMIT - len(self.title)
        pages = pages_of(self._rows(), first_limit=room - sum(len(line) + 1 for line in head))
        page = page_at(pages, number)
        is_first, has_file = page.number == 1, len(pages) > 1 and page.number == 1
        media: list[Item] = [chart_item(self.read, self.report)] if is_first else []
        body = page.rows
        if is_first and body:
            media += [ui.Separator[ui.LayoutView](), ui.TextDisplay[ui.LayoutView]("\n".join(body))]
        if has_file:
            media.append(lines_item(self.report))
        main = container(
            self.title, head if is_first else [*quoted, *body], tone=self.tone, media=media,
            controls=[*self._turns(page), *controls], foot=self.foot, text_limit=room,
        )  # fmt: skip
        return Sheet(Card(main, *apart), is_first, has_file)

    def _rows(self) -> list[Row]:
        rows = list(line_rows(self.read, self.report))
        return rows or [Row(self.read("close.line.none"))]

    def _turns(self, page: Page[str]) -> list[Item]:
        report = self.report
        return page_buttons(self.read, "close.page", page, report.day, pack_hash(report.hash), len(report.lines),
                            report.totals.price.minor)  # fmt: skip
