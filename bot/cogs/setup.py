"""/setup: found a shop and get it ready, in one private message; again later to check and repair."""

import asyncio
from collections import defaultdict

from discord import app_commands

from bot.answers import Answer, Press
from bot.router import DoorCog, fresh, pressed, submitted
from bot.setup_guild import (
    bind_channel,
    create_channels,
    create_roles,
    read_state,
    redraw_cards,
    require_founder,
    require_guild,
)
from bot.ui.forms import form, text_field
from bot.ui.ids import OutOfDate
from bot.ui.setup_cards import checklist_card, founding_card, stage_card
from bot.ui.setup_state import PURPOSES, ROLES, Stage
from bot.visit import Visit, enter
from bot.words import words
from domain.i18n.reader import Reader
from domain.kernel.errors import InvalidInput
from domain.kernel.roles import Role
from domain.outbox.forbidden import show_what_waits
from domain.outbox.setup_test import post_setup_test
from domain.tenancy.dto import NewTenant, Purpose, SettingsChange


class SetupCog(DoorCog):
    """The wizard: each answer is saved at once, and the next open step is shown in the same message."""

    def __init__(self, bot: object) -> None:
        super().__init__(bot)
        # Two presses of "Create" in one guild would both find nothing there yet.
        self._creating: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @app_commands.command(name=words("command.setup.name"), description=words("command.setup.description"))
    @app_commands.guild_only()
    async def setup(self, interaction: Press) -> None:
        """Begin, go on, or check a finished shop."""
        visit = await enter(interaction, needs_shop=False)
        if not visit.has_shop:
            require_founder(visit)
            await visit.show(founding_card(visit.reader))
            return
        await self._go_on(visit)

    @pressed("setup.found", needs_shop=False)
    async def found(self, visit: Visit) -> None:
        """Found the shop in the chosen language; whoever does it owns it."""
        if visit.has_shop:
            await self._go_on(visit)
            return
        require_founder(visit)
        guild, user, tenancy = require_guild(visit), visit.interaction.user, self.services.tenancy
        key = f"discord:{visit.interaction.id}"
        new = NewTenant(guild.name[:80], guild.id, user.id, user.display_name, "UTC", "USD", _one(visit),
                        answered_steps=("locale",))  # fmt: skip
        tenant = await tenancy.create(new, key)
        visit.become(await tenancy.identify(tenant.id, user.id, user.display_name, (), key, tenant.locale))
        await self._go_on(visit)

    @fresh("setup")
    async def current(self, visit: Visit) -> None:
        """Show how things stand to somebody who pressed an old card."""
        await self._go_on(visit)

    @pressed("setup.stage")
    async def stage(self, visit: Visit, stage: str) -> None:
        """Show one step."""
        if stage not in set(Stage):
            raise OutOfDate("setup")
        state = await read_state(visit)
        await visit.show(stage_card(visit.reader, state, Stage(stage), self.services.clock.now()))

    @pressed("setup.checklist")
    async def checklist(self, visit: Visit) -> None:
        """Show what is done."""
        await visit.show(checklist_card(visit.reader, await read_state(visit)))

    @pressed("setup.locale")
    async def locale(self, visit: Visit) -> None:
        """Set the shop's language."""
        before = (await visit.tenant()).locale
        await self.services.tenancy.change_settings(visit.actor, SettingsChange(locale=_one(visit)))
        if before != _one(visit):
            await redraw_cards(visit)
        await self._go_on(visit)

    @pressed("setup.zone")
    async def zone(self, visit: Visit) -> None:
        """Set the zone from the list."""
        await self._change(visit, SettingsChange(zone=_one(visit)))

    @pressed("setup.zone_form", Answer.FORM)
    async def zone_form(self, visit: Visit) -> None:
        """Open the form for a zone that is not in the list."""
        read, tenant = visit.reader, await visit.tenant()
        field = text_field(
            "zone", read("setup.zone.name"), hint=read("setup.zone.hint"), value=tenant.zone, max_length=60
        )
        await visit.open(form(read("setup.zone.name"), [field], "setup.zone_typed"))

    @submitted("setup.zone_typed")
    async def zone_typed(self, visit: Visit) -> None:
        """Set the zone as typed."""
        await self._change(visit, SettingsChange(zone=visit.text("zone").replace(" ", "_")))

    @pressed("setup.currency")
    async def currency(self, visit: Visit) -> None:
        """Set the currency from the list."""
        await self._change(visit, SettingsChange(currency=_one(visit)))

    @pressed("setup.currency_form", Answer.FORM)
    async def currency_form(self, visit: Visit) -> None:
        """Open the form for a currency that is not in the list."""
        read, tenant = visit.reader, await visit.tenant()
        field = text_field("currency", read("setup.currency.name"), hint=read("setup.currency.hint"),
                           value=tenant.currency, max_length=3)  # fmt: skip
        await visit.open(form(read("setup.currency.name"), [field], "setup.currency_typed"))

    @submitted("setup.currency_typed")
    async def currency_typed(self, visit: Visit) -> None:
        """Set the currency as typed."""
        await self._change(visit, SettingsChange(currency=visit.text("currency").upper()))

    @pressed("setup.cutoff")
    async def cutoff(self, visit: Visit) -> None:
        """Set the hour at which the business day ends."""
        hour = _one(visit)
        if not hour.isascii() or not hour.isdigit():
            raise OutOfDate("setup")
        await self._change(visit, SettingsChange(cutoff_hour=int(hour)))

    @pressed("setup.cutoff_keep")
    async def cutoff_keep(self, visit: Visit) -> None:
        """Keep the hour as it is."""
        await self._change(visit, SettingsChange(cutoff_hour=(await visit.tenant()).cutoff_hour))

    @pressed("setup.role")
    async def role(self, visit: Visit, role: str) -> None:
        """Bind a Discord role to one of ours, and stay on the step."""
        if role not in set(ROLES):
            raise OutOfDate("setup")
        role_id = _picked_id(visit)
        if role_id == visit.interaction.guild_id:
            raise InvalidInput("role.everyone", field="role", role=role)
        await self.services.tenancy.bind_role(visit.actor, Role(role), role_id)
        await self.stage(visit, Stage.ROLES)

    @pressed("setup.channel")
    async def channel(self, visit: Visit, purpose: str) -> None:
        """Bind a channel, and stay on the step."""
        if purpose not in set(PURPOSES):
            raise OutOfDate("setup")
        await bind_channel(visit, Purpose(purpose), _picked_id(visit))
        await self.stage(visit, Stage.CHANNELS)

    @pressed("setup.roles_create")
    async def roles_create(self, visit: Visit) -> None:
        """Create the roles that are missing."""
        async with self._creating[visit.interaction.guild_id or 0]:
            await create_roles(visit, Reader((await visit.tenant()).locale))
        await self._answered(visit, Stage.ROLES)

    @pressed("setup.channels_create")
    async def channels_create(self, visit: Visit) -> None:
        """Create the channels that are missing."""
        async with self._creating[visit.interaction.guild_id or 0]:
            await create_channels(visit, Reader((await visit.tenant()).locale))
        await self._answered(visit, Stage.CHANNELS)

    @pressed("setup.roles_done")
    async def roles_done(self, visit: Visit) -> None:
        """Go on with the roles as they are."""
        await self._answered(visit, Stage.ROLES)

    @pressed("setup.channels_done")
    async def channels_done(self, visit: Visit) -> None:
        """Go on with the channels as they are."""
        await self._answered(visit, Stage.CHANNELS)

    @pressed("setup.test")
    async def test(self, visit: Visit) -> None:
        """Post a test message into every channel, and show the checklist."""
        await post_setup_test(self.services.db, self.services.clock, visit.actor)
        await visit.show(checklist_card(visit.reader, await read_state(visit), is_test_sent=True))

    async def _change(self, visit: Visit, change: SettingsChange) -> None:
        await self.services.tenancy.change_settings(visit.actor, change)
        await self._go_on(visit)

    async def _answered(self, visit: Visit, stage: Stage) -> None:
        await self.services.tenancy.answer_step(visit.actor, stage.value)
        await self._go_on(visit)

    async def _go_on(self, visit: Visit) -> None:
        """Show the next open step, or the checklist; what Discord refused before is tried again."""
        state = await read_state(visit)
        await show_what_waits(self.services.db, self.services.clock, visit.actor)
        if state.next_stage is None:
            await visit.show(checklist_card(visit.reader, state))
        else:
            await visit.show(stage_card(visit.reader, state, state.next_stage, self.services.clock.now()))


def _one(visit: Visit) -> str:
    """The one value that was picked. Raises `OutOfDate` when there is none: the press was made up."""
    if len(visit.chosen) != 1:
        raise OutOfDate("setup")
    return visit.chosen[0]


def _picked_id(visit: Visit) -> int:
    """The id of the role or channel that was picked. Raises `OutOfDate` when it is none."""
    picked = _one(visit)
    if not (picked.isascii() and picked.isdigit() and len(picked) < 20 and int(picked) < 2**63):
        raise OutOfDate("setup")
    return int(picked)
