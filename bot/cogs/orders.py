"""`/order`: everything about orders that is typed."""

from discord import app_commands

from bot.answers import Answer, Press
from bot.cogs.orders_changes import adjustment_card, carry_out, danger_card
from bot.cogs.orders_flow import (
    asked_for,
    show_list,
    show_order,
    tell,
)
from bot.cogs.orders_options import described, group, subcommand
from bot.router import DoorCog
from bot.ui.order_done import ask_completion
from bot.ui.order_forms import order_form
from bot.ui.order_list import FILTERS, LIVE
from bot.visit import Visit, enter
from bot.words import words
from domain.kernel.money import Money, parse_money
from domain.orders import policy
from domain.orders.dto import HELD_STATES, LIVE_STATES, Completion, OrderState, Transition
from domain.orders.policy import EXTENSION_DAYS_LIMIT, REASON_LIMIT, TRACKING_LIMIT
from domain.tenancy.policy import require

Reason = app_commands.Range[str, 1, REASON_LIMIT]
WinRate = app_commands.Range[float, 0, 100]
_CLAIMED = frozenset({OrderState.CLAIMED})
_COMPLETED = frozenset({OrderState.COMPLETED})
_PAUSED = frozenset({OrderState.PAUSED})
_UNCLAIMED = LIVE_STATES - HELD_STATES


class OrdersCog(DoorCog):
    """One subcommand for each thing that can be done with an order."""

    order = group

    @subcommand("new")
    @described("game")
    async def new(self, interaction: Press, game: str | None = None) -> None:
        """Open the form for a new order."""
        visit = await enter(interaction, Answer.FORM)
        require(visit.actor, policy.TRANSITIONS[Transition.CREATE].permission)
        games = await self.services.tariffs.games(visit.actor)
        tariff = await self.services.tariffs.current(visit.actor, game or games[0])
        index = games.index(tariff.game)
        await visit.open(order_form(visit.reader, tariff, await visit.tenant(), None, "orders.new", index))

    @subcommand("show")
    @described("code")
    async def show(self, interaction: Press, code: int) -> None:
        """Show an order with what may be done now."""
        await show_order(await enter(interaction), code)

    @subcommand("list")
    @described("state")
    @app_commands.choices(state=[
        app_commands.Choice(name=words(f"order.{'filter' if name in FILTERS[:2] else 'state'}.{name}"), value=name)
        for name in FILTERS
    ])  # fmt: skip
    async def list(self, interaction: Press, state: str = LIVE) -> None:
        """List orders."""
        await show_list(await enter(interaction), state, 1)

    @subcommand("complete")
    @described("code", "division", "win_rate", "order_bonus", "win_rate_bonus", "ranked", "adjustment", codes=_CLAIMED)
    async def complete(
        self, interaction: Press, code: int, division: app_commands.Range[str, 1, 40], win_rate: WinRate,
        order_bonus: bool | None = None, win_rate_bonus: bool = False, ranked: bool | None = None,
        adjustment: str | None = None,
    ) -> None:  # fmt: skip
        """Show what completing would do, and ask."""
        visit = await enter(interaction)
        amount = await _money(visit, adjustment) if adjustment else None
        completion = Completion(division, _bp(win_rate), order_bonus, win_rate_bonus, ranked, amount or None)
        await visit.show(ask_completion(visit.reader, visit.actor, await asked_for(visit, code, completion)))

    @subcommand("progress")
    @described("code", "division", "win_rate", "link", codes=_CLAIMED)
    async def progress(
        self, interaction: Press, code: int, division: app_commands.Range[str, 1, 40], win_rate: WinRate,
        link: app_commands.Range[str, 1, TRACKING_LIMIT] | None = None,
    ) -> None:  # fmt: skip
        """Note how far an order is."""
        visit = await enter(interaction)
        order = await self.services.orders.progress(visit.actor, code, division, _bp(win_rate), link)
        await tell(visit, order, Transition.PROGRESS)

    @subcommand("release")
    @described("code", "reason", codes=_CLAIMED)
    async def release(self, interaction: Press, code: int, reason: Reason) -> None:
        """Give an order back."""
        await _change(interaction, code, Transition.RELEASE, reason)

    @subcommand("pause")
    @described("code", "reason", codes=_CLAIMED)
    async def pause(self, interaction: Press, code: int, reason: Reason) -> None:
        """Let an order stand still."""
        await _change(interaction, code, Transition.PAUSE, reason)

    @subcommand("resume")
    @described("code", codes=_PAUSED)
    async def resume(self, interaction: Press, code: int) -> None:
        """Go on after a pause."""
        visit = await enter(interaction)
        await tell(visit, await self.services.orders.resume(visit.actor, code), Transition.RESUME)

    @subcommand("extend")
    @described("code", "days", "reason", codes=LIVE_STATES)
    async def extend(
        self, interaction: Press, code: int, days: app_commands.Range[int, 1, EXTENSION_DAYS_LIMIT], reason: Reason
    ) -> None:
        """Move a deadline."""
        visit = await enter(interaction)
        await tell(visit, await self.services.orders.extend(visit.actor, code, days, reason), Transition.EXTEND)

    @subcommand("abandon")
    @described("code", "partial_pay", codes=_CLAIMED)
    async def abandon(self, interaction: Press, code: int, partial_pay: str | None = None) -> None:
        """Ask before an order ends undone."""
        visit = await enter(interaction)
        part = await _money(visit, partial_pay) if partial_pay else None
        await visit.show(await danger_card(visit, code, Transition.ABANDON, part))

    @subcommand("cancel")
    @described("code", codes=_UNCLAIMED)
    async def cancel(self, interaction: Press, code: int) -> None:
        """Ask before an order nobody has is cancelled."""
        await _ask(interaction, code, Transition.CANCEL)

    @subcommand("ban")
    @described("code", codes=_CLAIMED)
    async def ban(self, interaction: Press, code: int) -> None:
        """Ask before an order ends with a banned account."""
        await _ask(interaction, code, Transition.BAN)

    @subcommand("reopen")
    @described("code", codes=_COMPLETED)
    async def reopen(self, interaction: Press, code: int) -> None:
        """Ask before a completion is taken back."""
        await _ask(interaction, code, Transition.REOPEN)

    @subcommand("adjust")
    @described("code", "amount", codes=_COMPLETED)
    async def adjust(self, interaction: Press, code: int, amount: app_commands.Range[str, 1, 20]) -> None:
        """Ask before a booster's pay is adjusted."""
        visit = await enter(interaction)
        await visit.show(await adjustment_card(visit, code, amount))


async def _change(interaction: Press, code: int, transition: Transition, reason: str) -> None:
    visit = await enter(interaction)
    await tell(visit, await carry_out(visit, code, transition, reason, 0), transition)


async def _ask(interaction: Press, code: int, transition: Transition) -> None:
    visit = await enter(interaction)
    await visit.show(await danger_card(visit, code, transition))


async def _money(visit: Visit, text: str) -> Money:
    return parse_money(text, (await visit.tenant()).currency)


def _bp(percent: float) -> int:
    return round(percent * 100)
