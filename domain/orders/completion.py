"""Complete an order, reopen it, adjust its pay: where its money moves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.db import Tx
from domain.kernel.errors import Conflict, PermissionDenied
from domain.kernel.money import Money
from domain.orders import money, policy, queries, tariffs
from domain.orders.changes import Held, OrderUseCases, apply, clean_reason, hold
from domain.orders.creation import check_account
from domain.orders.dto import Completion, CompletionFigures, Order, Tariff, TariffLine, Transition
from domain.orders.pay import LinkFacts, Pay, fines_for, pay_for, warnings_for
from domain.orders.policy import TRANSITIONS
from domain.orders.quoting import line_of
from domain.tenancy.dto import Tenant
from domain.tenancy.policy import Permission, allows, require
from domain.tenancy.queries import tenant as read_tenant

_TAKES_PART = """
SELECT coalesce((SELECT is_ranked FROM staff_profiles WHERE tenant_id = $1 AND member_id = $2), true)
"""
_UNDONE: Mapping[str, object] = {
    "final_division": None, "win_rate_bp": None, "tariff_version_id": None, "points": None,
    "completion_entry_id": None, "finished_at": None, "closed_on": None, "pot_order_minor": 0,
    "pot_win_rate_minor": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everything a completion will do, worked out before anything is done."""

    tariff: Tariff
    line: TariffLine
    is_ranked: bool
    pay: Pay
    fines: Mapping[str, int]
    adjustment: int
    warnings: tuple[str, ...]

    def figures(self, tenant: Tenant) -> CompletionFigures:
        """What people are shown: adjustment and fines are in booster and company."""
        fine = sum(self.fines.values())
        moved = self.adjustment - fine
        pay, of = self.pay, tenant.money
        return CompletionFigures(
            of(pay.customer), of(pay.booster + moved), of(pay.company - moved), of(pay.pot_order),
            of(pay.pot_win_rate), of(self.adjustment), of(fine), self.warnings,
        )  # fmt: skip


