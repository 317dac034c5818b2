"""One order, privately: everything this reader may see, its history, and what they may do now."""

from dataclasses import dataclass

import discord

from bot.ui.cards import Card, Item, button
from bot.ui.order_actions import action_buttons
from bot.ui.order_card import coloured
from bot.ui.order_text import (
    due_line,
    holder_line,
    is_own,
    progress_line,
    route,
    sees_account,
    sees_money,
    state_line,
)
from bot.ui.text import plain
from domain.i18n.reader import Percent, Reader
from domain.kernel.actor import Actor
from domain.kernel.money import Money
from domain.orders.dto import (
    HELD_STATES,
    LIVE_STATES,
    CompletionFigures,
    Order,
    OrderDetails,
    OrderEvent,
    Tariff,
    Transition,
)

_EVENTS_SHOWN = 8
_NOTES_LINES = 12


@dataclass(frozen=True, slots=True)
class OrderView:
    """What a details card is drawn from.

    Attributes:
        reader: The presser's language.
        actor: The presser; decides what is shown.
        details: The order.
        tariff: For the progress bar; None without one.
        expected: What the order would pay its booster at the target division; None when that is not known.
    """

    reader: Reader
    actor: Actor
    details: OrderDetails
    tariff: Tariff | None = None
    expected: Money | None = None

    @property
    def order(self) -> Order:
        """The order itself."""
        return self.details.order


def details_card(view: OrderView, note: str | None = None) -> Card:
    """The private view of an order; `note` is what has just been done."""
    lines = [f"**{note}**", ""] if note else []
    lines += [*facts(view), *private_lines(view), *_money(view), *notes_lines(view.reader, view.order), *_history(view)]
    title = state_line(view.reader, view.order)
    controls = action_buttons(view.reader, view.actor, view.order)
    return coloured(title, lines, view.order, controls)


def claimed_card(view: OrderView) -> Card:
    """The answer to a claim: it is yours, and what comes next."""
    read, order = view.reader, view.order
    lines = [
        *facts(view)[:2],
        *private_lines(view),
        *_money(view),
        *notes_lines(read, order),
        "",
        read("order.claimed.next"),
    ]
    controls: list[Item] = [
        button(read("order.button.progress"), "order.progress", order.code, style=discord.ButtonStyle.primary),
        button(read("order.button.release"), "order.why", order.code, Transition.RELEASE.value),
    ]
    return coloured(f"✅ {read('order.claimed.title', code=order.code)}", lines, order, controls)


def facts(view: OrderView) -> list[str]:
    """What the public card says as well."""
    read, order = view.reader, view.order
    lines = [f"**{route(order)}** · {plain(order.game)}"]
    if order.state in LIVE_STATES:
        due = due_line(read, order)
        lines.append(due if order.deadline_at is None else f"{due} ({read.format(order.deadline_at)})")
    elif order.final_division is not None:
        win_rate = read("order.card.win_rate", win_rate=Percent(order.win_rate_bp or 0))
        lines.append(f"{read('order.card.ended_at', division=plain(order.final_division))} · {win_rate}")
    found = [holder_line(read, order)]
    if order.state in HELD_STATES:
        found.append(progress_line(read, order, view.tariff))
    if not order.is_ranked:
        found.append(read("order.card.unranked"))
    return [*lines, *(line for line in found if line)]


def figures_lines(read: Reader, figures: CompletionFigures) -> list[str]:
    """Who gets what, to the cent, as staff sees it."""
    pot = figures.pot_order + figures.pot_win_rate
    lines = [
        read("order.figures.customer", amount=figures.customer),
        read("order.figures.booster", amount=figures.booster),
        read("order.figures.company", amount=figures.company),
    ]
    if pot:
        lines.append(read("order.figures.pot", amount=pot, order=figures.pot_order, win_rate=figures.pot_win_rate))
    else:
        lines.append(read("order.figures.no_pot", amount=pot))
    if figures.adjustment:
        lines.append(read("order.figures.adjustment", amount=signed(read, figures.adjustment)))
    if figures.fine:
        lines.append(read("order.figures.fine", amount=figures.fine))
    return lines


def signed(read: Reader, amount: Money) -> str:
    """An amount that moves, with its sign: `+$2.50`."""
    return f"+{read.format(amount)}" if amount.minor > 0 else read.format(amount)


def private_lines(view: OrderView) -> list[str]:
    """Customer, price, account and tracking, as far as this reader may see them."""
    read, order = view.reader, view.order
    lines = []
    if sees_money(view.actor):
        lines.append(read("order.details.customer", customer=plain(order.customer_name)))
        lines.append(read("order.details.price", price=order.price))
    if order.account and sees_account(view.actor, order):
        lines.append(read("order.details.account", account=plain(order.account)))
    if order.tracking_url and (sees_money(view.actor) or is_own(view.actor, order)):
        lines.append(read("order.details.tracking", url=f"<{order.tracking_url}>"))
    return lines


def _money(view: OrderView) -> list[str]:
    read, details = view.reader, view.details
    if details.figures is not None:
        return ["", *figures_lines(read, details.figures)]
    if details.own_pay is not None:
        return [read("order.details.own_pay", amount=details.own_pay)]
    if view.expected is not None and is_own(view.actor, view.order):
        division = plain(view.order.target_division)
        return [read("order.details.expected", amount=view.expected, division=division)]
    return []


def notes_lines(read: Reader, order: Order) -> list[str]:
    """The notes, quoted line by line, harmless."""
    rows = [plain(line, 1000) for line in order.notes.splitlines() if line.strip()][:_NOTES_LINES]
    return [read("order.details.notes"), *(f"> {row}" for row in rows)] if rows else []


def _history(view: OrderView) -> list[str]:
    read, events = view.reader, view.details.events
    shown = [_event_line(view, event) for event in events[-_EVENTS_SHOWN:]]
    if not shown:
        return []
    left_out = len(events) - len(shown)
    lines = ["", read("order.details.history")]
    if left_out:
        lines.append(f"-# {read('order.details.earlier', count=left_out)}")
    return [*lines, *(f"-# {line}" for line in shown)]


def _event_line(view: OrderView, event: OrderEvent) -> str:
    read = view.reader
    text = f"{read.format(event.at)} · {read(f'order.did.{event.transition}', actor=plain(event.actor_label))}"
    extra = _event_extra(view, event)
    if extra:
        text += f" · {extra}"
    return f"{text} · {plain(event.reason, 80)}" if event.reason else text


def _event_extra(view: OrderView, event: OrderEvent) -> str | None:
    read, said = view.reader, event.details
    sees = sees_money(view.actor) or is_own(view.actor, view.order)
    currency = view.order.price.currency
    match event.transition:
        case Transition.PROGRESS | Transition.COMPLETE:
            division = plain(str(said.get("division", said.get("final_division", ""))))
            return f"{division} {read.format(Percent(int(said.get('win_rate_bp', 0))))}"
        case Transition.EXTEND:
            return read("order.card.extended", count=int(said.get("days", 0)))
        case Transition.ADJUST if sees:
            return signed(read, Money(int(said.get("amount_minor", 0)), currency))
        case Transition.ABANDON if sees and "partial_pay_minor" in said:
            return signed(read, Money(int(said["partial_pay_minor"]), currency))
    return None
