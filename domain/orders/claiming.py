"""Click to claim: whoever is first and eligible gets the order."""

from typing import Any
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.db import Row, Tx
from domain.kernel.errors import Conflict, DomainError, LimitReached, NotFound, PermissionDenied
from domain.orders import queries
from domain.orders.changes import OrderUseCases, finish
from domain.orders.dto import Order, OrderState, Transition
from domain.orders.policy import wrong_state
from domain.orders.queries import MAX_CODE
from domain.tenancy.policy import Permission, require

# All that most need who click too late, without a lock; what only an open order asks is not even looked at.
_LOOK = """
SELECT o.id, o.code, o.state, o.target_division, b.name AS booster_name,
    EXISTS (SELECT 1 FROM order_events e WHERE e.order_id = o.id AND e.command_key = $4) AS is_repeat,
    CASE WHEN o.state = 'open' THEN (
        SELECT jsonb_build_object(
            'status', m.status, 'divisions', coalesce(p.divisions, '{}'),
            'limit', coalesce(p.live_orders_limit, t.live_orders_limit),
            'live_count', (SELECT count(*) FROM orders held WHERE held.tenant_id = $1
                           AND held.booster_id = m.id AND held.state IN ('claimed', 'paused')))
        FROM members m JOIN tenants t ON t.id = m.tenant_id LEFT JOIN staff_profiles p ON p.member_id = m.id
        WHERE m.tenant_id = $1 AND m.id = $3) END AS me
FROM orders o LEFT JOIN members b ON b.id = o.booster_id
WHERE o.tenant_id = $1 AND o.{column} = $2
"""
_LOOK_BY = {column: _LOOK.replace("{column}", column) for column in ("code", "id")}
_HOLD_MEMBER = "SELECT 1 FROM members WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE"
# Eligibility is checked in the statement that claims. The member is held, so what counts here stands still.
_CLAIM = """
UPDATE orders SET state = 'claimed', booster_id = m.id, claimed_at = $4
FROM members m JOIN tenants t ON t.id = m.tenant_id LEFT JOIN staff_profiles p ON p.member_id = m.id
WHERE orders.tenant_id = $1 AND orders.id = $2 AND orders.state = 'open'
    AND m.tenant_id = $1 AND m.id = $3 AND m.status = 'active'
    AND (coalesce(p.divisions, '{}') = '{}' OR orders.target_division = ANY(p.divisions))
    AND (SELECT count(*) FROM orders held
         WHERE held.tenant_id = $1 AND held.booster_id = m.id AND held.state IN ('claimed', 'paused'))
        < coalesce(p.live_orders_limit, t.live_orders_limit)
    AND NOT EXISTS (SELECT 1 FROM order_events e WHERE e.order_id = $2 AND e.command_key = $5)
RETURNING orders.id
"""


class Claiming(OrderUseCases):
    """Claim."""

    async def claim(self, actor: Actor, ref: int | UUID) -> Order:
        """Take an open order. Of any number who click at once one gets it; the same command again: success.

        Two orders claimed at once by one booster never exceed their limit: the member's row is held.

        Raises:
            NotFound: `order.unknown`.
            Conflict: `order.already_claimed` with `booster`; or another state that is not open.
            PermissionDenied: `member.suspended`; or `order.division_not_yours`.
            LimitReached: `order.live_limit`, with `count` and `limit`.
        """
        require(actor, Permission.ORDER_CLAIM)
        async with self._db.tx(actor) as tx:
            row = await _look(tx, ref)
            if row["is_repeat"]:
                return await queries.read(tx, row["id"])
            _refuse(row)
            before = await queries.read(tx, row["id"])
            await tx.value(_HOLD_MEMBER, tx.tenant_id, actor.member_id)
            claimed_id = await tx.value(
                _CLAIM, tx.tenant_id, row["id"], actor.member_id, self._clock.now(), actor.command_key
            )
            if claimed_id is None:
                return await _late(tx, row["id"])
            after = await queries.read(tx, claimed_id)
            await finish(tx, self._clock, before, after, Transition.CLAIM)
            return after


async def _look(tx: Tx, ref: int | UUID) -> Row:
    is_code = isinstance(ref, int)
    if is_code and not 0 < int(ref) <= MAX_CODE:
        raise NotFound("order.unknown", order=ref)
    sql = _LOOK_BY["code" if is_code else "id"]
    row = await tx.row(sql, tx.tenant_id, ref, tx.actor.member_id, tx.actor.command_key)
    if row is None:
        raise NotFound("order.unknown", order=ref if is_code else "")
    return row


async def _late(tx: Tx, order_id: UUID) -> Order:
    """Something changed between the look and the claim: look again and say what; or it was this very command."""
    row = await _look(tx, order_id)
    if row["is_repeat"]:
        return await queries.read(tx, order_id)
    _refuse(row)
    # Open again within these milliseconds: the next click will do.
    raise Conflict("order.changed_meanwhile", order=row["code"])


def _refuse(row: Row) -> None:
    """Raise what stands against the claim, if anything; the state comes first."""
    refusal = _refusal(row)
    if refusal is not None:
        raise refusal


def _refusal(row: Row) -> DomainError | None:
    facts: dict[str, Any] = {"order": row["code"]}
    if row["state"] != OrderState.OPEN:
        return wrong_state(row["code"], OrderState(row["state"]), row["booster_name"], Transition.CLAIM)
    me = row["me"]
    if me is None:
        return PermissionDenied("member.unknown")
    if me["status"] != "active":
        return PermissionDenied("member.suspended")
    if me["divisions"] and row["target_division"] not in me["divisions"]:
        return PermissionDenied(
            "order.division_not_yours", **facts, division=row["target_division"], divisions=me["divisions"]
        )
    if me["live_count"] >= me["limit"]:
        return LimitReached("order.live_limit", **facts, count=me["live_count"], limit=me["limit"])
    return None
