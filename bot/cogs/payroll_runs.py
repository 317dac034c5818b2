"""/payroll-runs: earlier runs."""

from discord import app_commands

from bot.answers import Answer, Press
from bot.cogs.payroll import csv_file, looking, run_details
from bot.router import DoorCog, fresh, pressed
from bot.suggest import suggest
from bot.ui.payroll_cards import run_card
from bot.ui.payroll_runs import run_label, runs_card
from bot.visit import Visit, enter
from bot.words import words
from domain.kernel.errors import NotFound
from domain.payroll.dto import PayrollRun


class PayrollRunsCog(DoorCog):
    """Looking runs up."""

    runs = app_commands.Group(
        name=words("command.payroll_runs.name"), description=words("command.payroll_runs.description"),
        guild_only=True,
    )  # fmt: skip

    @runs.command(name=words("command.payroll_runs.list.name"),
                  description=words("command.payroll_runs.list.description"))  # fmt: skip
    async def list_runs(self, interaction: Press) -> None:
        """List the runs, newest first."""
        await self.page(await enter(interaction), 1)

    @runs.command(name=words("command.payroll_runs.show.name"),
                  description=words("command.payroll_runs.show.description"))  # fmt: skip
    @app_commands.rename(number=words("option.run_number.name"))
    @app_commands.describe(number=words("option.run_number.description"))
    async def show_run(self, interaction: Press, number: app_commands.Range[int, 0, 999_999_999]) -> None:
        """Show a run with its lines."""
        await self._show(await enter(interaction), number)

    @show_run.autocomplete("number")
    async def suggest_number(self, interaction: Press, typed: str) -> list[app_commands.Choice[int]]:
        """The newest runs whose number begins with what was typed."""

        async def search(visit: Visit) -> list[PayrollRun]:
            page = await self.services.payroll.list(visit.actor)
            return [run for run in page.rows if str(run.number).startswith(str(typed).strip())]

        return await suggest(interaction, search, lambda visit, run: (run_label(visit.reader, run), run.number), 0)

    @pressed("runs.page")
    async def page(self, visit: Visit, number: int) -> None:
        """Show a page of the list."""
        page = await self.services.payroll.list(visit.actor, number)
        if page.number > page.page_count:
            page = await self.services.payroll.list(visit.actor, page.page_count)
        await visit.show(runs_card(visit.reader, page))

    @pressed("runs.open")
    async def opened(self, visit: Visit) -> None:
        """Show the run that was picked in the list."""
        picked = visit.chosen[0] if visit.chosen else ""
        if not (picked.isascii() and picked.isdigit() and len(picked) < 10):
            raise NotFound("payroll.unknown_run")
        await self._show(visit, int(picked))

    @pressed("runs.show", Answer.PRIVATE)
    async def show_privately(self, visit: Visit, number: int) -> None:
        """Show a run to who pressed *Details* on a card that everybody in the channel sees."""
        await self._show(visit, number)

    @pressed("runs.turn")
    async def turn(self, visit: Visit, page_number: int, number: int) -> None:
        """Turn a page of a run."""
        await self._show(visit, number, page_number)

    @pressed("runs.csv")
    async def csv(self, visit: Visit, number: int) -> None:
        """Bring the file with the same message."""
        details = await run_details(visit, number)
        file = await csv_file(visit, number)
        await visit.show(run_card(await looking(visit), details, csv_name=file.filename), [file])

    @fresh("runs")
    async def show_current(self, visit: Visit, subject: str = "") -> None:
        """After a press on a card of an earlier version."""
        del subject
        await self.page(visit, 1)

    async def _show(self, visit: Visit, number: int, page_number: int = 1) -> None:
        details = await run_details(visit, number)
        await visit.show(run_card(await looking(visit), details, page_number))
