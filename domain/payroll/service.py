"""Payroll: preview, approve, pay, refuse, lock; and what boosters see of it."""

from uuid import UUID

from domain.audit.service import record
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import Conflict, NotFound, PermissionDenied
from domain.kernel.ids import uuid7
from domain.kernel.pages import Page
from domain.kernel.sealing import Sealer
from domain.kernel.text import clean_text
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.payroll import approval, export, payment, policy, queries
from domain.payroll.dto import OwnEarnings, PayrollPreview, PayrollRun, PayrollRunDetails, PayStub, RunState
from domain.staff.payouts import Payouts
from domain.tenancy import queries as tenancy
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import Permission, require

_LOCK_DUE = """
UPDATE payroll_runs SET state = 'locked', locked_at = $2
WHERE tenant_id = $1 AND state = 'paid' AND paid_at <= $3
"""
_DISPUTE = """
INSERT INTO payroll_disputes (id, tenant_id, run_id, member_id, text, command_key, raised_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (run_id, member_id) DO NOTHING
"""
_DISPUTED_BY = "SELECT command_key FROM payroll_disputes WHERE run_id = $1 AND member_id = $2"


class PayrollService:
    """Use cases of payroll; each opens its own transaction."""

    def __init__(self, db: Database, clock: Clock, sealer: Sealer) -> None:
        self._db = db
        self._clock = clock
        self._payouts = Payouts(db, clock, sealer)

    async def preview(self, actor: Actor) -> PayrollPreview:
        """What each booster is owed and would be paid now; changes nothing."""
        require(actor, Permission.PAYROLL_SEE)
        async with self._db.tx(actor) as tx:
            return await approval.draft(tx, await tenancy.tenant(tx))

    async def approve(self, actor: Actor, preview_hash: str) -> PayrollRun:
        """Freeze exactly the previewed lines into a run that waits for Pay.

        Approving the same lines twice, or at the same moment, gives the same run.

        Raises:
            Conflict: `payroll.changed`: the lines are not those that were shown; `payroll.run_waiting`:
                another run waits; `payroll.nothing_to_pay`.
        """
        require(actor, Permission.PAYROLL_APPROVE)
        async with self._db.tx(actor) as tx:
            return await approval.approve(tx, self._clock, await tenancy.tenant(tx), preview_hash)

    async def pay(self, actor: Actor, run_id: UUID, preview_hash: str) -> PayrollRun:
        """Pay an approved run: one journal entry, a stub to each booster. Paying again gives the paid run.

        Orders finished since the approval stay for the next run. If anything else about its boosters
        changed, the run becomes refused, which is kept, and its lines are free for a new preview.

        Raises:
            NotFound: `payroll.unknown_run`.
            Conflict: `payroll.run_stale`: the run was refused just now; `payroll.run_refused`: it had been;
                `payroll.changed`: the hash is not the run's; `payroll.second_person`: the approver may not pay.
        """
        require(actor, Permission.PAYROLL_PAY)
        async with self._db.tx(actor) as tx:
            run = await queries.lock_run(tx, run_id)
            run = await payment.pay(tx, self._clock, await tenancy.tenant(tx), run, preview_hash)
        if run.state is RunState.REFUSED:  # raised after the commit, so that the refusal stands
            raise Conflict("payroll.run_stale", number=run.number)
        return run

    async def refuse(self, actor: Actor, run_id: UUID) -> PayrollRun:
        """Take an approved run back: its lines wait for a new run. Refusing twice changes nothing more.

        Raises:
            NotFound: `payroll.unknown_run`.
            Conflict: `payroll.already_paid`.
        """
        require(actor, Permission.PAYROLL_APPROVE)
        async with self._db.tx(actor) as tx:
            return await approval.refuse(tx, self._clock, await queries.lock_run(tx, run_id), "by a person")

    async def list(self, actor: Actor, page_number: int = 1) -> Page[PayrollRun]:
        """Runs, newest first."""
        require(actor, Permission.PAYROLL_SEE)
        async with self._db.tx(actor) as tx:
            return await queries.page(tx, page_number)

    async def get(self, actor: Actor, ref: int | UUID) -> PayrollRunDetails:
        """A run by number or id, with its lines. Raises `NotFound` `payroll.unknown_run`."""
        require(actor, Permission.PAYROLL_SEE)
        async with self._db.tx(actor) as tx:
            return await _details(tx, ref)

    async def csv(self, actor: Actor, number: int, locale: str) -> bytes:
        """A run as a CSV file for Excel, headers in `locale`; see `domain.payroll.export`."""
        require(actor, Permission.PAYROLL_SEE)
        async with self._db.tx(actor) as tx:
            details = await _details(tx, number)
            members = [booster.member_id for booster in details.boosters]
            addresses = await self._payouts.payouts(tx, members)
            await record(tx, self._clock, "payroll.export", f"payroll run {number}")
        return export.csv_of(details, addresses, locale)

    async def stub(self, actor: Actor, run_id: UUID, member_id: UUID) -> PayStub:
        """A booster's part of a run: their own, or anybody's for those who may see payroll.

        One's own needs no role: in a direct message there are no Discord roles, and who left was paid as well.

        Raises:
            NotFound: `payroll.unknown_run`, or `payroll.not_in_run`: the member has no line in it.
        """
        if actor.member_id != member_id:
            require(actor, Permission.PAYROLL_SEE)
        async with self._db.tx(actor) as tx:
            return await _stub(tx, run_id, member_id)

    async def dispute(self, actor: Actor, run_id: UUID, text: str) -> PayStub:
        """Object to one's own stub, once; the payroll channel is told. Whoever was paid may, in any role.

        Raises:
            InvalidInput: `text.required`, `text.too_long`.
            NotFound: As `stub`.
            Conflict: `payroll.already_disputed`.
        """
        member_id = _own_id(actor)
        words = clean_text(text, field="text", limit=policy.MAX_DISPUTE_LENGTH, is_required=True)
        async with self._db.tx(actor) as tx:
            stub = await _stub(tx, run_id, member_id)
            if await self._insert_dispute(tx, run_id, member_id, words):
                params: dict[str, object] = {"run_number": stub.run.number, "member": stub.pay.name, "text": words}
                await post_notice(tx, self._clock, Purpose.PAYROLL, Kind.PAYROLL_DISPUTE, params, run_id)
                await record(tx, self._clock, "payroll.dispute", f"payroll run {stub.run.number}")
            return await _stub(tx, run_id, member_id)

    async def owed(self, actor: Actor) -> OwnEarnings:
        """What the actor has earned and was not paid yet, and their last pay."""
        require(actor, Permission.OWN_EARNINGS)
        member_id = _own_id(actor)
        async with self._db.tx(actor) as tx:
            currency = (await tenancy.tenant(tx)).currency
            lines = await queries.unpaid_of(tx, member_id)
            run = await queries.last_paid_run(tx, member_id)
            paid = None if run is None else await queries.paid_to(tx, run, member_id)
        return OwnEarnings(policy.total_of(lines, currency), lines, run, paid)

    async def lock_due(self, tenant_id: UUID, command_key: str) -> int:
        """Lock the runs paid seven days ago or earlier; how many. Running again locks nothing twice."""
        actor = Actor.system(tenant_id, "clock", command_key)
        now = self._clock.now()
        async with self._db.tx(actor) as tx:
            locked = await tx.run(_LOCK_DUE, tenant_id, now, now - policy.LOCK_AFTER)
            if locked:
                await record(tx, self._clock, "payroll.lock", "payroll runs", {"count": locked})
        return locked

    async def _insert_dispute(self, tx: Tx, run_id: UUID, member_id: UUID, words: str) -> bool:
        """False when this very command raised it before."""
        key = tx.actor.command_key
        added = await tx.run(_DISPUTE, uuid7(), tx.tenant_id, run_id, member_id, words, key, self._clock.now())
        if not added and await tx.value(_DISPUTED_BY, run_id, member_id) != key:
            raise Conflict("payroll.already_disputed")
        return bool(added)


def _own_id(actor: Actor) -> UUID:
    if actor.member_id is None:
        raise PermissionDenied("payroll.person_needed")
    return actor.member_id


async def _details(tx: Tx, ref: int | UUID) -> PayrollRunDetails:
    run = await queries.run(tx, ref)
    boosters = policy.by_booster(await queries.lines_of(tx, run.id), run.total.currency)
    return PayrollRunDetails(run, boosters, await queries.disputes(tx, run.id))


async def _stub(tx: Tx, run_id: UUID, member_id: UUID) -> PayStub:
    run = await queries.run(tx, run_id)
    boosters = policy.by_booster(await queries.lines_of(tx, run_id, member_id), run.total.currency)
    if not boosters:
        raise NotFound("payroll.not_in_run", number=run.number)
    own = [dispute for dispute in await queries.disputes(tx, run_id) if dispute.member_id == member_id]
    return PayStub(run, boosters[0], own[0] if own else None)
