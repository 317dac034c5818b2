"""Prices, climbs and the contact's own orders."""

from pydantic import Field

from agent.tools.port import Arguments, Data, Desk, Result, Tool
from domain.i18n.reader import Reader
from domain.orders.dto import Order, OrderState
from domain.orders.quoting import Quote

# What may be said to have happened with an order, by its state; the words are those of `agent.gates.grounding.Facts`.
_PLACED = frozenset({"ordered"})
TRUE_OF = {
    OrderState.DRAFT: frozenset(), OrderState.OPEN: _PLACED, OrderState.CLAIMED: _PLACED | {"started"},
    OrderState.PAUSED: _PLACED | {"started"}, OrderState.COMPLETED: _PLACED | {"started", "completed", "done"},
    OrderState.ABANDONED: _PLACED, OrderState.CANCELLED: _PLACED | {"cancelled"}, OrderState.BANNED: _PLACED,
}  # fmt: skip


class NoArguments(Arguments):
    """Nothing."""


class Climb(Arguments):
    """From where to where."""

    start: str = Field(max_length=40, description="The division the client is in now, e.g. E4.")
    target: str = Field(max_length=40, description="The division the client wants, e.g. D1.")


async def list_services(desk: Desk, arguments: NoArguments) -> Result:
    """The divisions with their prices."""
    tariff = await desk.services.tariffs.current(desk.actor)
    rows = [{"division": line.division, "price": desk.reader.format(line.price)} for line in tariff.lines]
    note = "Each price is for climbing into that division from the one below. For a longer climb call quote_order."
    return Result({"game": tariff.game, "divisions": rows, "note": note}, tuple(line.price for line in tariff.lines))


async def quote_order(desk: Desk, arguments: Climb) -> Result:
    """The price of a climb."""
    found = await desk.services.tariffs.quote(desk.actor, arguments.start, arguments.target)
    amounts = (found.total, *(line.price for line in found.lines))
    return Result(_quoted(desk.reader, found), amounts, quote=found)


async def my_orders(desk: Desk, arguments: NoArguments) -> Result:
    """The client's own orders; nobody else's name is in them."""
    orders = await desk.services.orders.of_contact(desk.actor, desk.turn.contact.id)
    instants = tuple(order.deadline_at for order in orders if order.deadline_at is not None)
    states = {order.code: TRUE_OF[order.state] for order in orders}
    prices = {order.code: order.price for order in orders}
    told = {"orders": [_order(desk, order) for order in orders]}
    return Result(told, instants=instants, orders=states, order_prices=prices)


def _quoted(reader: Reader, quote: Quote) -> Data:
    steps = [{"division": line.division, "price": reader.format(line.price)} for line in quote.lines]
    return {
        "game": quote.game, "start": quote.start, "target": quote.target, "total": reader.format(quote.total),
        "steps": steps,
    }  # fmt: skip


def _order(desk: Desk, order: Order) -> Data:
    deadline = order.deadline_at and desk.reader.format(order.deadline_at)
    return {
        "code": order.code, "state": order.state.value, "start": order.start_division,
        "target": order.target_division, "progress": order.progress_division, "deadline": deadline,
        "price": desk.reader.format(order.price),
    }  # fmt: skip


TOOLS = (
    Tool("list_services", "The divisions we climb to, with prices.", NoArguments, list_services),
    Tool("quote_order", "The exact price of a climb. The only source of a price.", Climb, quote_order),
    Tool("my_orders", "The client's own orders with their state and progress.", NoArguments, my_orders),
)
