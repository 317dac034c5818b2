"""`/lead` and the buttons of lead cards."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.answers import Answer, Press
from bot.cogs.conversation_flow import member_of, role_ids
from bot.router import DoorCog, fresh, pressed, submitted
from bot.suggest import suggest
from bot.ui.forms import form, text_field
from bot.ui.ids import OutOfDate
from bot.ui.lead_card import FILTERS, LIVE, SIGNS, details_card, list_card, stages_of
from bot.ui.text import bare, clip, plain
from bot.visit import Visit, enter
from bot.words import words
from domain.leads.dto import Lead, Stage
from domain.leads.policy import NOTE_LIMIT, REASON_LIMIT, TAG_LIMIT, needs_reason
from domain.tenancy.policy import Permission, require

F = TypeVar("F", bound=Callable[..., Any])
NO_LEAD = 0
Number = app_commands.Range[int, 0, 2**31 - 1]
_STAGES = [app_commands.Choice(name=words(f"lead.stage.{stage}"), value=stage.value) for stage in Stage]
_FILTERS = [
    app_commands.Choice(name=words(f"lead.{'filter' if name in FILTERS[:2] else 'stage'}.{name}"), value=name)
    for name in FILTERS
]


async def suggest_leads(interaction: Press, typed: str) -> list[app_commands.Choice[int]]:
    """Leads by number, name, tag or wish; live ones first."""

    async def search(visit: Visit) -> Sequence[Lead]:
        return await visit.services.leads.suggest(visit.actor, str(typed))

    def label(visit: Visit, lead: Lead) -> tuple[str, int]:
        name = bare(lead.contact_name, 40) or visit.reader("conversation.nameless")
        parts = [f"{SIGNS[lead.stage]} L-{lead.number}", name, visit.reader(f"lead.stage.{lead.stage}")]
        return clip(" · ".join([*parts, bare(lead.wish, 40)] if lead.wish else parts), 100), lead.number

    return await suggest(interaction, search, label, NO_LEAD)


def described(*options: str) -> Callable[[F], F]:
    """Names and descriptions of options; `lead` is suggested."""
    named = {option: words(f"command.lead.option.{option}.name") for option in options}
    said: dict[str, Any] = {option: words(f"command.lead.option.{option}.description") for option in options}

    def mark(callback: F) -> F:
        found = app_commands.rename(**named)(app_commands.describe(**said)(callback))
        return app_commands.autocomplete(lead=suggest_leads)(found) if "lead" in options else found

    return mark


class LeadCog(DoorCog):
    """Wishes on their way to becoming orders."""

    lead = app_commands.Group(
        name=words("command.lead.name"), description=words("command.lead.description"), guild_only=True
    )

    @lead.command(name=words("command.lead.list.name"), description=words("command.lead.list.description"))
    @described("stage")
    @app_commands.choices(stage=_FILTERS)
    async def list_leads(self, interaction: Press, stage: str = LIVE) -> None:
        """List leads."""
        await _list(await enter(interaction), stage, 1)

    @lead.command(name=words("command.lead.show.name"), description=words("command.lead.show.description"))
    @described("lead")
    async def show(self, interaction: Press, lead: Number) -> None:
        """Show a lead with its history."""
        await _show(await enter(interaction), lead)

    @lead.command(name=words("command.lead.stage.name"), description=words("command.lead.stage.description"))
    @described("lead", "stage", "reason")
    @app_commands.choices(stage=_STAGES)
    async def stage(
        self, interaction: Press, lead: Number, stage: str,
        reason: app_commands.Range[str, 1, REASON_LIMIT] | None = None,
    ) -> None:  # fmt: skip
        """Move a lead to a stage."""
        await _move(await enter(interaction), lead, Stage(stage), reason or "")

    @lead.command(name=words("command.lead.assign.name"), description=words("command.lead.assign.description"))
    @described("lead", "member")
    async def assign(self, interaction: Press, lead: Number, member: discord.Member | None = None) -> None:
        """Give a lead to somebody; to me when nobody is named."""
        await _assign(await enter(interaction), lead, member or interaction.user)

    @lead.command(name=words("command.lead.note.name"), description=words("command.lead.note.description"))
    @described("lead", "text")
    async def note(self, interaction: Press, lead: Number, text: app_commands.Range[str, 1, NOTE_LIMIT]) -> None:
        """Add a note."""
        await _note(await enter(interaction), lead, text)

    @lead.command(name=words("command.lead.tag.name"), description=words("command.lead.tag.description"))
    @described("lead", "tag", "remove")
    async def tag(
        self, interaction: Press, lead: Number, tag: app_commands.Range[str, 1, TAG_LIMIT + 1], remove: bool = False
    ) -> None:
        """Put a tag on, or take it off."""
        visit = await enter(interaction)
        found = await self.services.leads.tag(visit.actor, lead, tag, remove)
        await _show(visit, found.number, visit.reader("lead.done.untagged" if remove else "lead.done.tagged",
                                                      tag=plain(tag, TAG_LIMIT)))  # fmt: skip

    @fresh("lead")
    async def current(self, visit: Visit, number: int) -> None:
        """The current lead in place of an old card."""
        await _show(visit, number)

    @pressed("lead.details", Answer.PRIVATE)
    async def details(self, visit: Visit, number: int) -> None:
        """Show a lead with its history, privately."""
        await _show(visit, number)

    @pressed("lead.mine", Answer.PRIVATE)
    async def mine(self, visit: Visit, number: int) -> None:
        """Take a lead oneself."""
        await _assign(visit, number, visit.interaction.user)

    @pressed("lead.stage", Answer.FORM)
    async def staged(self, visit: Visit, number: int) -> None:
        """Move a lead to the stage that was picked; asks why where that is needed."""
        wanted = _stage(visit.chosen[0] if visit.chosen else "", number)
        require(visit.actor, Permission.LEAD_CHANGE)
        lead = await self.services.leads.get(visit.actor, number)
        if not needs_reason(lead.stage, wanted):
            await _move(visit, number, wanted, "")
            return
        read = visit.reader
        field = text_field("reason", read("lead.form.reason"), max_length=REASON_LIMIT, is_long=True)
        await visit.open(form(f"L-{number} · {read(f'lead.stage.{wanted}')}", [field], "lead.staged", number, wanted))

    @submitted("lead.staged", Answer.PRIVATE)
    async def staged_why(self, visit: Visit, number: int, stage: str) -> None:
        """Move it, with the reason."""
        await _move(visit, number, _stage(stage, number), visit.text("reason"))

    @pressed("lead.note", Answer.FORM)
    async def note_form(self, visit: Visit, number: int) -> None:
        """Open the form for a note."""
        require(visit.actor, Permission.LEAD_CHANGE)
        field = text_field("text", visit.reader("lead.form.note"), max_length=NOTE_LIMIT, is_long=True)
        await visit.open(form(f"L-{number}", [field], "lead.noted", number))

    @submitted("lead.noted", Answer.PRIVATE)
    async def noted(self, visit: Visit, number: int) -> None:
        """Add the note."""
        await _note(visit, number, visit.text("text"))

    @pressed("lead.page")
    async def page(self, visit: Visit, number: int, chosen: str) -> None:
        """Turn a page."""
        await _list(visit, chosen, number)

    @pressed("lead.filter")
    async def filter(self, visit: Visit) -> None:
        """List other stages."""
        await _list(visit, visit.chosen[0] if visit.chosen else "", 1)


async def _list(visit: Visit, chosen: str, number: int) -> None:
    if chosen not in FILTERS:
        raise OutOfDate("lead")
    page = await visit.services.leads.list(visit.actor, stages_of(chosen), page=number)
    await visit.show(list_card(visit.reader, page, chosen))


async def _show(visit: Visit, number: int, note: str = "") -> None:
    leads = visit.services.leads
    lead = await leads.get(visit.actor, number)
    await visit.show(details_card(visit.reader, lead, await leads.events(visit.actor, number), note))


async def _move(visit: Visit, number: int, stage: Stage, reason: str) -> None:
    await visit.services.leads.set_stage(visit.actor, number, stage, reason)
    await _show(visit, number, visit.reader("lead.done.stage", stage=visit.reader(f"lead.stage.{stage}")))


async def _assign(visit: Visit, number: int, member: discord.Member | discord.User) -> None:
    require(visit.actor, Permission.LEAD_CHANGE)
    chosen = await member_of(visit, member.id, member.display_name, role_ids(member))
    await visit.services.leads.assign(visit.actor, number, chosen.member_id, chosen.roles)
    await _show(visit, number, visit.reader("lead.done.assigned", owner=plain(chosen.name, 60)))


async def _note(visit: Visit, number: int, text: str) -> None:
    await visit.services.leads.note(visit.actor, number, text)
    await _show(visit, number, visit.reader("lead.done.noted"))


def _stage(text: str, number: int) -> Stage:
    if text not in set(Stage):
        raise OutOfDate("lead", (str(number),))
    return Stage(text)
