"""The order card that stands in the channel: what everybody there may see, and nothing about money or customers."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.ui.cards import Card, Item, button, rows
from bot.ui.order_text import COLOURS, SIGNS, due_line, holder_line, progress_line, route, state_line
from bot.ui.text import TEXT_LIMIT, clip, plain, stamp_relative
from domain.i18n.reader import Percent, Reader
from domain.orders.dto import LIVE_STATES, Order, OrderState, Tariff

_LINE_LIMIT = 1000


def order_card(read: Reader, order: Order, tariff: Tariff | None = None) -> Card:
    """The standing card: full while the order lives, one line when it is over."""
    if order.state not in LIVE_STATES:
        return one_line(read, order, over_line(read, order))
    lines = [f"### {state_line(read, order)}", f"**{route(order)}** · {plain(order.game)}"]
    facts = due_line(read, order)
    if not order.is_ranked:
        facts += f" · {read('order.card.unranked')}"
    lines.append(facts)
    lines += [line for line in (holder_line(read, order), progress_line(read, order, tariff)) if line]
    buttons: list[Item] = []
    if order.state is OrderState.OPEN:
        label = read("order.button.claim")
        buttons.append(button(label, "order.claim", order.code, style=discord.ButtonStyle.success))
    buttons.append(details_button(read, order))
    return _in_colour(lines, order, buttons)


def coloured(title: str, lines: Sequence[str], order: Order, controls: Sequence[Item] = ()) -> Card:
    """A private card about an order, edged with the colour of its state."""
    return _in_colour([f"### {title}", *lines], order, controls)


def _in_colour(lines: Sequence[str], order: Order, controls: Sequence[Item]) -> Card:
    text: ui.TextDisplay[Any] = ui.TextDisplay(clip("\n".join(lines), TEXT_LIMIT))
    return Card(ui.Container(text, *rows(controls), accent_colour=COLOURS[order.state]))


def over_line(read: Reader, order: Order) -> str:
    """An order that is over, in one line."""
    parts = [f"{SIGNS[order.state]} **#{order.code}** {route(order)}"]
    if order.state is not OrderState.COMPLETED:
        parts.append(read(f"order.state.{order.state}"))
    if order.booster_name is not None:
        parts.append(plain(order.booster_name))
    if order.state is OrderState.COMPLETED and order.final_division is not None:
        if order.final_division != order.target_division:
            parts.append(read("order.card.ended_at", division=plain(order.final_division)))
        parts.append(read("order.card.win_rate", win_rate=Percent(order.win_rate_bp or 0)))
    if order.finished_at is not None:
        parts.append(stamp_relative(order.finished_at))
    return " · ".join(parts)


def one_line(read: Reader, order: Order, text: str) -> Card:
    """A line about an order, with Details beside it."""
    section: ui.Section[Any] = ui.Section(clip(text, _LINE_LIMIT), accessory=details_button(read, order))
    return Card(ui.Container(section, accent_colour=COLOURS[order.state]))


def details_button(read: Reader, order: Order) -> ui.Button[Any]:
    """Shows the order privately, with what the presser may do."""
    return button(read("order.button.details"), "order.details", order.code)
