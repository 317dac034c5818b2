"""Asking before an order ends badly or money moves back: the exact effect, and whether it can be undone."""

import discord

from bot.ui.cards import Card, Tone, button, card
from bot.ui.order_details import signed
from bot.ui.order_text import route
from bot.ui.text import plain
from domain.i18n.reader import Reader
from domain.kernel.money import Money
from domain.orders.dto import CompletionFigures, Order, Transition


def ask_ending(
    read: Reader, order: Order, transition: Transition, *, partial_pay: Money | None = None,
    figures: CompletionFigures | None = None,
) -> Card:  # fmt: skip
    """What abandoning, banning, cancelling or reopening does; the red button asks why, then it is done."""
    booster = plain(order.booster_name or "")
    lines = [f"**{route(order)}**", "", read(f"order.ask.{transition}", code=order.code, booster=booster)]
    if transition is Transition.ABANDON:
        paid = read("order.ask.partial_pay", booster=booster, amount=partial_pay) if partial_pay else ""
        lines.append(paid or read("order.ask.no_pay", booster=booster))
    if figures is not None:
        lines.append(read("order.ask.reversed", customer=figures.customer, booster=figures.booster,
                          company=figures.company, pot=figures.pot_order + figures.pot_win_rate))  # fmt: skip
    lines.append(read(f"order.undo.{transition}"))
    extra = partial_pay.minor if partial_pay else 0
    return _red(read, order, transition, lines, extra)


def ask_adjustment(read: Reader, order: Order, amount: Money, figures: CompletionFigures | None) -> Card:
    """What an adjustment moves; the red button asks why, then it is done."""
    booster = plain(order.booster_name or "")
    lines = [f"**{route(order)}**", ""]
    if figures is None:
        lines.append(read("order.ask.adjust_unknown", booster=booster, amount=signed(read, amount)))
    else:
        lines.append(read("order.ask.adjust", booster=booster, amount=signed(read, amount), before=figures.booster,
                          after=figures.booster + amount))  # fmt: skip
        lines.append(read("order.ask.adjust_company", before=figures.company, after=figures.company - amount))
    lines.append(read("order.undo.adjust"))
    return _red(read, order, Transition.ADJUST, lines, amount.minor)


def _red(read: Reader, order: Order, transition: Transition, lines: list[str], extra: int) -> Card:
    title = f"{read(f'order.button.{transition}')} · #{order.code}"
    args = (order.code, transition.value, extra) if extra else (order.code, transition.value)
    confirm = button(read(f"order.confirm.{transition}"), "order.why", *args, style=discord.ButtonStyle.danger)
    keep = button(read("order.button.keep"), "order.show", order.code)
    return card(title, lines, tone=Tone.DANGER, controls=[confirm, keep])
