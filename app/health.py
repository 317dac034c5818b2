"""How the house is: is the database there, is Discord there, does anything wait too long?"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from app.metrics import JOB_STATES, OUTBOX_STATES, HouseMetrics
from app.stalled import IS_HEAD
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.kernel.errors import DomainError

_JOBS = """
SELECT s.state,
    (SELECT count(*) FROM pgqueuer WHERE status = s.state::pgqueuer_status) AS count,
    (SELECT extract(epoch FROM now() - min(execute_after))::float8 FROM pgqueuer
     WHERE s.state = 'queued' AND status = 'queued' AND execute_after <= now()) AS oldest_s
FROM unnest($1::text[]) AS s (state)
"""
# Each half has the predicate of an index: sent messages are not looked at, however many there are. What stands behind
# another one of its lane is not due before that: a channel that refuses us must not make the whole house unready.
_OUTBOX = f"""
WITH found AS (
    SELECT state, count(*) AS count,
        extract(epoch FROM $2 - min(due_at) FILTER (WHERE due_at <= $2 AND {IS_HEAD}))::float8 AS oldest_s
    FROM outbound_messages m WHERE state IN ('queued', 'sending', 'unknown') GROUP BY state
    UNION ALL
    SELECT 'failed', count(*), NULL FROM outbound_messages WHERE state = 'failed'
)
SELECT s.state, coalesce(found.count, 0) AS count, found.oldest_s
FROM unnest($1::text[]) AS s (state) LEFT JOIN found ON found.state = s.state
"""  # noqa: S608 - our own words
_INBOUND = """
SELECT count(*) AS count, coalesce(extract(epoch FROM $1 - min(received_at))::float8, 0) AS oldest_s
FROM inbound_events WHERE state = 'new'
"""
_TURNS = "SELECT coalesce(extract(epoch FROM $1 - min(turn_due_at))::float8, 0) FROM conversations"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits: counts by state, and the age of the oldest that is due."""

    jobs: dict[str, int]
    outbox: dict[str, int]
    inbound_count: int
    oldest_job_s: float
    oldest_outbox_s: float
    oldest_inbound_s: float
    oldest_turn_s: float


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the house can work; `reasons` is empty when it can."""

    reasons: list[str]
    figures: dict[str, float] = field(default_factory=dict)


class Health:
    """Asks, bounded in time, and never raises.

    Args:
        db: The database.
        clock: For the ages of messages.
        gateway: Tells whether Discord is connected; None in a process without the bot.
        is_stopping: Tells whether the house is closing.
        age_limit_s: Work that is older makes the house not ready.
        timeout_s: A database that takes longer counts as away.
    """

    def __init__(
        self, db: Database, clock: Clock, gateway: Callable[[], bool] | None, is_stopping: Callable[[], bool],
        *, age_limit_s: float = 300.0, timeout_s: float = 3.0,
    ) -> None:  # fmt: skip
        self._db = db
        self._clock = clock
        self._gateway = gateway
        self._is_stopping = is_stopping
        self._age_limit_s = age_limit_s
        self._timeout_s = timeout_s

    async def readiness(self) -> Readiness:
        """Can it work, and if not, why."""
        reasons = ["stopping"] if self._is_stopping() else []
        if self._gateway is not None and not self._gateway():
            reasons.append("gateway: not connected to Discord")
        waiting = await self.waiting()
        if waiting is None:
            return Readiness([*reasons, "database: no answer"])
        ages = {
            "oldest_due_job_s": waiting.oldest_job_s, "oldest_due_outbox_s": waiting.oldest_outbox_s,
            "oldest_inbound_event_s": waiting.oldest_inbound_s, "oldest_due_turn_s": waiting.oldest_turn_s,
        }  # fmt: skip
        names = {"oldest_due_job_s": "jobs", "oldest_due_outbox_s": "outbox", "oldest_inbound_event_s": "inbound",
                 "oldest_due_turn_s": "turns"}  # fmt: skip
        for key, age_s in ages.items():
            if age_s > self._age_limit_s:
                reasons.append(f"{names[key]}: the oldest has waited {age_s:.0f} s")
        return Readiness(reasons, {key: round(age_s, 3) for key, age_s in ages.items()})

    async def waiting(self) -> Waiting | None:
        """What waits; None when the database does not answer."""
        try:
            async with asyncio.timeout(self._timeout_s):
                async with self._db.queue_tx() as tx:
                    jobs = await tx.rows(_JOBS, list(JOB_STATES))
                async with self._db.routing() as tx:
                    outbox = await tx.rows(_OUTBOX, list(OUTBOX_STATES), self._clock.now())
                    inbound = await tx.row(_INBOUND, self._clock.now())
                    oldest_turn_s = await tx.value(_TURNS, self._clock.now())
        except (DomainError, TimeoutError):
            return None
        assert inbound is not None, "aggregates have a row"
        return Waiting(
            jobs={row["state"]: row["count"] for row in jobs},
            outbox={row["state"]: row["count"] for row in outbox},
            inbound_count=inbound["count"],
            oldest_job_s=max((row["oldest_s"] or 0.0 for row in jobs), default=0.0),
            oldest_outbox_s=max((row["oldest_s"] or 0.0 for row in outbox), default=0.0),
            oldest_inbound_s=max(0.0, inbound["oldest_s"]),
            oldest_turn_s=max(0.0, oldest_turn_s),
        )

    async def measure(self, metrics: HouseMetrics) -> None:
        """Bring the gauges up to date; without the database the queue's gauges keep their last value."""
        waiting = await self.waiting()
        metrics.database_up.set(waiting is not None)
        if self._gateway is not None:
            metrics.gateway_up.set(self._gateway())
        if waiting is None:
            return
        for state, count in waiting.jobs.items():
            metrics.queue.labels(state).set(count)
        for state, count in waiting.outbox.items():
            metrics.outbox.labels(state).set(count)
        metrics.oldest_job_s.set(waiting.oldest_job_s)
        metrics.inbound.set(waiting.inbound_count)
        metrics.oldest_outbox_s.set(waiting.oldest_outbox_s)
        metrics.oldest_inbound_s.set(waiting.oldest_inbound_s)
        metrics.oldest_turn_s.set(waiting.oldest_turn_s)
