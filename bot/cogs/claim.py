"""Claiming: the command, and the button on the card in the channel."""

from discord import app_commands

from bot.answers import Answer, Press
from bot.cogs.orders_flow import suggest_orders, view_of
from bot.router import DoorCog, pressed
from bot.ui.order_details import claimed_card
from bot.visit import Visit, enter
from bot.words import words
from domain.orders.dto import OrderState

_OPEN = frozenset({OrderState.OPEN})


class ClaimCog(DoorCog):
    """Whoever is first gets the order; everybody else is told who has it."""

    @app_commands.command(name=words("command.claim.name"), description=words("command.claim.description"))
    @app_commands.rename(code=words("command.order.option.code.name"))
    @app_commands.describe(code=words("command.claim.code"))
    @app_commands.guild_only()
    async def claim(self, interaction: Press, code: int) -> None:
        """Claim by code."""
        await self._claim(await enter(interaction), code)

    @claim.autocomplete("code")
    async def _open_orders(self, interaction: Press, current: str) -> list[app_commands.Choice[int]]:
        return await suggest_orders(interaction, current, _OPEN)

    @pressed("order.claim", Answer.PRIVATE)
    async def claim_pressed(self, visit: Visit, code: int) -> None:
        """Claim from the card; the answer is private, the card changes for everybody."""
        await self._claim(visit, code)

    @pressed("order.take")
    async def take_pressed(self, visit: Visit, code: int) -> None:
        """Claim from a private view, which becomes the answer."""
        await self._claim(visit, code)

    async def _claim(self, visit: Visit, code: int) -> None:
        await self.services.orders.claim(visit.actor, code)
        await visit.show(claimed_card(await view_of(visit, code)))
