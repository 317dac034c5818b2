"""The order card, and what is said about an order in the log and to its booster."""

from bot.render import Drawing, Drawn, draws
from bot.ui.cards import card
from bot.ui.order_card import one_line, order_card
from bot.ui.order_text import SIGNS, due_line, route
from bot.ui.text import plain
from domain.kernel.errors import NotFound
from domain.orders.dto import Order, OrderDetails, OrderState, Tariff, Transition
from domain.orders.policy import TRANSITIONS
from domain.outbox.kinds import Kind

_ABOUT_PAY = (Transition.COMPLETE, Transition.ADJUST)


@draws(Kind.ORDER_CARD)
async def draw_card(drawing: Drawing) -> Drawn:
    """The standing card, from the order as it is now."""
    order = await _order(drawing)
    return Drawn(order_card(drawing.reader, order, await _tariff(drawing, order)))


@draws(Kind.ORDER_NOTICE)
async def draw_notice(drawing: Drawing) -> Drawn:
    """One line in the log: who did what to which order, and why."""
    order = await _order(drawing)
    text = f"**#{order.code}** {route(order)} · {_what_happened(drawing, order, 'order.did')}"
    return Drawn(one_line(drawing.reader, order, f"{_sign(drawing, order)} {text}"))


@draws(Kind.ORDER_DIRECT)
async def draw_direct(drawing: Drawing) -> Drawn:
    """Tell a booster what somebody else did to their order, and what it means for them."""
    read, details = drawing.reader, await _details(drawing)
    order = details.order
    lines = [f"**{route(order)}** · {plain(order.game)}"]
    if order.state in (OrderState.CLAIMED, OrderState.PAUSED):
        lines.append(due_line(read, order))
    if (
        details.figures is not None and drawing.message.params["transition"] in _ABOUT_PAY
    ):  # a direct message to the booster: their own pay, nobody else's share
        lines.append(read("order.details.own_pay", amount=details.figures.booster))
    foot = read("order.direct.foot", shop=plain(drawing.tenant.name))
    return Drawn(card(f"{_sign(drawing, order)} {_what_happened(drawing, order, 'order.direct')}", lines, foot=foot))


def _sign(drawing: Drawing, order: Order) -> str:
    """The sign of the state it led to, which may not be the present one any more."""
    ends = TRANSITIONS[Transition(drawing.message.params["transition"])].ends
    return SIGNS[ends or order.state]


def _what_happened(drawing: Drawing, order: Order, area: str) -> str:
    params = drawing.message.params
    text = drawing.reader(f"{area}.{params['transition']}", code=order.code, actor=plain(str(params["actor"])))
    reason = plain(str(params.get("reason", "")), 300)
    return f"{text}: {reason}" if reason else text


async def _order(drawing: Drawing) -> Order:
    return (await _details(drawing)).order


async def _details(drawing: Drawing) -> OrderDetails:
    subject_id = drawing.message.subject_id
    assert subject_id is not None, "messages about orders name their order"
    return await drawing.services.orders.get(drawing.actor, subject_id)


async def _tariff(drawing: Drawing, order: Order) -> Tariff | None:
    """The tariff that tells how far a climb is; None before there is anything to tell."""
    if order.progress_division is None:
        return None
    try:
        return await drawing.services.tariffs.current(drawing.actor, order.game)
    except NotFound:
        return None  # the shop changed its currency since: the card goes without its bar
