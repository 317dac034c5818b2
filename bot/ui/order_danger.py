"""Asking before an order ends badly or money moves back: the exact effect, and whether it can be undone."""

import discord

from bot.ui.cards import Card, Tone, button, card
from bot.ui.order_details import signed
from bot.ui.order_done import hash_of
from bot.ui.order_text import route
from bot.ui.text import plain
from domain.i18n.reader import Reader
from domain.kernel.money import Money
from domain.orders.dto import CompletionFigures, Order, Transition


def ask_ending(
    read: Reader, order: Order, transition: Transition, *, partial_pay: Money | None = None,
    figures: CompletionFigures | None = None, is_changed: bool = False,
) -> Card:  # fmt: skip
    """What abandoning, banning, cancelling or reopening does; the red button asks why, then it is done."""
    booster = plain(order.booster_name or "")
    lines = [
        *_changed(read, is_changed),
        f"**{route(order)}**",
        "",
        read(f"order.ask.{transition}", code=order.code, booster=booster),
    ]
    if transition is Transition.ABANDON:
        paid = read("order.ask.partial_pay", booster=booster, amount=partial_pay) if partial_pay else ""
        lines.append(paid or read("order.ask.no_pay", booster=booster))
    if figures is not None:
        lines.append(read("order.ask.reversed", customer=figures.customer, booster=figures.booster,
                          company=figures.company, pot=figures.pot_order + figures.pot_win_rate))  # fmt: skip
    lines.append(read(f"order.undo.{transition}"))
    return _red(read, order, transition, lines, partial_pay.minor if partial_pay else 0, figures)


def ask_adjustment(
    read: Reader, order: Order, amount: Money, figures: CompletionFigures | None, *, is_changed: bool = False
) -> Card:
    """What an adjustment moves; the red button asks why, then it is done."""
    booster = plain(order.booster_name or "")
    lines = [*_changed(read, is_changed), f"**{route(order)}**", ""]
    if figures is None:
        lines.append(read("order.ask.adjust_unknown", booster=booster, amount=signed(read, amount)))
    else:
        lines.append(read("order.ask.adjust", booster=booster, amount=signed(read, amount), before=figures.booster,
                          after=figures.booster + amount))  # fmt: skip
        lines.append(read("order.ask.adjust_company", before=figures.company, after=figures.company - amount))
    lines.append(read("order.undo.adjust"))
    return _red(read, order, Transition.ADJUST, lines, amount.minor, figures)


def _changed(read: Reader, is_changed: bool) -> list[str]:
    return [f"⚠️ **{read('order.ask.changed')}**"] if is_changed else []


def _red(
    read: Reader, order: Order, transition: Transition, lines: list[str], extra: int,
    figures: CompletionFigures | None,
) -> Card:  # fmt: skip
    """The button is bound to the figures that are shown, if any: pressed twice, it does its work once."""
    title = f"{read(f'order.button.{transition}')} · #{order.code}"
    args: tuple[object, ...] = (order.code, transition.value)
    if figures is not None:
        args = (*args, extra, hash_of(order, figures))
    elif extra:
        args = (*args, extra)
    confirm = button(read(f"order.confirm.{transition}"), "order.why", *args, style=discord.ButtonStyle.danger)
    keep = button(read("order.button.keep"), "order.show", order.code)
    return card(title, lines, tone=Tone.DANGER, controls=[confirm, keep])
