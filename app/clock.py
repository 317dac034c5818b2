"""The clock: every minute, in every process, it fills the slots that are due; PostgreSQL lets each run once."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from app.stalled import StalledQueueWatch
from domain.jobs.schedule import CatchUp, ClockJob
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import DomainError
from domain.kernel.queue import enqueue

log = structlog.get_logger("guildhall.clock")
_ON_TIME = timedelta(seconds=90)
_KEEP_SLOTS = timedelta(days=7)
_TENANT = """
SELECT zone, cutoff_hour, created_at,
    (SELECT jsonb_object_agg(job, last_at) FROM
        (SELECT job, max(slot_at) AS last_at FROM clock_slots WHERE tenant_id = $1 AND job = ANY($2) GROUP BY job) s
    ) AS last_slots
FROM tenants WHERE id = $1
"""
_TAKE_SLOT = "INSERT INTO clock_slots (tenant_id, job, slot_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_FORGET_SLOTS = """
DELETE FROM clock_slots WHERE tenant_id = $1 AND slot_at < $2
    AND slot_at < (SELECT max(slot_at) FROM clock_slots n WHERE n.tenant_id = $1 AND n.job = clock_slots.job)
"""
_FORGET_QUEUE_LOG = "DELETE FROM pgqueuer_log WHERE created < now() - interval '7 days'"


class HouseClock:
    """Turns time into jobs.

    Args:
        db: The database.
        clock: The time.
        jobs: What is started, and when.
        watch: Looks for stalled queues at every tick but the first.
        tick_s: Seconds between ticks.
    """

    def __init__(
        self, db: Database, clock: Clock, jobs: Sequence[ClockJob], watch: StalledQueueWatch | None = None,
        tick_s: float = 60.0,
    ) -> None:  # fmt: skip
        self._db = db
        self._clock = clock
        self._jobs = jobs
        self._watch = watch
        self._tick_s = tick_s
        self._tidied_at: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Tick at once and then every minute, until told to stop; a tick that fails is made up for by the next."""
        await self._safe_tick(is_first=True)
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            self._scheduled_tick, "interval", seconds=self._tick_s, max_instances=1, coalesce=True,
            misfire_grace_time=None,
        )  # fmt: skip
        scheduler.start()
        try:
            await stop.wait()
        finally:
            scheduler.pause()
            await asyncio.sleep(0)  # a tick that was just handed over begins, or nobody would catch its interruption
            scheduler.shutdown(wait=False)

    async def tick(self) -> int:
        """Fill every due slot of every tenant now; the number of jobs enqueued.

        In any number of processes at once a slot's job is enqueued once: by whoever inserts the slot's row.
        """
        count = 0
        for tenant_id in await self._tenant_ids():
            with structlog.contextvars.bound_contextvars(tenant=str(tenant_id), actor="clock"):
                count += await self._tick_tenant(tenant_id)
        return count

    async def _scheduled_tick(self) -> None:
        try:
            await self._safe_tick()
        except asyncio.CancelledError:
            log.info("clock tick interrupted by the end")  # the scheduler's own task, which ends right here

    async def _safe_tick(self, *, is_first: bool = False) -> None:
        try:
            await self.tick()
            if self._watch is not None and not is_first:
                await self._watch.look()
            await self.tidy()
        except DomainError as exc:
            log.warning("clock tick failed, the next one makes up for it", error=exc.code)
        except Exception:  # the clock's supervisor: one bad tick must not stop the ones after it
            log.exception("clock tick failed, the next one makes up for it")

    async def _tenant_ids(self) -> list[UUID]:
        async with self._db.routing() as tx:
            return [row["id"] for row in await tx.rows("SELECT id FROM tenants ORDER BY id")]

    async def _tick_tenant(self, tenant_id: UUID) -> int:
        now = self._clock.now()
        async with self._db.tx(Actor.system(tenant_id, "clock", "clock:tick")) as tx:
            tenant = await tx.row(_TENANT, tenant_id, [job.job for job in self._jobs])
            if tenant is None:
                return 0
            last_slots = tenant["last_slots"] or {}
            count = 0
            for job in self._jobs:
                last = last_slots.get(job.job)
                after = datetime.fromisoformat(last) if last else tenant["created_at"]
                for slot_at in due_slots(job, after, now, tenant["zone"], tenant["cutoff_hour"]):
                    count += await self._fill(tx, job, slot_at)
        return count

    async def _fill(self, tx: Tx, job: ClockJob, slot_at: datetime) -> int:
        if not await tx.run(_TAKE_SLOT, tx.tenant_id, job.job, slot_at):
            return 0
        await enqueue(tx, job.job, {"slot_at": slot_at.isoformat()})
        return 1

    async def tidy(self) -> None:
        """Once a day: old slots (never a job's last one) and the queue's old log rows go."""
        now = self._clock.now()
        if self._tidied_at is not None and now - self._tidied_at < timedelta(days=1):
            return
        for tenant_id in await self._tenant_ids():
            async with self._db.tx(Actor.system(tenant_id, "clock", "clock:tidy")) as tx:
                await tx.run(_FORGET_SLOTS, tenant_id, now - _KEEP_SLOTS)
        async with self._db.queue_tx() as tx:
            await tx.run(_FORGET_QUEUE_LOG)
        self._tidied_at = now


def due_slots(job: ClockJob, after: datetime, now: datetime, zone: str, cutoff_hour: int) -> list[datetime]:
    """The slots in (after, now] that the job's catch-up rule still wants, ascending.

    `all` wants every one within the job's lookback, `last` the latest of them, `none` only one that is on time.
    """
    reach = _ON_TIME if job.catch_up is CatchUp.NONE else job.lookback
    found = job.schedule.slots(max(after, now - reach), now, zone, cutoff_hour)
    return found if job.catch_up is CatchUp.ALL else found[-1:]
