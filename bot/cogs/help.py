"""/help: what this person can do, here."""

from discord import app_commands

from bot.answers import Press
from bot.router import DoorCog
from bot.setup_guild import is_founder
from bot.ui.help_card import help_card, no_shop_card, usable
from bot.visit import enter
from bot.words import words
from domain.kernel.actor import Actor
from domain.tenancy.dto import Purpose


class HelpCog(DoorCog):
    """Help by role and place."""

    @app_commands.command(name=words("command.help.name"), description=words("command.help.description"))
    @app_commands.guild_only()
    async def help(self, interaction: Press) -> None:
        """List the commands the person may use, grouped; where there is no shop, say how to get one."""
        visit = await enter(interaction, needs_shop=False)
        ids = await self.bot.command_ids()
        if not visit.has_shop:
            await visit.show(no_shop_card(visit.reader, ids, may_found=is_founder(visit)))
            return
        names = [command.qualified_name for command in self.bot.tree.walk_commands() if _runs(command)]
        place = await self._place(visit.actor, interaction.channel_id)
        await visit.show(help_card(visit.reader, visit.actor, usable(visit.actor, names), ids, place))

    async def _place(self, actor: Actor, channel_id: int | None) -> Purpose | None:
        channels = await self.services.tenancy.channels(actor)
        return next((purpose for purpose, bound_id in channels.items() if bound_id == channel_id), None)


def _runs(command: object) -> bool:
    return isinstance(command, app_commands.Command)
