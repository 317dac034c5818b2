"""The rules of orders: which transition may start where, and who may do it. No database here."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.kernel.actor import Actor
from domain.kernel.errors import Conflict, DomainError, InvalidInput, PermissionDenied
from domain.orders.dto import HELD_STATES, LIVE_STATES, Order, OrderState, Transition
from domain.tenancy.policy import Permission, allows

FULL_BP = 10_000
TRACKING_LIMIT = 500
REASON_LIMIT = 300
EXTENSION_DAYS_LIMIT = 365


@dataclass(frozen=True, slots=True)
class Rule:
    """One transition.

    Attributes:
        starts: States it may start from.
        ends: State it leads to; None: the order stays where it is.
        permission: Who may do it; with `ORDER_WORK` a booster may on their own order only.
        is_logged: The log channel hears of it.
    """

    starts: frozenset[OrderState]
    ends: OrderState | None
    permission: Permission
    is_logged: bool = False


def _rule(starts: OrderState, ends: OrderState | None, permission: Permission, *, is_logged: bool = False) -> Rule:
    return Rule(frozenset({starts}), ends, permission, is_logged)


_S = OrderState
TRANSITIONS: dict[Transition, Rule] = {
    Transition.CREATE: Rule(frozenset(), _S.DRAFT, Permission.ORDER_CREATE),
    Transition.REVISE: _rule(_S.DRAFT, _S.DRAFT, Permission.ORDER_CREATE),
    Transition.PUBLISH: _rule(_S.DRAFT, _S.OPEN, Permission.ORDER_CREATE),
    Transition.CLAIM: _rule(_S.OPEN, _S.CLAIMED, Permission.ORDER_CLAIM),
    Transition.RELEASE: _rule(_S.CLAIMED, _S.OPEN, Permission.ORDER_WORK, is_logged=True),
    Transition.PAUSE: _rule(_S.CLAIMED, _S.PAUSED, Permission.ORDER_RUN),
    Transition.RESUME: _rule(_S.PAUSED, _S.CLAIMED, Permission.ORDER_RUN),
    Transition.CANCEL: Rule(frozenset({_S.OPEN, _S.DRAFT}), _S.CANCELLED, Permission.ORDER_RUN, is_logged=True),
    Transition.ABANDON: _rule(_S.CLAIMED, _S.ABANDONED, Permission.ORDER_WORK, is_logged=True),
    Transition.BAN: _rule(_S.CLAIMED, _S.BANNED, Permission.ORDER_RUN, is_logged=True),
    Transition.EXTEND: Rule(LIVE_STATES, None, Permission.ORDER_RUN),
    Transition.PROGRESS: _rule(_S.CLAIMED, None, Permission.ORDER_WORK),
    Transition.COMPLETE: _rule(_S.CLAIMED, _S.COMPLETED, Permission.ORDER_WORK),
    Transition.REOPEN: _rule(_S.COMPLETED, _S.CLAIMED, Permission.ORDER_REOPEN, is_logged=True),
    Transition.ADJUST: _rule(_S.COMPLETED, None, Permission.ORDER_ADJUST, is_logged=True),
}


def check(actor: Actor, order: Order, transition: Transition) -> None:
    """Refuse what the order's state or owner does not allow.

    Raises:
        Conflict: The state is another; the code names it, and `booster` who has the order.
        PermissionDenied: `order.not_yours`: a booster may work on their own order only.
    """
    rule = TRANSITIONS[transition]
    if order.state not in rule.starts:
        raise wrong_state(order.code, order.state, order.booster_name, transition)
    if rule.permission is Permission.ORDER_WORK and not allows(actor, Permission.ORDER_RUN):
        check_own(actor, order)


def check_own(actor: Actor, order: Order) -> None:
    """Refuse anyone but the order's booster."""
    if actor.member_id is None or order.booster_id != actor.member_id:
        raise PermissionDenied("order.not_yours", order=order.code, booster=order.booster_name or "")


def wrong_state(code: int, state: OrderState, booster_name: str | None, transition: Transition) -> DomainError:
    """The refusal that names the order's present state, and who has it."""
    is_late_claim = transition is Transition.CLAIM and state in HELD_STATES
    return Conflict(
        "order.already_claimed" if is_late_claim else f"order.is_{state}",
        order=code,
        state=state,
        transition=transition,
        booster=booster_name or "",
    )


def check_days(days: int) -> None:
    """Refuse an extension that is not a positive, sensible number of days."""
    if not 1 <= days <= EXTENSION_DAYS_LIMIT:
        raise InvalidInput("order.extension_days", field="days", limit=EXTENSION_DAYS_LIMIT)


def check_win_rate(win_rate_bp: int) -> None:
    """Refuse a win rate outside 0 to 100 per cent."""
    if not 0 <= win_rate_bp <= FULL_BP:
        raise InvalidInput("order.win_rate", field="win_rate")


def check_tracking_url(text: str) -> str:
    """A tracking link: http or https, with a host, no spaces.

    Raises:
        InvalidInput: `order.tracking_url`.
    """
    url = text.strip()
    refused = InvalidInput("order.tracking_url", field="tracking_url", limit=TRACKING_LIMIT)
    if len(url) > TRACKING_LIMIT or not url.isprintable() or any(c.isspace() or c in "<>\"'`\\" for c in url):
        raise refused
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as exc:
        raise refused from exc
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise refused
    return f"{parts.scheme}{url[len(parts.scheme) :]}"  # the schema wants the scheme in lower case


def plain_division(text: str) -> str:
    """A division as tariffs know it: trimmed, in capitals."""
    return " ".join(text.split()).upper()
