"""Changes of an order that carry a reason: asking first, and making them."""

from bot.ui.cards import Card
from bot.ui.order_danger import ask_adjustment, ask_ending
from bot.visit import Visit
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money, parse_money
from domain.orders import policy
from domain.orders.dto import CompletionFigures, Order, Transition
from domain.tenancy.policy import Permission, require

MOVES_BOOKED_MONEY = frozenset({Transition.ADJUST, Transition.REOPEN})
"""Changes of a completion: they are bound to the figures that were shown."""


async def danger_card(
    visit: Visit, code: int, transition: Transition, partial_pay: Money | None = None, *, is_changed: bool = False
) -> Card:
    """The red card before an ending or a reopening; refuses what would be refused when it is confirmed."""
    require(visit.actor, policy.TRANSITIONS[transition].permission)
    if partial_pay is not None:
        require(visit.actor, Permission.ORDER_RUN)
    details = await visit.services.orders.get(visit.actor, code)
    order = details.order
    policy.check(visit.actor, order, transition)
    if partial_pay is not None and not 0 < partial_pay.minor <= order.price.minor:
        raise InvalidInput("order.partial_pay", field="partial_pay", largest=order.price)
    return ask_ending(visit.reader, order, transition, partial_pay=partial_pay, figures=details.figures,
                      is_changed=is_changed)  # fmt: skip


async def adjustment_card(visit: Visit, code: int, typed: str | int) -> Card:
    """The red card before an adjustment, in amounts; refuses what would be refused when it is confirmed.

    Args:
        visit: Who asks.
        code: The order's.
        typed: The amount as a person typed it; or in minor units, when it is shown again because figures changed.
    """
    require(visit.actor, policy.TRANSITIONS[Transition.ADJUST].permission)
    details = await visit.services.orders.get(visit.actor, code)
    order, figures = details.order, details.figures
    policy.check(visit.actor, order, Transition.ADJUST)
    currency, is_again = order.price.currency, isinstance(typed, int)
    amount = Money(typed, currency) if isinstance(typed, int) else parse_money(typed, currency, field="adjustment")
    if not amount:
        raise InvalidInput("order.adjustment_amount", field="adjustment")
    if figures is not None and (figures.booster + amount).minor < 0:
        raise InvalidInput("order.adjustment_below_zero", field="adjustment", largest=-figures.booster)
    return ask_adjustment(visit.reader, order, amount, figures, is_changed=is_again)


async def asked_again(visit: Visit, code: int, transition: Transition, extra_minor: int) -> Card:
    """The red card with the figures as they are now, because they are not those that were shown."""
    if transition is Transition.ADJUST:
        return await adjustment_card(visit, code, extra_minor)
    return await danger_card(visit, code, transition, is_changed=True)


async def carry_out(
    visit: Visit, code: int, transition: Transition, reason: str, extra_minor: int,
    expected: CompletionFigures | None = None,
) -> Order:  # fmt: skip
    """Make a change that needs a reason; `extra_minor` is the partial pay or the adjustment, 0 for none.

    A change of booked money is refused when the figures are not the `expected` ones.
    """
    orders, actor = visit.services.orders, visit.actor
    match transition:
        case Transition.ABANDON:
            return await orders.abandon(actor, code, reason, await _money(visit, extra_minor) if extra_minor else None)
        case Transition.ADJUST:
            return await orders.adjust(actor, code, await _money(visit, extra_minor), reason, expected)
        case Transition.RELEASE:
            return await orders.release(actor, code, reason)
        case Transition.PAUSE:
            return await orders.pause(actor, code, reason)
        case Transition.CANCEL:
            return await orders.cancel(actor, code, reason)
        case Transition.BAN:
            return await orders.ban(actor, code, reason)
        case Transition.REOPEN:
            return await orders.reopen(actor, code, reason, expected)
    raise AssertionError(f"{transition} does not go by its reason")


async def _money(visit: Visit, minor: int) -> Money:
    return (await visit.tenant()).money(minor)
