"""How every change of an order goes: hold it, refuse or repeat, move it, write its history, tell people."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.audit.service import record
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Row, Tx
from domain.kernel.queue import enqueue
from domain.kernel.text import clean_text
from domain.orders import policy, queries
from domain.orders.dto import Order, OrderState, Transition
from domain.orders.jobs import TELL_CUSTOMER
from domain.orders.policy import REASON_LIMIT, TRANSITIONS
from domain.outbox.kinds import Kind
from domain.outbox.post import post_card, post_direct, post_notice
from domain.tenancy.dto import Purpose


class OrderUseCases:
    """What the use cases of orders share."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock


@dataclass(frozen=True, slots=True)
class Held:
    """An order held for a change.

    Attributes:
        order: As it was before.
        row: Its row, with the columns that do not leave the area.
        is_repeat: The same command changed it before: answer with the order as it is.
    """

    order: Order
    row: Row
    is_repeat: bool


async def hold(tx: Tx, ref: int | UUID, transition: Transition) -> Held:
    """Hold the order and refuse what its state or its booster does not allow."""
    order, row = await queries.lock(tx, ref)
    is_repeat = await queries.is_repeat(tx, order.id)
    if not is_repeat:
        policy.check(tx.actor, order, transition)
    return Held(order, row, is_repeat)


async def apply(
    tx: Tx, clock: Clock, before: Order, transition: Transition, *, reason: str = "",
    changes: Mapping[str, object] | None = None, details: Mapping[str, object] | None = None,
) -> Order:  # fmt: skip
    """Move the held order, add the row of its history, and put the messages into the outbox.

    Args:
        tx: The business transaction.
        clock: For the instant.
        before: The order as it was held.
        transition: What happens to it.
        reason: Why, as a person said.
        changes: Columns to set besides the state.
        details: Small facts for the history; ids, words and minor units.
    """
    rule = TRANSITIONS[transition]
    ends = rule.ends or before.state
    after = await queries.move(tx, before, sorted(rule.starts), {"state": ends.value, **(changes or {})})
    assert after is not None, "the order is held since its state was checked"
    await finish(tx, clock, before, after, transition, reason=reason, details=details)
    return after


async def finish(
    tx: Tx, clock: Clock, before: Order, after: Order, transition: Transition, *, reason: str = "",
    details: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    """Write the history of a change that was made, tell people, and record it in the audit chain."""
    await queries.insert_event(tx, after.id, transition, before.state, after.state, clock.now(), reason, details)
    await _announce(tx, clock, before, after, transition, reason)
    audited = {"from": before.state, "to": after.state, **(details or {})}
    await record(tx, clock, f"order.{transition}", f"order {after.code}", audited)


async def _announce(tx: Tx, clock: Clock, before: Order, after: Order, transition: Transition, reason: str) -> None:
    if before.state is OrderState.DRAFT and transition is not Transition.PUBLISH:
        return  # nobody has seen a card of it
    await post_card(tx, clock, Kind.ORDER_CARD, after.id, Purpose.ORDERS)
    params: dict[str, object] = {
        "code": after.code, "transition": transition.value, "actor": tx.actor.label, "reason": reason,
    }  # fmt: skip
    if after.contact_id is not None:
        news: dict[str, object] = {
            "order_id": str(after.id),
            "transition": transition.value,
            "event_key": tx.actor.command_key,
        }
        await enqueue(tx, TELL_CUSTOMER, news)
    if TRANSITIONS[transition].is_logged:
        await post_notice(tx, clock, Purpose.LOG, Kind.ORDER_NOTICE, params, after.id)
    booster_id = before.booster_id
    if booster_id is not None and booster_id != tx.actor.member_id:
        await post_direct(tx, clock, booster_id, Kind.ORDER_DIRECT, params, after.id)


def clean_reason(reason: str) -> str:
    """A reason as it is kept; refused when empty or too long."""
    return clean_text(reason, field="reason", limit=REASON_LIMIT, is_required=True)
