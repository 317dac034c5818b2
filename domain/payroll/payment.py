"""Paying an approved run: one journal entry, and a stub for each booster."""

from domain.audit.service import record
from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.kernel.errors import Conflict
from domain.ledger.dto import AccountKind, AccountRef, Entry, EntryDraft, EntryKind
from domain.ledger.posting import post_entry
from domain.ledger.queries import hold_journal
from domain.outbox.kinds import Kind
from domain.outbox.post import post_direct, post_notice
from domain.payroll import policy, queries
from domain.payroll.approval import refuse
from domain.payroll.dto import BoosterPay, PayrollRun, RunState
from domain.tenancy.dto import Purpose, Tenant

_PAID = """
UPDATE payroll_runs SET state = 'paid', entry_id = $3, paid_by = $4, paid_at = $5
WHERE tenant_id = $1 AND id = $2 AND state = 'approved'
"""


async def pay(tx: Tx, clock: Clock, tenant: Tenant, run: PayrollRun, preview_hash: str) -> PayrollRun:
    """Pay a run whose row is locked. A run already paid comes back as it is, a stale one comes back refused."""
    if run.preview_hash != preview_hash:
        raise Conflict("payroll.changed")
    if run.state in (RunState.PAID, RunState.LOCKED):
        return run
    if run.state is RunState.REFUSED:
        raise Conflict("payroll.run_refused", number=run.number)
    _check_second_person(tx, tenant, run)
    await hold_journal(tx)  # nothing is reopened or adjusted between the check and the payment
    boosters = policy.by_booster(await queries.lines_of(tx, run.id), run.total.currency)
    if policy.hash_of(boosters) != run.preview_hash or policy.makes_stale(await queries.news(tx, run.id)):
        return await refuse(tx, clock, run, "changed since it was approved")
    entry = await _post(tx, clock, run, boosters)
    await tx.run(_PAID, tx.tenant_id, run.id, entry.id, tx.actor.member_id, clock.now())
    await _tell(tx, clock, run, boosters)
    facts: dict[str, object] = {"total_minor": run.total.minor, "entry": entry.seq}
    await record(tx, clock, "payroll.pay", f"payroll run {run.number}", facts)
    return await queries.run(tx, run.id)


def _check_second_person(tx: Tx, tenant: Tenant, run: PayrollRun) -> None:
    above_minor = tenant.second_person_above_minor
    if above_minor is None or not policy.needs_second_person(run.total, above_minor):
        return
    if tx.actor.member_id in (None, run.approved_by):
        raise Conflict(
            "payroll.second_person", number=run.number, name=run.approved_by_name, limit=tenant.money(above_minor)
        )


async def _post(tx: Tx, clock: Clock, run: PayrollRun, boosters: tuple[BoosterPay, ...]) -> Entry:
    postings = [
        (AccountRef(AccountKind.BOOSTER_PAYABLE, str(booster.member_id)), booster.total.minor) for booster in boosters
    ]
    postings.append((AccountRef(AccountKind.WALLET_NET), -run.total.minor))
    return await post_entry(tx, clock, EntryDraft(EntryKind.PAYROLL, run.id, postings, "", f"payroll:{run.id}"))


async def _tell(tx: Tx, clock: Clock, run: PayrollRun, boosters: tuple[BoosterPay, ...]) -> None:
    for booster in boosters:
        params: dict[str, object] = {"run_number": run.number, "total_minor": booster.total.minor}
        await post_direct(tx, clock, booster.member_id, Kind.PAY_STUB, params, run.id)
    await post_notice(tx, clock, Purpose.PAYROLL, Kind.PAYROLL_PAID, {"run_number": run.number}, run.id)
