"""How an order reads in one line: sign, state, route, deadline, progress, and who may see what."""

from bot.ui.text import plain, stamp_relative
from domain.i18n.reader import Percent, Reader
from domain.kernel.actor import Actor
from domain.orders.dto import HELD_STATES, Order, OrderState, Tariff, Transition
from domain.orders.policy import TRANSITIONS, plain_division
from domain.tenancy.policy import Permission, allows

SIGNS = {
    OrderState.DRAFT: "📝",
    OrderState.OPEN: "🟢",
    OrderState.CLAIMED: "🎮",
    OrderState.PAUSED: "⏸️",
    OrderState.COMPLETED: "✅",
    OrderState.ABANDONED: "🏳️",
    OrderState.CANCELLED: "✖️",
    OrderState.BANNED: "⛔",
}
COLOURS = {
    OrderState.DRAFT: 0x95A5A6,
    OrderState.OPEN: 0x2E9E5B,
    OrderState.CLAIMED: 0x5865F2,
    OrderState.PAUSED: 0xE0A030,
    OrderState.COMPLETED: 0x4E5D6C,
    OrderState.ABANDONED: 0xD83C3E,
    OrderState.CANCELLED: 0x4E5D6C,
    OrderState.BANNED: 0xD83C3E,
}
_BAR_CELLS = 10


def state_line(read: Reader, order: Order) -> str:
    """`🟢 #4821 · Open`: the title of every card."""
    return f"{SIGNS[order.state]} #{order.code} · {read(f'order.state.{order.state}')}"


def route(order: Order) -> str:
    """`E4 → D1`, harmless."""
    return f"{plain(order.start_division)} → {plain(order.target_division)}"


def due_line(read: Reader, order: Order) -> str:
    """When it is due, for each reader in their own time."""
    if order.deadline_at is None:
        return read("order.card.no_deadline")
    text = read("order.card.due", when=stamp_relative(order.deadline_at))
    if order.extension_days:
        text += f" · {read('order.card.extended', count=order.extension_days)}"
    return text


def holder_line(read: Reader, order: Order) -> str | None:
    """Who has it and since when; None when nobody has."""
    if order.booster_name is None or order.claimed_at is None:
        return None
    return read("order.card.holder", booster=plain(order.booster_name), when=stamp_relative(order.claimed_at))


def progress_line(read: Reader, order: Order, tariff: Tariff | None) -> str | None:
    """A bar from the last progress post; None before the first one."""
    if order.progress_division is None or order.progressed_at is None:
        return None
    parts = []
    share = progress_share(order, tariff)
    if share is not None:
        filled = round(share * _BAR_CELLS)
        parts.append(f"{'▰' * filled}{'▱' * (_BAR_CELLS - filled)} {read.format(Percent(round(share * 100) * 100))}")
    parts.append(f"**{plain(order.progress_division)}**")
    if order.progress_win_rate_bp is not None:
        parts.append(read("order.card.win_rate", win_rate=Percent(order.progress_win_rate_bp)))
    parts.append(stamp_relative(order.progressed_at))
    return " · ".join(parts)


def progress_share(order: Order, tariff: Tariff | None) -> float | None:
    """How much of the climb is done, 0 to 1, counted in the tariff's steps; None when the tariff cannot tell.

    A start below the tariff's lowest division counts as one step below it.
    """
    if tariff is None or order.progress_division is None:
        return None
    places = {line.division: place for place, line in enumerate(tariff.lines)}
    target = places.get(order.target_division)
    start = places.get(plain_division(order.start_division), len(places))
    if target is None or start <= target:
        return None
    here = places.get(plain_division(order.progress_division), start)
    return min(1.0, max(0.0, (start - here) / (start - target)))


def sees_money(actor: Actor) -> bool:
    """Whether prices and customers may be shown to this person."""
    return allows(actor, Permission.ORDER_SEE_MONEY)


def is_own(actor: Actor, order: Order) -> bool:
    """Whether the person is the order's booster."""
    return actor.member_id is not None and order.booster_id == actor.member_id


def sees_account(actor: Actor, order: Order) -> bool:
    """The game account is for those who run orders, and for the booster while the order is theirs."""
    return sees_money(actor) or (is_own(actor, order) and order.state in HELD_STATES)


def may(actor: Actor, order: Order, transition: Transition) -> bool:
    """Whether to offer it; the service decides again when it is pressed."""
    rule = TRANSITIONS[transition]
    if order.state not in rule.starts or not allows(actor, rule.permission):
        return False
    if rule.permission is Permission.ORDER_WORK and not allows(actor, Permission.ORDER_RUN):
        return is_own(actor, order)
    return True
