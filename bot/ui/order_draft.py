"""The preview of a draft: what will be posted, with what only staff sees."""

from collections.abc import Sequence

import discord

from bot.ui.cards import Card, Item, button
from bot.ui.order_card import coloured
from bot.ui.order_details import OrderView, details_card, facts, notes_lines, private_lines
from bot.ui.order_text import route, state_line
from bot.ui.text import plain
from domain.i18n.reader import Reader
from domain.leads.dto import Lead
from domain.orders.dto import Order, OrderState


def draft_card(
    view: OrderView, warnings: Sequence[str] = (), quoted: Lead | None = None, others: Sequence[Order] = ()
) -> Card:  # fmt: skip
    """A draft with Post, Edit, Price and notes, Discard.

    Args:
        view: The draft.
        warnings: What could not be taken over.
        quoted: The customer's lead; what was quoted to them stands beside the price.
        others: What the customer has already and has not ended: Post says that this is another one.
    """
    read, order = view.reader, view.order
    if order.state is not OrderState.DRAFT:
        return details_card(view)
    lines = [
        *(f"⚠️ {warning}" for warning in (*warnings, *(_other_line(read, other) for other in others))),
        *draft_lines(view),
        *_quoted(read, quoted),
        "",
        f"-# {read('order.draft.hint')}",
    ]
    controls: list[Item] = [
        _post_button(read, order, is_another=bool(others)),
        button(read("order.button.revise"), "order.edit", order.code),
        button(read("order.button.terms"), "order.terms", order.code),
        button(read("order.button.discard"), "order.discard", order.code, style=discord.ButtonStyle.danger),
    ]
    return coloured(state_line(read, order), lines, order, controls)


def _other_line(read: Reader, other: Order) -> str:
    state = read(f"order.state.{other.state}")
    return read("order.draft.has_live", code=other.code, climb=route(other), state=state)


def _post_button(read: Reader, order: Order, *, is_another: bool) -> Item:
    if is_another:
        return button(read("order.draft.post_another"), "order.post_another", order.code)
    return button(read("order.button.publish"), "order.post", order.code, style=discord.ButtonStyle.success)


def draft_lines(view: OrderView) -> list[str]:
    """The draft's facts, with customer, price, account and notes."""
    return [*facts(view), *private_lines(view), *notes_lines(view.reader, view.order)]


def _quoted(read: Reader, lead: Lead | None) -> list[str]:
    if lead is None or not lead.quoted:
        return []
    climb = f"{plain(lead.start_division or '?')} → {plain(lead.target_division or '?')}"
    return [read("order.draft.quoted", amount=lead.quoted, climb=climb)]


def posted_note(read: Reader, code: int, channel_id: int | None) -> str:
    """Where the card will appear."""
    if channel_id is None:
        return read("order.draft.posted_log", code=code)
    return read("order.draft.posted", code=code, channel=f"<#{channel_id}>")
