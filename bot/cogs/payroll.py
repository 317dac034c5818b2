"""/payroll: what is owed, approve, pay; and a booster's objection."""

import io
from uuid import UUID

import discord
from discord import app_commands

from bot.answers import Answer, Press
from bot.errors import error_text
from bot.router import DoorCog, fresh, pressed, submitted
from bot.ui.payroll_cards import Looking, Shown, preview_card, run_card, what_changed
from bot.ui.payroll_stub import dispute_form, stub_card, stub_files
from bot.ui.sheets import unpack_hash
from bot.visit import Visit, enter
from bot.words import words
from domain.kernel.errors import Conflict, NotFound, PermissionDenied
from domain.payroll.dto import PayrollRun, PayrollRunDetails, RunState
from domain.tenancy.policy import Permission, require

_LARGEST_NUMBER = 2**31 - 1
_SHOW_ANEW = frozenset({"payroll.changed", "payroll.run_stale", "payroll.run_refused", "payroll.nothing_to_pay",
                        "payroll.run_waiting"})  # fmt: skip
"""Refusals after which the person needs to see how things stand now."""


class PayrollCog(DoorCog):
    """Previewing, approving and paying."""

    @app_commands.command(name=words("command.payroll.name"), description=words("command.payroll.description"))
    @app_commands.guild_only()
    async def payroll(self, interaction: Press) -> None:
        """Show what would be paid now, or the run that waits for Pay."""
        await self._show(await enter(interaction))

    @pressed("payroll.show")
    async def show(self, visit: Visit) -> None:
        """Show it again, as it is now."""
        await self._show(visit)

    @fresh("payroll")
    async def show_current(self, visit: Visit, subject: str = "") -> None:
        """After a press on a card of an earlier version."""
        del subject
        await self._show(visit)

    @pressed("payroll.page")
    async def page(self, visit: Visit, number: int, packed: str, total_minor: int, order_count: int) -> None:
        """Turn a page of the preview; when the lines changed meanwhile, begin again and say so."""
        await self._show(visit, number, shown=(packed, Shown(total_minor, order_count)))

    @pressed("payroll.approve")
    async def approve(self, visit: Visit, packed: str, total_minor: int, order_count: int) -> None:
        """Freeze the lines that were shown into a run."""
        try:
            run = await self.services.payroll.approve(visit.actor, unpack_hash(packed, "payroll"))
        except Conflict as refusal:
            if refusal.code == "payroll.changed":
                await self._show(visit, shown=(packed, Shown(total_minor, order_count)))
            elif refusal.code in _SHOW_ANEW:
                await self._show(visit, notes=(error_text(visit.reader, refusal),))
            else:
                raise
            return
        await self._show_run(visit, run)

    @pressed("payroll.pay")
    async def pay(self, visit: Visit, number: int, packed: str) -> None:
        """Pay the run whose lines were shown; the message becomes the record, with the file."""
        require(visit.actor, Permission.PAYROLL_PAY)
        run_id = (await run_details(visit, number)).run.id
        try:
            run = await self.services.payroll.pay(visit.actor, run_id, unpack_hash(packed, "payroll"))
        except Conflict as refusal:
            if refusal.code not in _SHOW_ANEW:
                raise
            await self._show(visit, notes=(error_text(visit.reader, refusal),))
            return
        await self._show_run(visit, run)

    @pressed("payroll.refuse")
    async def refuse(self, visit: Visit, number: int) -> None:
        """Take an approved run back and show what is owed."""
        require(visit.actor, Permission.PAYROLL_APPROVE)
        run_id = (await run_details(visit, number)).run.id
        run = await self.services.payroll.refuse(visit.actor, run_id)
        await self._show(visit, notes=(visit.reader("payroll.refuse.done", number=run.number),))

    @pressed("payroll.dispute", Answer.FORM)
    async def ask_dispute(self, visit: Visit, run_id: UUID) -> None:
        """Open the form that asks what is wrong; a stub disputed before says so instead."""
        member_id = visit.actor.member_id
        if member_id is None:
            raise PermissionDenied("payroll.person_needed")
        stub = await self.services.payroll.stub(visit.actor, run_id, member_id)
        if stub.dispute is not None:
            raise Conflict("payroll.already_disputed")
        await visit.open(dispute_form(visit.reader, stub))

    @submitted("payroll.dispute")
    async def dispute(self, visit: Visit, run_id: UUID) -> None:
        """Tell the payroll channel; the stub keeps what was said."""
        stub = await self.services.payroll.dispute(visit.actor, run_id, visit.text("text"))
        shop = (await visit.tenant()).name
        await visit.show(stub_card(visit.reader, shop, stub), stub_files(visit.reader, stub))

    async def _show(
        self, visit: Visit, number: int = 1, *, shown: tuple[str, Shown] | None = None, notes: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        look = await looking(visit)
        preview = await self.services.payroll.preview(visit.actor)
        if shown is not None and unpack_hash(shown[0], "payroll") != preview.hash:
            notes, number = (what_changed(visit.reader, shown[1], preview), *notes), 1
        if preview.approved_run is None:
            await visit.show(preview_card(look, preview, number, notes))
            return
        if preview.boosters:
            notes = (*notes, visit.reader("payroll.run.meanwhile", total=preview.total))
        await self._show_run(visit, preview.approved_run, notes)

    async def _show_run(self, visit: Visit, run: PayrollRun, notes: tuple[str, ...] = ()) -> None:
        details = await run_details(visit, run.number)
        files: list[discord.File] = []
        if run.state in (RunState.PAID, RunState.LOCKED):
            files.append(await csv_file(visit, run.number))
        name = files[0].filename if files else None
        await visit.show(run_card(await looking(visit), details, notes=notes, csv_name=name), files)


async def looking(visit: Visit) -> Looking:
    """Whose eyes a card is drawn for."""
    return Looking(visit.reader, visit.actor, await visit.tenant())


async def run_details(visit: Visit, number: int) -> PayrollRunDetails:
    """A run with its lines. Raises `NotFound` `payroll.unknown_run`, also for numbers no run can have."""
    if not 0 < number <= _LARGEST_NUMBER:
        raise NotFound("payroll.unknown_run")
    return await visit.services.payroll.get(visit.actor, number)


async def csv_file(visit: Visit, number: int) -> discord.File:
    """A run's CSV, with headers in the reader's language."""
    content = await visit.services.payroll.csv(visit.actor, number, visit.reader.locale)
    return discord.File(io.BytesIO(content), f"payroll-{number}.csv")
