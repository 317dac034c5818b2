"""Completing: the exact figures first, then the record."""

import hashlib
from dataclasses import dataclass

import discord

from bot.ui.cards import Card, button
from bot.ui.order_card import coloured
from bot.ui.order_details import figures_lines
from bot.ui.order_text import route, sees_money
from bot.ui.text import plain
from domain.i18n.reader import Percent, Reader
from domain.kernel.actor import Actor
from domain.kernel.money import Money
from domain.orders.dto import Completion, CompletionFigures, Order
from domain.orders.policy import plain_division

_YES, _NO, _DEFAULT = "y", "n", "d"


@dataclass(frozen=True, slots=True)
class Asked:
    """A completion somebody asked for, with what it would do now.

    Attributes:
        tariff_price: What the tariff has for the final division: what the books take.
    """

    order: Order
    completion: Completion
    figures: CompletionFigures
    tariff_price: Money | None = None

    @property
    def hash(self) -> str:
        """Over exactly the figures shown: the confirm button is bound to it."""
        return hash_of(self.order, self.figures)


def hash_of(order: Order, figures: CompletionFigures) -> str:
    """Over exactly an order's figures, short enough for a button."""
    amounts = (figures.customer, figures.booster, figures.company, figures.pot_order, figures.pot_win_rate,
               figures.adjustment, figures.fine)  # fmt: skip
    text = "|".join([str(order.id), *(f"{amount.minor}{amount.currency}" for amount in amounts)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def ask_completion(read: Reader, actor: Actor, asked: Asked, *, is_changed: bool = False) -> Card:
    """What will be posted, with warnings, and the button bound to it."""
    order, completion, figures = asked.order, asked.completion, asked.figures
    lines = [f"⚠️ **{read('order.complete.changed')}**"] if is_changed else []
    result = read("order.complete.result", division=plain(plain_division(completion.final_division)),
                  win_rate=Percent(completion.win_rate_bp))  # fmt: skip
    lines += [f"**{route(order)}** · {result}", "", *_amounts(read, actor, figures)]
    lines += [*_other_price(read, actor, asked), *(f"⚠️ {read(key)}" for key in figures.warnings)]
    lines += ["", read("order.complete.undo")]
    needs_reason = bool(completion.adjustment)
    confirm = button(
        read("order.complete.confirm"), "order.complete_why" if needs_reason else "order.complete",
        order.code, *packed(completion, asked.hash), style=discord.ButtonStyle.success,
    )  # fmt: skip
    cancel = button(read("button.cancel"), "card.dismiss")
    return coloured(read("order.complete.title", code=order.code), lines, order, [confirm, cancel])


def completed_card(
    read: Reader, actor: Actor, order: Order, figures: CompletionFigures | None, own: Money | None
) -> Card:
    """The record of a completion."""
    result = read("order.complete.result", division=plain(order.final_division or ""),
                  win_rate=Percent(order.win_rate_bp or 0))  # fmt: skip
    lines = [f"**{route(order)}** · {result}"]
    if order.booster_name is not None:
        lines.append(f"🎮 {plain(order.booster_name)}")
    if figures is not None:
        lines += ["", *figures_lines(read, figures), *(f"⚠️ {read(key)}" for key in figures.warnings)]
    elif own is not None:
        lines.append(read("order.details.own_pay", amount=own))
    if order.finished_at is not None:
        lines.append(f"-# {read('order.complete.record', actor=plain(actor.label), when=order.finished_at)}")
    details = button(read("order.button.details"), "order.show", order.code)
    return coloured(f"✅ {read('order.complete.done', code=order.code)}", lines, order, [details])


def packed(completion: Completion, figures_hash: str) -> tuple[object, ...]:
    """A completion as arguments of a custom id: nothing in them is trusted when they come back."""
    flags = _flag(completion.order_bonus) + _flag(completion.win_rate_bonus) + _flag(completion.ranked)
    adjustment = completion.adjustment.minor if completion.adjustment else 0
    division = plain_division(completion.final_division).replace("%", "%25").replace(":", "%3A")
    return (division, completion.win_rate_bp, flags, adjustment, figures_hash)


def unpacked(division: str, win_rate_bp: int, flags: str, adjustment: Money) -> Completion:
    """The completion back from a custom id, without the reason of its adjustment.

    Raises:
        ValueError: The flags are made up.
    """
    division = division.replace("%3A", ":").replace("%25", "%")
    order_bonus, win_rate_bonus, ranked = (_unflag(flag) for flag in flags)
    return Completion(division, win_rate_bp, order_bonus, bool(win_rate_bonus), ranked, adjustment or None)


def _other_price(read: Reader, actor: Actor, asked: Asked) -> list[str]:
    """One line where the order's price is not what will be booked."""
    price, booked = asked.order.price, asked.tariff_price
    if booked is None or booked == price or not sees_money(actor):
        return []
    division = plain(plain_division(asked.completion.final_division))
    return [read("order.complete.other_price", price=price, booked=booked, division=division)]


def _amounts(read: Reader, actor: Actor, figures: CompletionFigures) -> list[str]:
    if sees_money(actor):
        return figures_lines(read, figures)
    lines = [read("order.details.own_pay", amount=figures.booster)]
    if figures.fine:
        lines.append(read("order.figures.fine", amount=figures.fine))
    return lines


def _flag(value: bool | None) -> str:
    return _DEFAULT if value is None else _YES if value else _NO


def _unflag(flag: str) -> bool | None:
    if flag not in (_YES, _NO, _DEFAULT):
        raise ValueError(flag)
    return None if flag == _DEFAULT else flag == _YES
