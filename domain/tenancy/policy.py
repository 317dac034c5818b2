"""The one permission table: which roles may do what."""

from enum import StrEnum

from domain.kernel.actor import Actor
from domain.kernel.errors import PermissionDenied
from domain.kernel.roles import Role


class Permission(StrEnum):
    """A thing that may be allowed; the value names its catalog text."""

    SETTINGS_CHANGE = "settings.change"
    STAFF_LIST = "staff.list"
    STAFF_CHANGE = "staff.change"
    ORDER_CREATE = "order.create"
    ORDER_LIST = "order.list"
    ORDER_SEE_MONEY = "order.see_money"
    ORDER_CLAIM = "order.claim"
    ORDER_WORK = "order.work"  # progress, release, abandon, complete: the order's own booster
    ORDER_RUN = "order.run"  # the same for anyone's order, and pause, resume, cancel, extend
    ORDER_REOPEN = "order.reopen"
    ORDER_ADJUST = "order.adjust"
    TARIFF_LIST = "tariff.list"
    TARIFF_CHANGE = "tariff.change"
    DAY_CLOSE = "day.close"
    PAYROLL_SEE = "payroll.see"
    PAYROLL_APPROVE = "payroll.approve"
    PAYROLL_PAY = "payroll.pay"
    OWN_EARNINGS = "own.earnings"
    CONVERSATION_SEE = "conversation.see"
    CONVERSATION_REPLY = "conversation.reply"  # reply, take over, give back, assign, snooze, close, reopen
    CONTACT_CHANGE = "contact.change"  # block, merge
    LEAD_SEE = "lead.see"
    LEAD_CHANGE = "lead.change"
    AGENT_SEE = "agent.see"  # traces
    AGENT_CHANGE = "agent.change"  # on, off, persona, scope
    AGENT_ANSWER = "agent.answer"  # what the assistant itself does: answer, hand off
    CHANNEL_CHANGE = "channel.change"  # WhatsApp numbers and their secrets


_OWNER = frozenset({Role.OWNER})
_LEADS = frozenset({Role.OWNER, Role.ADMIN})
_DISPATCH = _LEADS | {Role.DISPATCHER}
_SALES = _DISPATCH | {Role.SELLER}
_STAFF = _SALES | {Role.BOOSTER}
_ANYONE = _STAFF | {Role.VIEWER}

PERMISSIONS: dict[Permission, frozenset[Role]] = {
    Permission.SETTINGS_CHANGE: _LEADS,
    Permission.STAFF_LIST: _DISPATCH,
    Permission.STAFF_CHANGE: _LEADS,
    Permission.ORDER_CREATE: _SALES,
    Permission.ORDER_LIST: _ANYONE,
    Permission.ORDER_SEE_MONEY: _SALES,
    Permission.ORDER_CLAIM: frozenset({Role.BOOSTER}),
    Permission.ORDER_WORK: _DISPATCH | {Role.BOOSTER},
    Permission.ORDER_RUN: _DISPATCH,
    Permission.ORDER_REOPEN: _LEADS,
    Permission.ORDER_ADJUST: _LEADS,
    Permission.TARIFF_LIST: _STAFF | {Role.AGENT},
    Permission.TARIFF_CHANGE: _LEADS,
    Permission.DAY_CLOSE: _LEADS,
    Permission.PAYROLL_SEE: _LEADS,
    Permission.PAYROLL_APPROVE: _LEADS,
    Permission.PAYROLL_PAY: _OWNER,
    Permission.OWN_EARNINGS: _STAFF,
    Permission.CONVERSATION_SEE: _SALES,
    Permission.CONVERSATION_REPLY: _SALES,
    Permission.CONTACT_CHANGE: _DISPATCH,
    Permission.LEAD_SEE: _SALES | {Role.AGENT},
    Permission.LEAD_CHANGE: _SALES | {Role.AGENT},
    Permission.AGENT_SEE: _SALES,
    Permission.AGENT_CHANGE: _LEADS,
    Permission.AGENT_ANSWER: frozenset({Role.AGENT}),
    Permission.CHANNEL_CHANGE: _LEADS,
}


def allows(actor: Actor, permission: Permission) -> bool:
    """Whether any of the actor's roles carries the permission; our own clock and worker always pass."""
    return Role.SYSTEM in actor.roles or bool(actor.roles & PERMISSIONS[permission])


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor whose roles do not carry the permission.

    Raises:
        PermissionDenied: Names the permission and the roles that have it.
    """
    if not allows(actor, permission):
        needed = sorted(role.value for role in PERMISSIONS[permission])
        raise PermissionDenied("permission.denied", permission=permission.value, roles=needed)
