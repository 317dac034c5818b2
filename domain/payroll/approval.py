"""Approving and refusing a run."""

from uuid import UUID

from domain.audit.service import record
from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.kernel.errors import Conflict, PermissionDenied
from domain.kernel.ids import uuid7
from domain.payroll import policy, queries
from domain.payroll.dto import BoosterPay, PayrollPreview, PayrollRun, RunState
from domain.tenancy.dto import Tenant

_HOLD = "SELECT hold_number('payroll')"
_INSERT_RUN = """
INSERT INTO payroll_runs (id, tenant_id, number, state, preview_hash, currency, total_minor, member_count, order_count,
                          approved_by, approved_at, command_key)
VALUES ($1, $2, next_number('payroll'), 'approved', $3, $4, $5, $6, $7, $8, $9, $10)
"""
_INSERT_LINE = """
INSERT INTO payroll_lines (tenant_id, run_id, member_id, entry_id, order_id, division, kind, amount_minor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_REFUSE = "UPDATE payroll_runs SET state = 'refused' WHERE tenant_id = $1 AND id = $2 AND state = 'approved'"
_FREE_LINES = "UPDATE payroll_lines SET is_live = false WHERE tenant_id = $1 AND run_id = $2"


async def draft(tx: Tx, tenant: Tenant) -> PayrollPreview:
    """What would be paid now, and the run that waits for Pay."""
    paid, carried = policy.split(policy.by_booster(await queries.waiting(tx), tenant.currency))
    lines = [line for booster in paid for line in booster.lines]
    waiting = await queries.run_where(tx, "r.state = 'approved'")
    return PayrollPreview(
        hash=policy.hash_of(paid),
        boosters=paid,
        total=policy.total_of(lines, tenant.currency),
        order_count=policy.order_count(paid),
        carried=carried,
        approved_run=waiting,
    )


async def approve(tx: Tx, clock: Clock, tenant: Tenant, preview_hash: str) -> PayrollRun:
    """Freeze the previewed lines into a run; of two at once the second gets the first one's run."""
    approver = tx.actor.member_id
    if approver is None:
        raise PermissionDenied("payroll.person_needed")
    await tx.run(_HOLD)
    done = await queries.run_where(tx, "(r.command_key = $2 OR (r.preview_hash = $3 AND r.state <> 'refused'))",
                                   tx.actor.command_key, preview_hash)  # fmt: skip
    if done is not None:
        return done
    preview = await draft(tx, tenant)
    if preview.approved_run is not None:
        raise Conflict("payroll.run_waiting", number=preview.approved_run.number)
    if preview.hash != preview_hash:
        raise Conflict("payroll.changed")
    if not preview.boosters:
        raise Conflict("payroll.nothing_to_pay")
    return await _insert(tx, clock, preview, approver)


async def refuse(tx: Tx, clock: Clock, run: PayrollRun, reason: str) -> PayrollRun:
    """Give an approved run's lines back, its row being locked; a refused one stays as it is.

    Raises:
        Conflict: `payroll.already_paid`.
    """
    if run.state is RunState.REFUSED:
        return run
    if run.state is not RunState.APPROVED:
        raise Conflict("payroll.already_paid", number=run.number)
    await tx.run(_REFUSE, tx.tenant_id, run.id)
    await tx.run(_FREE_LINES, tx.tenant_id, run.id)
    await record(tx, clock, "payroll.refuse", f"payroll run {run.number}", {"reason": reason})
    return await queries.run(tx, run.id)


async def _insert(tx: Tx, clock: Clock, preview: PayrollPreview, approver: UUID) -> PayrollRun:
    run_id = uuid7()
    await tx.run(_INSERT_RUN, run_id, tx.tenant_id, preview.hash, preview.total.currency, preview.total.minor,
                 len(preview.boosters), preview.order_count, approver, clock.now(), tx.actor.command_key)  # fmt: skip
    await tx.run_many(_INSERT_LINE, _line_rows(tx.tenant_id, run_id, preview.boosters))
    run = await queries.run(tx, run_id)
    facts: dict[str, object] = {"total_minor": run.total.minor, "members": run.member_count, "hash": run.preview_hash}
    await record(tx, clock, "payroll.approve", f"payroll run {run.number}", facts)
    return run


def _line_rows(tenant_id: UUID, run_id: UUID, boosters: tuple[BoosterPay, ...]) -> list[tuple[object, ...]]:
    return [
        (tenant_id, run_id, booster.member_id, line.entry_id, line.order_id, line.division, line.kind,
         line.amount.minor)
        for booster in boosters
        for line in booster.lines
    ]  # fmt: skip
