"""Notices queues that stand still, and says so in the tenant's log channel once an hour."""

from dataclasses import dataclass
from datetime import UTC, timedelta
from uuid import UUID

import structlog

from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Row
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import Purpose

log = structlog.get_logger("guildhall.clock")
STALLED_SLOT = "queue.stalled"
_JOBS = """
SELECT convert_from(payload, 'UTF8')::jsonb ->> 'tenant_id' AS tenant_id, count(*) AS waiting_count,
    extract(epoch FROM now() - min(execute_after))::float8 AS oldest_age_s
FROM pgqueuer
WHERE (status = 'queued' OR status = 'picked' AND heartbeat < now() - $1::interval)
    AND execute_after < now() - $1::interval AND payload IS NOT NULL
GROUP BY 1
"""
IS_HEAD = """NOT EXISTS (
    SELECT FROM outbound_messages h WHERE h.tenant_id = m.tenant_id AND h.lane = m.lane AND h.position < m.position
        AND h.state IN ('queued', 'sending', 'unknown'))"""
"""Of an outbound message `m`: nothing of its lane leaves before it."""
_OUTBOX = f"""
SELECT tenant_id::text, count(*) AS waiting_count,
    extract(epoch FROM $2 - min(due_at) FILTER (WHERE {IS_HEAD}))::float8 AS oldest_age_s
FROM outbound_messages m WHERE state IN ('queued', 'sending', 'unknown') AND due_at < $2 - $1::interval
GROUP BY 1 HAVING bool_or({IS_HEAD})
"""  # noqa: S608 - our own words
_INBOUND = """
SELECT tenant_id::text, count(*) AS waiting_count, extract(epoch FROM $2 - min(received_at))::float8 AS oldest_age_s
FROM inbound_events WHERE state = 'new' AND received_at < $2 - $1::interval
GROUP BY 1
"""
_TURNS = """
SELECT tenant_id::text, count(*) AS waiting_count, extract(epoch FROM $2 - min(turn_due_at))::float8 AS oldest_age_s
FROM conversations WHERE turn_due_at < $2 - $1::interval
GROUP BY 1
"""
_TAKE_SLOT = "INSERT INTO clock_slots (tenant_id, job, slot_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has waited too long for one tenant."""

    oldest_age_s: int
    waiting_count: int


class StalledQueueWatch:
    """Looks for due jobs and messages that nobody works on."""

    def __init__(self, db: Database, clock: Clock, limit: timedelta = timedelta(minutes=5)) -> None:
        self._db = db
        self._clock = clock
        self._limit = limit

    async def look(self) -> dict[UUID, Backlog]:
        """Find what has waited longer than the limit and announce it; the backlog by tenant.

        Two processes at once announce once: the hour is a clock slot.
        """
        found = await self.find()
        for tenant_id, backlog in found.items():
            log.warning("queue stalled", tenant=str(tenant_id), oldest_age_s=backlog.oldest_age_s,
                        waiting_count=backlog.waiting_count)  # fmt: skip
            await self._announce(tenant_id, backlog)
        return found

    async def find(self) -> dict[UUID, Backlog]:
        """What has waited longer than the limit, by tenant."""
        async with self._db.queue_tx() as tx:
            rows: list[Row] = list(await tx.rows(_JOBS, self._limit))
        async with self._db.routing() as tx:
            rows += await tx.rows(_OUTBOX, self._limit, self._clock.now())
            rows += await tx.rows(_INBOUND, self._limit, self._clock.now())
            rows += await tx.rows(_TURNS, self._limit, self._clock.now())
        found: dict[UUID, Backlog] = {}
        for row in rows:
            tenant_id = UUID(row["tenant_id"])
            before = found.get(tenant_id, Backlog(0, 0))
            age_s = max(before.oldest_age_s, int(row["oldest_age_s"]))
            found[tenant_id] = Backlog(age_s, before.waiting_count + row["waiting_count"])
        return found

    async def _announce(self, tenant_id: UUID, backlog: Backlog) -> None:
        hour = self._clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        async with self._db.tx(Actor.system(tenant_id, "clock", f"{STALLED_SLOT}:{hour}")) as tx:
            if await tx.run(_TAKE_SLOT, tenant_id, STALLED_SLOT, hour):
                params: dict[str, object] = {
                    "oldest_age_s": backlog.oldest_age_s, "waiting_count": backlog.waiting_count
                }  # fmt: skip
                await post_notice(tx, self._clock, Purpose.LOG, Kind.QUEUE_STALLED, params)
