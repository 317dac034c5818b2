"""`/me`: what I have, what I am owed, what I finished this month."""

from discord import app_commands

from bot.answers import Press
from bot.router import DoorCog
from bot.ui.order_list import my_card
from bot.visit import Visit, enter
from bot.words import words
from domain.payroll.dto import OwnEarnings
from domain.tenancy.policy import Permission, allows


class MeCog(DoorCog):
    """The booster's own page."""

    @app_commands.command(name=words("command.me.name"), description=words("command.me.description"))
    @app_commands.guild_only()
    async def me(self, interaction: Press) -> None:
        """Show the presser's own work and money, privately."""
        visit = await enter(interaction)
        orders = await self.services.orders.mine(visit.actor)
        finished = await self.services.orders.finished_this_month(visit.actor)
        money: list[str] = []
        if allows(visit.actor, Permission.OWN_EARNINGS):
            money = _money(visit, await self.services.payroll.owed(visit.actor))
        await visit.show(my_card(visit.reader, visit.actor, orders, money, finished))


def _money(visit: Visit, earnings: OwnEarnings) -> list[str]:
    read = visit.reader
    codes = dict.fromkeys(line.order_code for line in earnings.lines if line.order_code is not None)
    has_pay = bool(codes or earnings.owed)
    lines = [read("me.owed", amount=earnings.owed, count=len(codes)) if has_pay else read("me.nothing_owed")]
    if earnings.last_run is not None and earnings.last_paid is not None and earnings.last_run.paid_at is not None:
        lines.append(read("me.last_paid", amount=earnings.last_paid, when=earnings.last_run.paid_at,
                          number=earnings.last_run.number))  # fmt: skip
    return lines
