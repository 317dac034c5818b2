"""Closing the day: X, Z, and their verification."""

from datetime import date, datetime, timedelta
from uuid import UUID

from domain.audit.service import record
from domain.closing import policy, queries, verify
from domain.closing.dto import CloseCheck, DayClose, DayReport
from domain.closing.report import Built, build
from domain.closing.snapshot import to_json
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.pages import Page
from domain.ledger.queries import hold_journal
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy import queries as tenancy
from domain.tenancy.dto import Purpose, Tenant
from domain.tenancy.policy import Permission, require

_ONCE = "INSERT INTO clock_slots (tenant_id, job, slot_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_REMINDED = "closing.reminded"
_NEEDS_CLOSING = """
SELECT EXISTS (SELECT 1 FROM journal_entries WHERE tenant_id = $1 AND business_on = $2)
   AND NOT EXISTS (SELECT 1 FROM closed_days WHERE tenant_id = $1 AND business_on = $2)
"""


class ClosingService:
    """Use cases of closing; each opens its own transaction."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def preview(self, actor: Actor, day: date | None = None) -> DayReport:
        """The X of a business day (None: the one running now); changes nothing. Of a closed day: its Z.

        Raises:
            InvalidInput: `closing.future_day`, `closing.before_shop`.
        """
        require(actor, Permission.DAY_CLOSE)
        async with self._db.tx(actor) as tx:
            tenant = await tenancy.tenant(tx)
            wanted = tenant.day_of(self._clock.now()) if day is None else day
            self._check_day(tenant, wanted)
            closed = await queries.close_of(tx, wanted)
            if closed is not None:
                return closed.report
            return (await build(tx, tenant, wanted, self._clock.now())).report

    async def close(self, actor: Actor, day: date, report_hash: str) -> DayClose:
        """Make the Z of a day that was shown as `report_hash`; what comes after belongs to the next day.

        Nobody posts to the journal meanwhile, so the Z covers every entry of its day. Closing a closed day, or
        twice at the same moment, gives the Z there is.

        Raises:
            InvalidInput: `closing.future_day`, `closing.before_shop`.
            Conflict: `closing.changed`: the day is no longer what was shown.
        """
        require(actor, Permission.DAY_CLOSE)
        async with self._db.tx(actor) as tx:
            tenant = await tenancy.tenant(tx)
            self._check_day(tenant, day)
            await hold_journal(tx)
            closed = await queries.close_of(tx, day)
            if closed is not None:
                return closed
            built = await build(tx, tenant, day, self._clock.now())
            if built.report.hash != report_hash:
                raise Conflict("closing.changed")
            return await self._keep(tx, built)

    async def get(self, actor: Actor, ref: date | int) -> DayClose:
        """A Z by its business day or its number.

        Raises:
            NotFound: `closing.not_closed`, `closing.unknown_number`.
        """
        require(actor, Permission.DAY_CLOSE)
        async with self._db.tx(actor) as tx:
            closed = await queries.close_of(tx, ref)
        if closed is not None:
            return closed
        if isinstance(ref, date):
            raise NotFound("closing.not_closed", day=ref)
        raise NotFound("closing.unknown_number", number=ref)

    async def list(self, actor: Actor, page_number: int = 1) -> Page[DayClose]:
        """Z reports, newest first."""
        require(actor, Permission.DAY_CLOSE)
        async with self._db.tx(actor) as tx:
            return await queries.page(tx, page_number)

    async def verify(self, tenant_id: UUID) -> CloseCheck:
        """Check the chain of a shop's Z reports against itself and the journal; cost grows with both."""
        async with self._db.tx(Actor.system(tenant_id, "closing", "verify")) as tx:
            await hold_journal(tx)
            return await verify.check(tx)

    async def remind(self, tenant_id: UUID, slot_at: datetime, command_key: str) -> bool:
        """At the cutoff, remind of yesterday if it has entries and is not closed; once per slot. Whether it did."""
        async with self._db.tx(Actor.system(tenant_id, "clock", command_key)) as tx:
            tenant = await tenancy.tenant(tx)
            day = tenant.day_of(slot_at) - timedelta(days=1)
            if not await tx.value(_NEEDS_CLOSING, tenant_id, day):
                return False
            if not await tx.run(_ONCE, tenant_id, _REMINDED, slot_at):
                return False
            await post_notice(tx, self._clock, Purpose.CLOSE, Kind.CLOSE_REMINDER, {"business_on": day.isoformat()})
        return True

    def _check_day(self, tenant: Tenant, day: date) -> None:
        today = tenant.day_of(self._clock.now())
        if day > today:
            raise InvalidInput("closing.future_day", field="day", day=day, today=today)
        # A day to spare: a shop that moved its zone or cutoff may have begun on the day before.
        if day < tenant.day_of(tenant.created_at) - timedelta(days=1):
            raise InvalidInput("closing.before_shop", field="day", day=day, first=tenant.day_of(tenant.created_at))

    async def _keep(self, tx: Tx, built: Built) -> DayClose:
        actor, report, now = tx.actor, built.report, self._clock.now()
        previous = await queries.last_hash(tx)
        number: int = await tx.value("SELECT next_number('close')")
        content = to_json(report)
        own = policy.close_hash(
            previous, number, report.day, *built.journal, content, actor.member_id, actor.label, now
        )
        await queries.insert_close(
            tx, number, report.day, built.journal, content, actor.member_id, actor.label, now, previous, own
        )
        await post_notice(tx, self._clock, Purpose.CLOSE, Kind.DAY_CLOSED, {"number": number})
        facts: dict[str, object] = {"day": report.day.isoformat(), "hash": own.hex(), "orders": report.order_count}
        await record(tx, self._clock, "closing.close", f"close {number}", facts)
        closed = await queries.close_of(tx, number)
        assert closed is not None
        return closed
