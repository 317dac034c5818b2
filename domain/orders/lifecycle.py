"""What happens between claim and completion, and the other ways an order can end."""

from collections.abc import Mapping
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.db import Tx
from domain.kernel.errors import InvalidInput
from domain.kernel.money import Money
from domain.ledger.posting import posting_day
from domain.orders import policy, tariffs
from domain.orders.changes import OrderUseCases, apply, clean_reason, hold
from domain.orders.dto import Order, Transition
from domain.orders.money import post_adjustment
from domain.orders.policy import TRANSITIONS, plain_division
from domain.orders.quoting import line_of
from domain.tenancy.policy import Permission, require
from domain.tenancy.queries import tenant as read_tenant

# In the tenant's zone, so that an extension over a change of clocks keeps the time of day.
_EXTENDED = """
SELECT ((deadline_at AT TIME ZONE t.zone) + make_interval(days => $3)) AT TIME ZONE t.zone
FROM orders o JOIN tenants t ON t.id = o.tenant_id WHERE o.tenant_id = $1 AND o.id = $2
"""


class Lifecycle(OrderUseCases):
    """Release, pause, resume, cancel, abandon, ban, extend, progress.

    Each refuses with `NotFound` `order.unknown`, with `Conflict` naming the present state and who has the order,
    and with `PermissionDenied`; a command that comes again returns the order as it stands.
    """

    async def release(self, actor: Actor, ref: int | UUID, reason: str) -> Order:
        """Give a claimed order back: it is open again."""
        return await self._simple(actor, ref, Transition.RELEASE, reason, {"booster_id": None, "claimed_at": None})

    async def pause(self, actor: Actor, ref: int | UUID, reason: str) -> Order:
        """Stand still for the customer; the booster keeps the order."""
        return await self._simple(actor, ref, Transition.PAUSE, reason)

    async def resume(self, actor: Actor, ref: int | UUID) -> Order:
        """Go on after a pause."""
        return await self._simple(actor, ref, Transition.RESUME, None)

    async def cancel(self, actor: Actor, ref: int | UUID, reason: str) -> Order:
        """End an order nobody has."""
        return await self._simple(actor, ref, Transition.CANCEL, reason, {"finished_at": self._clock.now()})

    async def abandon(self, actor: Actor, ref: int | UUID, reason: str, partial_pay: Money | None = None) -> Order:
        """End a claimed order undone; the booster may be paid a part, by a dispatcher's word only.

        Raises:
            InvalidInput: `order.partial_pay`: not above zero, or above the order's price.
            PermissionDenied: Partial pay needs the permission to run orders.
        """
        require(actor, TRANSITIONS[Transition.ABANDON].permission)
        if partial_pay is not None:
            require(actor, Permission.ORDER_RUN)
        why = clean_reason(reason)
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.ABANDON)
            if held.is_repeat:
                return held.order
            details: dict[str, object] = {}
            if partial_pay is not None:
                await self._pay_part(tx, held.order, partial_pay, why)
                details["partial_pay_minor"] = partial_pay.minor
            ending = await self._ending(tx)
            return await apply(
                tx, self._clock, held.order, Transition.ABANDON, reason=why, changes=ending, details=details
            )

    async def ban(self, actor: Actor, ref: int | UUID, reason: str) -> Order:
        """End a claimed order because its game account was banned: no money, no points."""
        require(actor, TRANSITIONS[Transition.BAN].permission)
        why = clean_reason(reason)
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.BAN)
            if held.is_repeat:
                return held.order
            ending = await self._ending(tx)
            return await apply(tx, self._clock, held.order, Transition.BAN, reason=why, changes=ending)

    async def extend(self, actor: Actor, ref: int | UUID, days: int, reason: str) -> Order:
        """Move a live order's deadline by whole days in the tenant's zone.

        Raises:
            InvalidInput: `order.extension_days`; or `order.no_deadline`: there is nothing to move.
        """
        require(actor, TRANSITIONS[Transition.EXTEND].permission)
        policy.check_days(days)
        why = clean_reason(reason)
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.EXTEND)
            if held.is_repeat:
                return held.order
            order = held.order
            if order.deadline_at is None:
                raise InvalidInput("order.no_deadline", field="days", order=order.code)
            changes = {
                "deadline_at": await tx.value(_EXTENDED, tx.tenant_id, order.id, days),
                "extension_days": order.extension_days + days,
            }
            return await apply(tx, self._clock, order, Transition.EXTEND, reason=why, changes=changes,
                               details={"days": days})  # fmt: skip

    async def progress(
        self, actor: Actor, ref: int | UUID, division: str, win_rate_bp: int, tracking_url: str | None = None
    ) -> Order:
        """Note how far a claimed order is; with a tracking link, keep that too.

        Raises:
            InvalidInput: `tariff.unknown_division`, `order.win_rate` or `order.tracking_url`.
        """
        require(actor, TRANSITIONS[Transition.PROGRESS].permission)
        policy.check_win_rate(win_rate_bp)
        url = policy.check_tracking_url(tracking_url) if tracking_url and tracking_url.strip() else None
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.PROGRESS)
            if held.is_repeat:
                return held.order
            order, now = held.order, self._clock.now()
            await self._check_known(tx, order, division)
            changes: dict[str, object] = {
                "progress_division": plain_division(division), "progress_win_rate_bp": win_rate_bp,
                "progressed_at": now,
            }  # fmt: skip
            if url is not None:
                changes |= {"tracking_url": url, "tracked_at": order.tracked_at or now}
            details = {"division": plain_division(division), "win_rate_bp": win_rate_bp, "has_link": url is not None}
            return await apply(tx, self._clock, order, Transition.PROGRESS, changes=changes, details=details)

    async def _simple(
        self, actor: Actor, ref: int | UUID, transition: Transition, reason: str | None,
        changes: Mapping[str, object] | None = None,
    ) -> Order:  # fmt: skip
        """A transition that only moves the order; a reason of None is not asked for."""
        require(actor, TRANSITIONS[transition].permission)
        why = "" if reason is None else clean_reason(reason)
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, transition)
            if held.is_repeat:
                return held.order
            return await apply(tx, self._clock, held.order, transition, reason=why, changes=changes)

    async def _ending(self, tx: Tx) -> dict[str, object]:
        return {"finished_at": self._clock.now(), "closed_on": await posting_day(tx, self._clock)}

    async def _check_known(self, tx: Tx, order: Order, division: str) -> None:
        """A progress division is the order's start, or one the tariff knows."""
        if plain_division(division) == plain_division(order.start_division):
            return
        tariff = await tariffs.current_tariff(tx, await read_tenant(tx), order.game)
        line_of(tariff, division, field="division")

    async def _pay_part(self, tx: Tx, order: Order, amount: Money, reason: str) -> None:
        if amount.currency != order.price.currency:
            raise InvalidInput("money.currency", field="partial_pay", currency=order.price.currency)
        if not 0 < amount.minor <= order.price.minor:
            raise InvalidInput("order.partial_pay", field="partial_pay", largest=order.price)
        await post_adjustment(tx, self._clock, order, amount.minor, reason)
