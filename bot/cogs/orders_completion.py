"""Completing an order: the form, the exact figures, the button bound to them, the record."""

from dataclasses import replace

from bot.answers import Answer
from bot.cogs.orders_flow import asked_for, record_card, tariff_of
from bot.router import DoorCog, pressed, submitted
from bot.ui.ids import OutOfDate
from bot.ui.order_done import ask_completion, unpacked
from bot.ui.order_forms import completion_form, parse_percent, reason_form
from bot.visit import Visit
from domain.kernel.errors import NotFound
from domain.kernel.money import Money, parse_money
from domain.orders import policy
from domain.orders.dto import Completion, Transition
from domain.tenancy.policy import Permission, allows, require


class OrderCompletionCog(DoorCog):
    """What is confirmed is what was shown: the figures are worked out again and compared."""

    @pressed("order.finish", Answer.FORM)
    async def finish(self, visit: Visit, code: int) -> None:
        """Open the form."""
        require(visit.actor, policy.TRANSITIONS[Transition.COMPLETE].permission)
        order = (await self.services.orders.get(visit.actor, code)).order
        policy.check(visit.actor, order, Transition.COMPLETE)
        tariff = await tariff_of(self.services, visit.actor, order)
        if tariff is None:
            raise NotFound("tariff.unknown_game", game=order.game)
        await visit.open(completion_form(visit.reader, visit.actor, order, tariff))

    @submitted("order.ended")
    async def ended(self, visit: Visit, code: int) -> None:
        """Show what completing would do."""
        await self.ask(visit, code, await self._from_form(visit))

    @pressed("order.complete")
    async def confirmed(
        self, visit: Visit, code: int, division: str, win_rate_bp: int, flags: str, adjustment: int, shown: str
    ) -> None:
        """Complete as shown."""
        await self._complete(
            visit, code, await self._unpack(visit, code, division, win_rate_bp, flags, adjustment), shown
        )

    @pressed("order.complete_why", Answer.FORM)
    async def why(
        self, visit: Visit, code: int, division: str, win_rate_bp: int, flags: str, adjustment: int, shown: str
    ) -> None:
        """An adjustment needs its reason."""
        args = (division, win_rate_bp, flags, adjustment, shown)
        try:
            asking = reason_form(visit.reader, Transition.ADJUST, code, *args, action="order.complete_adjusted")
        except ValueError as exc:  # too long for an id: made up
            raise OutOfDate("order", (str(code),)) from exc
        await visit.open(asking)

    @submitted("order.complete_adjusted")
    async def confirmed_with_reason(
        self, visit: Visit, code: int, transition: str, division: str, win_rate_bp: int, flags: str,
        adjustment: int, shown: str,
    ) -> None:  # fmt: skip
        """Complete as shown, with the adjustment and its reason."""
        del transition
        completion = await self._unpack(visit, code, division, win_rate_bp, flags, adjustment)
        await self._complete(visit, code, replace(completion, adjustment_reason=visit.text("reason")), shown)

    async def ask(self, visit: Visit, code: int, completion: Completion) -> None:
        """Show the figures of a completion and ask."""
        await visit.show(ask_completion(visit.reader, visit.actor, await asked_for(visit, code, completion)))

    async def _complete(self, visit: Visit, code: int, completion: Completion, shown: str) -> None:
        asked = await asked_for(visit, code, completion)
        if asked.hash != shown:  # the tariff, a setting or a fine changed since: ask again with the new figures
            await visit.show(ask_completion(visit.reader, visit.actor, asked, is_changed=True))
            return
        await self.services.orders.complete(visit.actor, code, replace(completion, expected=asked.figures))
        await visit.show(await record_card(visit, code))

    async def _from_form(self, visit: Visit) -> Completion:
        actor, division = visit.actor, visit.choices("division")
        completion = Completion(division[0] if division else "", parse_percent(visit.text("win_rate")))
        if allows(actor, Permission.ORDER_RUN):
            order_bonus = None if visit.flag("order_bonus") else False
            completion = replace(completion, order_bonus=order_bonus, win_rate_bonus=visit.flag("win_rate_bonus"))
        typed = visit.text("adjustment")
        if not typed:
            return completion
        amount = parse_money(typed, (await visit.tenant()).currency, field="adjustment")
        return replace(completion, adjustment=amount if amount else None)

    async def _unpack(
        self, visit: Visit, code: int, division: str, win_rate_bp: int, flags: str, adjustment: int
    ) -> Completion:
        if len(flags) != 3:
            raise OutOfDate("order", (str(code),))
        try:
            return unpacked(division, win_rate_bp, flags, Money(adjustment, (await visit.tenant()).currency))
        except ValueError as exc:
            raise OutOfDate("order", (str(code),)) from exc
