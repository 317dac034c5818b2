"""/close: the day as it stands, and closing it."""

from contextlib import suppress
from datetime import date, timedelta

from discord import app_commands

from bot.answers import Answer, Press
from bot.router import DoorCog, fresh, pressed
from bot.suggest import suggest
from bot.ui.close_cards import Sheet, Shown, closed_sheet, live_sheet, what_changed
from bot.ui.close_files import chart_file, lines_file
from bot.ui.close_text import day_label
from bot.ui.sheets import unpack_hash
from bot.visit import Visit, enter
from bot.words import words
from domain.closing.dto import DayReport
from domain.kernel.dates import parse_past_day
from domain.kernel.errors import Conflict, InvalidInput

_DAYS_OFFERED = 14
_Z_PAGES_READ = 3
_NO_DAY = "-"


class CloseCog(DoorCog):
    """Looking at a day and closing it."""

    @app_commands.command(name=words("command.close.name"), description=words("command.close.description"))
    @app_commands.rename(day=words("option.close_day.name"))
    @app_commands.describe(day=words("option.close_day.description"))
    @app_commands.guild_only()
    async def close(self, interaction: Press, day: str | None = None) -> None:
        """Show the X of a day, or its Z when it is closed."""
        visit = await enter(interaction)
        today = await self._today(visit)
        await self._show(visit, today if day is None else parse_past_day(day, today=today))

    @close.autocomplete("day")
    async def suggest_day(self, interaction: Press, typed: str) -> list[app_commands.Choice[str]]:
        """Today, yesterday, and the recent days that are not closed; or the day that was typed."""

        async def search(visit: Visit) -> list[tuple[date, bool]]:
            return await self._days(visit, typed)

        return await suggest(interaction, search, self._day_choice, _NO_DAY)

    @pressed("close.show")
    async def show(self, visit: Visit, day: date) -> None:
        """Show it again, as it is now."""
        await self._show(visit, day)

    @pressed("close.open", Answer.PRIVATE)
    async def show_privately(self, visit: Visit, day: date) -> None:
        """Show a day to who pressed a button that everybody in the channel sees."""
        await self._show(visit, day)

    @fresh("close")
    async def show_current(self, visit: Visit, subject: str = "") -> None:
        """After a press on a card of an earlier version."""
        try:
            day = date.fromisoformat(subject)
        except ValueError:
            day = await self._today(visit)
        await self._show(visit, day)

    @pressed("close.page")
    async def page(self, visit: Visit, number: int, day: date, packed: str, line_count: int, gross_minor: int) -> None:
        """Turn a page; when the day changed meanwhile, begin again and say what is new."""
        await self._show(visit, day, number, shown=(unpack_hash(packed, "close"), Shown(line_count, gross_minor)))

    @pressed("close.day")
    async def close_day(self, visit: Visit, day: date, packed: str, line_count: int, gross_minor: int) -> None:
        """Make the Z of exactly what was shown; the message becomes the record."""
        report_hash = unpack_hash(packed, "close")
        try:
            closed = await self.services.closing.close(visit.actor, day, report_hash)
        except Conflict as refusal:
            if refusal.code != "closing.changed":
                raise
            await self._show(visit, day, shown=(report_hash, Shown(line_count, gross_minor)), was_closing=True)
            return
        await _send(visit, closed_sheet(visit.reader, closed), closed.report)

    async def _show(
        self, visit: Visit, day: date, number: int = 1, *, shown: tuple[str, Shown] | None = None,
        was_closing: bool = False,
    ) -> None:  # fmt: skip
        report = await self.services.closing.preview(visit.actor, day)
        if report.closed_number is not None:
            closed = await self.services.closing.get(visit.actor, day)
            await _send(visit, closed_sheet(visit.reader, closed, number), closed.report)
            return
        notes: list[str] = []
        if shown is not None and shown[0] != report.hash:
            notes, number = what_changed(visit.reader, shown[1], report, was_closing=was_closing), 1
        await _send(visit, live_sheet(visit.reader, report, number, notes), report)

    async def _today(self, visit: Visit) -> date:
        return (await visit.tenant()).day_of(self.services.clock.now())

    async def _days(self, visit: Visit, typed: str) -> list[tuple[date, bool]]:
        """Days with whether they are closed: the one that was typed, else those that fit what was typed."""
        tenant = await visit.tenant()
        today = tenant.day_of(self.services.clock.now())
        closed = await self._closed_days(visit)
        with suppress(InvalidInput):
            day = parse_past_day(typed, today=today)
            return [(day, day in closed)] if day <= today else []
        days = [today - timedelta(days=back) for back in range(_DAYS_OFFERED)]
        yesterday, first = days[1], tenant.day_of(tenant.created_at)
        offered = [day for day in days if day >= yesterday or (day >= first and day not in closed)]
        wanted = typed.strip().casefold()
        return [(day, day in closed) for day in offered if wanted in day_label(visit.reader, day).casefold()]

    async def _closed_days(self, visit: Visit) -> set[date]:
        found: set[date] = set()
        for number in range(1, _Z_PAGES_READ + 1):
            page = await self.services.closing.list(visit.actor, number)
            found |= {closed.business_on for closed in page.rows}
            if page.number >= page.page_count:
                break
        return found

    def _day_choice(self, visit: Visit, found: tuple[date, bool]) -> tuple[str, str]:
        day, is_closed = found
        state = visit.reader("close.choice.closed" if is_closed else "close.choice.open")
        return f"{day_label(visit.reader, day)} · {state}", day.isoformat()


async def _send(visit: Visit, sheet: Sheet, report: DayReport) -> None:
    files = [await chart_file(visit.reader, report)] if sheet.has_chart else []
    if sheet.has_file:
        files.append(lines_file(visit.reader, report))
    await visit.show(sheet.view, files)
