"""The buttons under an order: what this person may do with it at this moment."""

import discord

from bot.ui.cards import Item, button
from bot.ui.order_text import may
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.orders.dto import Order, Transition

_GREEN = discord.ButtonStyle.success
_BLUE = discord.ButtonStyle.primary
_GREY = discord.ButtonStyle.secondary
_RED = discord.ButtonStyle.danger
_T = Transition

DANGEROUS = (_T.ABANDON, _T.BAN, _T.CANCEL, _T.REOPEN)
"""What is asked twice: it cannot be taken back, or it moves money back."""

# Transition, action, whether the action names the transition, and style, in the order in which they stand.
_BUTTONS: tuple[tuple[Transition, str, bool, discord.ButtonStyle], ...] = (
    (_T.PUBLISH, "order.post", False, _GREEN),
    (_T.REVISE, "order.edit", False, _GREY),
    (_T.CLAIM, "order.take", False, _GREEN),
    (_T.COMPLETE, "order.finish", False, _GREEN),
    (_T.PROGRESS, "order.progress", False, _BLUE),
    (_T.RESUME, "order.resume", False, _BLUE),
    (_T.RELEASE, "order.why", True, _GREY),
    (_T.PAUSE, "order.why", True, _GREY),
    (_T.EXTEND, "order.extend", False, _GREY),
    (_T.ADJUST, "order.adjust", False, _GREY),
    (_T.REOPEN, "order.ask", True, _RED),
    (_T.ABANDON, "order.ask", True, _RED),
    (_T.BAN, "order.ask", True, _RED),
    (_T.CANCEL, "order.ask", True, _RED),
)


def action_buttons(read: Reader, actor: Actor, order: Order) -> list[Item]:
    """Buttons for what state and permissions allow; red ones last."""
    found: list[Item] = []
    for transition, action, is_named, style in _BUTTONS:
        if may(actor, order, transition):
            args = (order.code, transition.value) if is_named else (order.code,)
            found.append(button(read(f"order.button.{transition}"), action, *args, style=style))
    return found
