"""/staff: who works here."""

from uuid import UUID

import discord
from discord import app_commands

from bot.answers import Answer, Press
from bot.router import DoorCog, pressed, submitted
from bot.suggest import suggest
from bot.ui.forms import form, text_field
from bot.ui.ids import hash_of_shown
from bot.ui.limit_cards import allowed_choices, limits_card, limits_form, read_divisions, read_live_limit
from bot.ui.staff_cards import (
    added_card,
    list_card,
    reinstated_card,
    suspend_question,
    suspended_card,
)
from bot.ui.text import clip
from bot.visit import Visit, enter
from bot.words import words
from domain.kernel.errors import NotFound
from domain.kernel.roles import Role
from domain.staff.dto import Limits, StaffMember
from domain.tenancy.policy import Permission, require

_ALL = "all"
ROLE_CHOICES = [
    app_commands.Choice(name=words(f"role_choice.{role}"), value=role.value)
    for role in (Role.ADMIN, Role.DISPATCHER, Role.SELLER, Role.BOOSTER, Role.VIEWER)
]


class StaffCog(DoorCog):
    """Adding, listing and suspending people."""

    staff = app_commands.Group(
        name=words("command.staff.name"), description=words("command.staff.description"), guild_only=True
    )

    @staff.command(name=words("command.staff.add.name"), description=words("command.staff.add.description"))
    @app_commands.rename(person=words("option.person.name"), role=words("option.role.name"))
    @app_commands.describe(person=words("option.person.description"), role=words("option.role.description"))
    @app_commands.choices(role=ROLE_CHOICES)
    async def add(self, interaction: Press, person: discord.User, role: app_commands.Choice[str]) -> None:
        """Add a person, or give them another role."""
        visit = await enter(interaction)
        member = await self.services.staff.add(visit.actor, person.id, person.display_name, Role(role.value))
        await visit.show(added_card(visit.reader, member, Role(role.value)))

    @staff.command(name=words("command.staff.list.name"), description=words("command.staff.list.description"))
    @app_commands.rename(role=words("option.role.name"))
    @app_commands.describe(role=words("option.role_filter.description"))
    @app_commands.choices(role=ROLE_CHOICES)
    async def list_staff(self, interaction: Press, role: app_commands.Choice[str] | None = None) -> None:
        """List everybody, or those with a role given by name."""
        visit = await enter(interaction)
        await self.page(visit, 1, role.value if role else _ALL)

    @pressed("staff.page")
    async def page(self, visit: Visit, number: int, role: str = _ALL) -> None:
        """Show a page of the list."""
        wanted = Role(role) if role in set(Role) else None
        page = await self.services.staff.list(visit.actor, number, wanted)
        await visit.show(list_card(visit.reader, page, wanted, wanted.value if wanted else _ALL))

    @staff.command(name=words("command.staff.suspend.name"), description=words("command.staff.suspend.description"))
    @app_commands.rename(member=words("option.member.name"))
    @app_commands.describe(member=words("option.member.description"))
    async def suspend(self, interaction: Press, member: str) -> None:
        """Ask before suspending somebody."""
        visit = await enter(interaction)
        require(visit.actor, Permission.STAFF_CHANGE)
        found = await self.services.staff.get(visit.actor, _member_id(member))
        await visit.show(suspend_question(visit.reader, found))

    @staff.command(name=words("command.staff.limits.name"), description=words("command.staff.limits.description"))
    @app_commands.rename(member=words("option.member.name"))
    @app_commands.describe(member=words("option.member.description"))
    async def limits(self, interaction: Press, member: str) -> None:
        """Show what somebody may take on, with the way to change it."""
        visit = await enter(interaction)
        require(visit.actor, Permission.STAFF_CHANGE)
        await self._show_limits(visit, await self.services.staff.get(visit.actor, _member_id(member)))

    @suspend.autocomplete("member")
    @limits.autocomplete("member")
    async def suggest_member(self, interaction: Press, typed: str) -> list[app_commands.Choice[str]]:
        """People whose name fits."""
        return await suggest(
            interaction,
            lambda visit: self.services.staff.suggest(visit.actor, typed),
            lambda visit, found: (_label(visit, found), str(found.id)),
            "-",
        )

    @pressed("staff.suspend", Answer.FORM)
    async def ask_reason(self, visit: Visit, member_id: UUID) -> None:
        """Open the form that asks why; sending it suspends."""
        require(visit.actor, Permission.STAFF_CHANGE)
        read = visit.reader
        field = text_field("reason", read("staff.reason.label"), hint=read("staff.reason.hint"), is_long=True)
        await visit.open(form(read("staff.suspend.form"), [field], "staff.suspend", member_id))

    @submitted("staff.suspend")
    async def suspended(self, visit: Visit, member_id: UUID) -> None:
        """Suspend, and offer to take it back."""
        member = await self.services.staff.suspend(visit.actor, member_id, visit.text("reason"))
        await visit.show(suspended_card(visit.reader, member, visit.actor.label, self.services.clock.now()))

    @pressed("staff.reinstate")
    async def reinstated(self, visit: Visit, member_id: UUID) -> None:
        """Let a suspended member work again."""
        member = await self.services.staff.reinstate(visit.actor, member_id)
        await visit.show(reinstated_card(visit.reader, member))

    @pressed("staff.limits", Answer.FORM)
    async def ask_limits(self, visit: Visit, member_id: UUID) -> None:
        """Open the form with what holds now."""
        require(visit.actor, Permission.STAFF_CHANGE)
        member = await self.services.staff.get(visit.actor, member_id)
        shop_limit = (await visit.tenant()).live_orders_limit
        await visit.open(limits_form(visit.reader, member, await self._ladder(visit), shop_limit))

    @submitted("staff.limits_set")
    async def limits_set(self, visit: Visit, member_id: UUID, shown: str) -> None:
        """Keep what was chosen; where somebody else was faster, show what holds instead."""
        require(visit.actor, Permission.STAFF_CHANGE)
        before = await self.services.staff.get(visit.actor, member_id)
        if hash_of_shown(before.limits) != shown:
            await self._show_limits(visit, before, is_changed=True)
            return
        known = allowed_choices(before, await self._ladder(visit))
        divisions = read_divisions(visit.choices("divisions"), known)
        limits = Limits(read_live_limit(visit.text("live")), divisions, visit.flag("ranked"))
        member = await self.services.staff.set_limits(visit.actor, member_id, limits, before.limits)
        await self._show_limits(visit, member, is_saved=True)

    async def _show_limits(
        self, visit: Visit, member: StaffMember, *, is_saved: bool = False, is_changed: bool = False
    ) -> None:
        shop_limit = (await visit.tenant()).live_orders_limit
        await visit.show(limits_card(visit.reader, member, shop_limit, is_saved=is_saved, is_changed=is_changed))

    async def _ladder(self, visit: Visit) -> list[str]:
        """The divisions of every game's tariff."""
        tariffs = self.services.tariffs
        found = [await tariffs.current(visit.actor, game) for game in await tariffs.games(visit.actor)]
        return [line.division for tariff in found for line in tariff.lines]


def _member_id(text: str) -> UUID:
    """The id a suggestion carries; somebody who typed past the suggestions named nobody."""
    try:
        return UUID(text)
    except ValueError as exc:
        raise NotFound("staff.unknown") from exc


def _label(visit: Visit, member: StaffMember) -> str:
    status = visit.reader(f"staff.status.{member.status}")
    return f"{clip(member.name, 60)} · {status}"