class Completing(OrderUseCases):
    """Preview, complete, reopen, adjust."""

    async def preview_completion(self, actor: Actor, ref: int | UUID, completion: Completion) -> CompletionFigures:
        """The figures `complete` would post now; changes nothing and refuses what it would refuse."""
        _check_may_complete(actor, completion)
        async with self._db.tx(actor) as tx:
            order = await queries.read(tx, ref)
            policy.check(actor, order, Transition.COMPLETE)
            tenant = await read_tenant(tx)
            return (await self._plan(tx, order, tenant, completion)).figures(tenant)

    async def complete(self, actor: Actor, ref: int | UUID, completion: Completion) -> Order:
        """End a claimed order and post its money: completion, fines and adjustment, each its own entry.

        The tariff's version is frozen with the order. Two at once, or twice: one completion.

        Raises:
            NotFound: `order.unknown`.
            Conflict: The order is not claimed; the code names its state. Or `order.figures_changed`: not as shown.
            PermissionDenied: Somebody else's order; or the booster's own word on bonuses or adjustment.
            InvalidInput: `tariff.unknown_division`, `order.win_rate`, or an adjustment below a pay of zero.
        """
        _check_may_complete(actor, completion)
        reason = clean_reason(completion.adjustment_reason) if completion.adjustment else ""
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.COMPLETE)
            if held.is_repeat:
                return held.order
            tenant = await read_tenant(tx)
            plan = await self._plan(tx, held.order, tenant, completion)
            _check_expected(plan.figures(tenant), completion.expected, held.order)
            return await self._carry_out(tx, held.order, tenant, plan, completion, reason)

    async def reopen(
        self, actor: Actor, ref: int | UUID, reason: str, expected: CompletionFigures | None = None
    ) -> Order:
        """Take a completion back: its entries are reversed, the order is its booster's again, history stays.

        Args:
            actor: Who.
            ref: Which.
            reason: Why.
            expected: The figures the person was shown; others are not taken back.

        Raises:
            Conflict: The order is not completed; or `order.account_in_use` by another live order meanwhile. Or
                `order.figures_changed`: not as shown.
        """
        require(actor, TRANSITIONS[Transition.REOPEN].permission)
        why = clean_reason(reason)
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.REOPEN)
            if held.is_repeat:
                return held.order
            await _check_standing(tx, held, expected)
            await queries.hold_codes(tx)
            await check_account(tx, held.order.account, held.order.id)
            await money.reverse_all(tx, self._clock, held.order, why)
            return await apply(tx, self._clock, held.order, Transition.REOPEN, reason=why, changes=_UNDONE)

    async def adjust(
        self, actor: Actor, ref: int | UUID, amount: Money, reason: str, expected: CompletionFigures | None = None
    ) -> Order:
        """Move an amount between company and booster on a completed order; positive pays the booster more.

        The order is held, so adjustments at once never take its pay below zero together.

        Args:
            actor: Who.
            ref: Which.
            amount: How much.
            reason: Why.
            expected: The figures the person was shown: of two who adjust the same, or one who does so twice, the
                second is refused.

        Raises:
            Conflict: The order is not completed. Or `order.figures_changed`: not as shown.
            InvalidInput: `order.adjustment_below_zero` with the `largest` possible; zero; another currency.
        """
        require(actor, TRANSITIONS[Transition.ADJUST].permission)
        why = clean_reason(reason)
        async with self._db.tx(actor) as tx:
            held = await hold(tx, ref, Transition.ADJUST)
            if held.is_repeat:
                return held.order
            order = held.order
            await _check_standing(tx, held, expected)
            money.check_adjustment(amount, await money.booster_pay(tx, order.id), order.price.currency)
            await money.post_adjustment(tx, self._clock, order, amount.minor, why)
            details = {"amount_minor": amount.minor}
            return await apply(tx, self._clock, order, Transition.ADJUST, reason=why, details=details)

    async def _plan(self, tx: Tx, order: Order, tenant: Tenant, completion: Completion) -> _Plan:
        tariff = await tariffs.current_tariff(tx, tenant, order.game)
        line = line_of(tariff, completion.final_division, field="final_division")
        by_default = order.is_ranked and bool(await tx.value(_TAKES_PART, tx.tenant_id, order.booster_id))
        is_ranked = by_default if completion.ranked is None else completion.ranked
        if is_ranked != by_default:
            _check_runs_orders(tx.actor)
        is_reached = completion.win_rate_bp >= tenant.win_rate_threshold_bp
        pay = pay_for(
            line.price.minor,
            line.margin.minor,
            order_bonus=0 if completion.order_bonus is False else tenant.order_bonus_minor,
            win_rate_bonus=tenant.win_rate_bonus_minor if completion.win_rate_bonus and is_reached else 0,
            is_ranked=is_ranked,
        )
        link = link_facts(order, self._clock.now())
        fines = fines_for(
            pay.booster, completion.win_rate_bp, link,
            low_win_rate_percent=tenant.low_win_rate_fine_percent, no_link_percent=tenant.no_link_fine_percent,
        )  # fmt: skip
        adjustment = completion.adjustment
        if adjustment:
            money.check_adjustment(adjustment, pay.booster - sum(fines.values()), tenant.currency)
        warnings = warnings_for(completion.win_rate_bp, link)
        return _Plan(tariff, line, is_ranked, pay, fines, adjustment.minor if adjustment else 0, warnings)

    async def _carry_out(
        self, tx: Tx, order: Order, tenant: Tenant, plan: _Plan, completion: Completion, reason: str
    ) -> Order:
        entry = await money.post_completion(tx, self._clock, order, tenant, plan.pay)
        await money.post_fines(tx, self._clock, order, plan.fines)
        if plan.adjustment:
            await money.post_adjustment(tx, self._clock, order, plan.adjustment, reason)
        changes: dict[str, object] = {
            "final_division": plan.line.division, "win_rate_bp": completion.win_rate_bp,
            "is_ranked": plan.is_ranked, "tariff_version_id": plan.tariff.id, "points": plan.line.points,
            "pot_order_minor": plan.pay.pot_order, "pot_win_rate_minor": plan.pay.pot_win_rate,
            "completion_entry_id": entry.id, "finished_at": self._clock.now(), "closed_on": entry.business_on,
        }  # fmt: skip
        details = {"final_division": plan.line.division, "win_rate_bp": completion.win_rate_bp,
                   "entry": entry.seq, "warnings": list(plan.warnings)}  # fmt: skip
        return await apply(tx, self._clock, order, Transition.COMPLETE, reason=reason, changes=changes,
                           details=details)  # fmt: skip


def link_facts(order: Order, finished_at: datetime) -> LinkFacts:
    """The facts about an order's tracking link."""
    assert order.claimed_at is not None, "an order with a booster was claimed"
    return LinkFacts(order.claimed_at, order.tracked_at, finished_at)


async def _check_standing(tx: Tx, held: Held, expected: CompletionFigures | None) -> None:
    """Refuse to change a completion whose figures are not those that were shown."""
    if expected is not None:
        _check_expected(await money.figures_of(tx, held.row, ()), expected, held.order)


def _check_expected(figures: CompletionFigures, expected: CompletionFigures | None, order: Order) -> None:
    """Refuse to post other amounts than were shown; warnings may have come in between."""
    if expected is not None and replace(figures, warnings=expected.warnings) != expected:
        raise Conflict("order.figures_changed", order=order.code)


def _check_may_complete(actor: Actor, completion: Completion) -> None:
    require(actor, TRANSITIONS[Transition.COMPLETE].permission)
    policy.check_win_rate(completion.win_rate_bp)
    if completion.win_rate_bonus or completion.order_bonus is False:
        _check_runs_orders(actor)
    if completion.adjustment:
        require(actor, Permission.ORDER_ADJUST)


def _check_runs_orders(actor: Actor) -> None:
    """Whoever is paid does not decide on the bonuses."""
    if not allows(actor, Permission.ORDER_RUN):
        raise PermissionDenied("order.bonuses_not_yours")
