"""Put a draft right, or throw it away, before anyone has seen it."""

from uuid import UUID

from domain.kernel.actor import Actor
from domain.orders import queries
from domain.orders.changes import apply, clean_reason, hold
from domain.orders.creation import Creation, check_account
from domain.orders.dto import NewOrder, Order, OrderState, Transition
from domain.orders.policy import TRANSITIONS
from domain.tenancy.policy import require


class Drafting(Creation):
    """Revise and discard."""

    async def revise(self, actor: Actor, ref: int | UUID, new: NewOrder) -> Order:
        """Replace what a draft says; code and history stay. Two at once: the later one stands as a whole.

        Raises:
            Conflict: The order is no draft; or `order.account_in_use`.
            InvalidInput: As for `create`.
        """
        require(actor, TRANSITIONS[Transition.REVISE].permission)
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.REVISE)
            if held.is_repeat:
                return held.order
            draft = await self._clean(tx, new)
            await queries.hold_codes(tx)
            await check_account(tx, draft.account, held.order.id)
            changes: dict[str, object] = {
                "customer_name": draft.customer_name, "game": draft.game, "start_division": draft.start_division,
                "target_division": draft.target_division, "account": draft.account,
                "price_minor": draft.price.minor, "currency": draft.price.currency,
                "deadline_at": draft.deadline_at, "notes": draft.notes, "is_ranked": draft.is_ranked,
            }  # fmt: skip
            return await apply(tx, self._clock, held.order, Transition.REVISE, changes=changes)

    async def discard(self, actor: Actor, ref: int | UUID, reason: str) -> Order:
        """Cancel a draft: whoever may write orders may throw a draft away; an open order takes `cancel`.

        Raises:
            Conflict: The order is no draft.
        """
        require(actor, TRANSITIONS[Transition.REVISE].permission)
        why = clean_reason(reason)
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.REVISE)
            if held.is_repeat:
                return held.order
            ending: dict[str, object] = {"state": OrderState.CANCELLED.value, "finished_at": self._clock.now()}
            return await apply(tx, self._clock, held.order, Transition.CANCEL, reason=why, changes=ending)
