"""The buttons of orders: details, lists, and every change that is not completing or drafting."""

from bot.answers import Answer
from bot.cogs.orders_changes import MOVES_BOOKED_MONEY, adjustment_card, asked_again, carry_out, danger_card
from bot.cogs.orders_flow import show_list, show_order, tariff_of, tell
from bot.router import DoorCog, fresh, pressed, submitted
from bot.ui.ids import OutOfDate
from bot.ui.order_actions import DANGEROUS
from bot.ui.order_done import hash_of
from bot.ui.order_forms import amount_form, extension_form, parse_days, parse_percent, progress_form, reason_form
from bot.ui.order_list import FILTERS
from bot.ui.order_text import may
from bot.visit import Visit
from domain.kernel.errors import NotFound, PermissionDenied
from domain.orders import policy
from domain.orders.dto import Order, Transition
from domain.tenancy.policy import require

_BY_REASON = (Transition.RELEASE, Transition.PAUSE, Transition.ADJUST, *DANGEROUS)


class OrderPressesCog(DoorCog):
    """Each press looks the order up again and asks the service again."""

    @pressed("order.details", Answer.PRIVATE)
    async def details(self, visit: Visit, code: int) -> None:
        """Show the order privately, from a card that others see too."""
        await show_order(visit, code)

    @pressed("order.show")
    async def show(self, visit: Visit, code: int) -> None:
        """Show the order in the private message of the button."""
        await show_order(visit, code)

    @fresh("order")
    async def current(self, visit: Visit, code: int) -> None:
        """The current card in place of an old one."""
        await show_order(visit, code)

    @fresh("orders")
    async def current_list(self, visit: Visit, number: int = 1) -> None:
        """The current list in place of an old one."""
        await show_list(visit, FILTERS[0], number)

    @pressed("orders.page")
    async def page(self, visit: Visit, number: int, chosen: str) -> None:
        """Turn a page."""
        await _list(visit, chosen, number)

    @pressed("orders.filter")
    async def filter(self, visit: Visit) -> None:
        """List another state."""
        await _list(visit, visit.chosen[0] if visit.chosen else "", 1)

    @pressed("order.resume")
    async def resume(self, visit: Visit, code: int) -> None:
        """Go on after a pause."""
        await tell(visit, await self.services.orders.resume(visit.actor, code), Transition.RESUME)

    @pressed("order.ask")
    async def ask(self, visit: Visit, code: int, transition: str) -> None:
        """Show the effect before what cannot be taken back."""
        wanted = _known(code, transition)
        if wanted not in DANGEROUS:
            raise OutOfDate("order", (str(code),))
        await visit.show(await danger_card(visit, code, wanted))

    @pressed("order.why", Answer.FORM)
    async def why(self, visit: Visit, code: int, transition: str, extra: int = 0, shown: str = "") -> None:
        """Ask for the reason."""
        wanted = _known(code, transition)
        await _offered(visit, code, wanted)
        args = (extra, shown) if shown else (extra,) if extra else ()
        try:
            asking = reason_form(visit.reader, wanted, code, *args)
        except ValueError as exc:  # too long for an id: made up
            raise OutOfDate("order", (str(code),)) from exc
        await visit.open(asking)

    @submitted("order.do")
    async def do(self, visit: Visit, code: int, transition: str, extra: int = 0, shown: str = "") -> None:
        """Make the change, with its reason; where it moves money that was booked, exactly as it was shown."""
        wanted = _known(code, transition)
        expected = None
        if wanted in MOVES_BOOKED_MONEY:
            details = await self.services.orders.get(visit.actor, code)
            expected = details.figures
            if expected is None or hash_of(details.order, expected) != shown:
                await visit.show(await asked_again(visit, code, wanted, extra))
                return
        await tell(visit, await carry_out(visit, code, wanted, visit.text("reason"), extra, expected), wanted)

    @pressed("order.progress", Answer.FORM)
    async def progress(self, visit: Visit, code: int) -> None:
        """Open the progress form."""
        order = await _offered(visit, code, Transition.PROGRESS)
        tariff = await tariff_of(self.services, visit.actor, order)
        if tariff is None:
            raise NotFound("tariff.unknown_game", game=order.game)
        await visit.open(progress_form(visit.reader, order, tariff))

    @submitted("order.progressed")
    async def progressed(self, visit: Visit, code: int) -> None:
        """Note how far it is."""
        division = visit.choices("division")
        order = await self.services.orders.progress(
            visit.actor, code, division[0] if division else "", parse_percent(visit.text("win_rate")),
            visit.text("link") or None,
        )  # fmt: skip
        await tell(visit, order, Transition.PROGRESS)

    @pressed("order.extend", Answer.FORM)
    async def extend(self, visit: Visit, code: int) -> None:
        """Open the form for more days."""
        await visit.open(extension_form(visit.reader, await _offered(visit, code, Transition.EXTEND)))

    @submitted("order.extended")
    async def extended(self, visit: Visit, code: int) -> None:
        """Move the deadline."""
        days = parse_days(visit.text("days"))
        order = await self.services.orders.extend(visit.actor, code, days, visit.text("reason"))
        await tell(visit, order, Transition.EXTEND)

    @pressed("order.adjust", Answer.FORM)
    async def adjust(self, visit: Visit, code: int) -> None:
        """Open the form for an adjustment."""
        await visit.open(amount_form(visit.reader, await _offered(visit, code, Transition.ADJUST)))

    @submitted("order.adjusting")
    async def adjusting(self, visit: Visit, code: int) -> None:
        """Show what the adjustment would move."""
        await visit.show(await adjustment_card(visit, code, visit.text("amount")))


async def _list(visit: Visit, chosen: str, number: int) -> None:
    if chosen not in FILTERS:
        raise OutOfDate("orders", ("1",))
    await show_list(visit, chosen, number)


def _known(code: int, transition: str) -> Transition:
    if transition not in {known.value for known in _BY_REASON}:
        raise OutOfDate("order", (str(code),))
    return Transition(transition)


async def _offered(visit: Visit, code: int, transition: Transition) -> Order:
    """The order, if the change is this person's to make now: better said before a form than after it."""
    require(visit.actor, policy.TRANSITIONS[transition].permission)
    order = (await visit.services.orders.get(visit.actor, code)).order
    policy.check(visit.actor, order, transition)
    if not may(visit.actor, order, transition):
        raise PermissionDenied("order.not_yours", order=code, booster=order.booster_name or "")
    return order
