"""The preview of a draft: what will be posted, with what only staff sees."""

from collections.abc import Sequence

import discord

from bot.ui.cards import Card, Item, button
from bot.ui.order_card import coloured
from bot.ui.order_details import OrderView, details_card, facts, notes_lines, private_lines
from bot.ui.order_text import state_line
from domain.i18n.reader import Reader
from domain.orders.dto import OrderState


def draft_card(view: OrderView, warnings: Sequence[str] = ()) -> Card:
    """A draft with Post, Edit, Price and notes, Discard; `warnings` say what could not be taken over."""
    read, order = view.reader, view.order
    if order.state is not OrderState.DRAFT:
        return details_card(view)
    lines = [*(f"⚠️ {warning}" for warning in warnings), *draft_lines(view), "", f"-# {read('order.draft.hint')}"]
    controls: list[Item] = [
        button(read("order.button.publish"), "order.post", order.code, style=discord.ButtonStyle.success),
        button(read("order.button.revise"), "order.edit", order.code),
        button(read("order.button.terms"), "order.terms", order.code),
        button(read("order.button.discard"), "order.discard", order.code, style=discord.ButtonStyle.danger),
    ]
    return coloured(state_line(read, order), lines, order, controls)


def draft_lines(view: OrderView) -> list[str]:
    """The draft's facts, with customer, price, account and notes."""
    return [*facts(view), *private_lines(view), *notes_lines(view.reader, view.order)]


def posted_note(read: Reader, code: int, channel_id: int | None) -> str:
    """Where the card will appear."""
    if channel_id is None:
        return read("order.draft.posted_log", code=code)
    return read("order.draft.posted", code=code, channel=f"<#{channel_id}>")
