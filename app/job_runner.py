"""Runs one job: its handler, and what follows when it fails: again later, or parked and announced."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import orjson
import structlog
from pgqueuer.core.executors import EntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Context
from pgqueuer.models import Job as QueuedJob

from app.metrics import HouseMetrics
from domain.jobs.handlers import Handler, Job, Workshop
from domain.kernel.actor import Actor
from domain.kernel.errors import DomainError
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import Purpose

_LONGEST_DELAY_S = 60.0
log = structlog.get_logger("guildhall.worker")


class JobFailed(Exception):
    """A job failed for the last time; carries the kind of error only, because the queue's log keeps the text."""


class JobRunner:
    """Runs jobs for the worker.

    Args:
        workshop: What handlers work with.
        handlers: The handler of each job, by name.
        max_attempts: After so many failures a job is parked.
        timeout_s: A handler that takes longer is interrupted and tried again.
        first_delay_s: Wait after the first failure; doubles with each further one, up to a minute.
        metrics: Counts outcomes.
    """

    def __init__(
        self, workshop: Workshop, handlers: Mapping[str, Handler], max_attempts: int, metrics: HouseMetrics,
        timeout_s: float = 300.0, first_delay_s: float = 1.0,
    ) -> None:  # fmt: skip
        self._workshop = workshop
        self._handlers = handlers
        self._max_attempts = max_attempts
        self._timeout_s = timeout_s
        self._first_delay_s = first_delay_s
        self._metrics = metrics
        self._running: set[asyncio.Task[None]] = set()

    @property
    def running_count(self) -> int:
        """Handlers at work now."""
        return len(self._running)

    def interrupt(self) -> None:
        """Stop every handler; their jobs go back to the queue at once."""
        for task in self._running:
            task.cancel()

    async def run(self, queued: QueuedJob) -> None:
        """Run a job once.

        Raises:
            RetryRequested: It goes back to the queue.
            JobFailed: It was its last attempt; the queue parks it.
        """
        job = read_job(queued)
        names = {"tenant": str(job.tenant_id), "actor": "worker", "job": job.name, "job_id": queued.id}
        with structlog.contextvars.bound_contextvars(**names):
            await self._attempt(job, queued)

    async def _attempt(self, job: Job, queued: QueuedJob) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._handlers[job.name](self._workshop, job)
        except asyncio.CancelledError:
            # The queue would take a cancelled job for one that is done with: hand it back instead.
            self._metrics.job(job.name, "interrupted")
            log.info("job interrupted, goes back to the queue")
            raise RetryRequested(timedelta(0), "interrupted") from None
        except RetryRequested:
            self._metrics.job(job.name, "postponed")
            raise
        except Exception as exc:  # noqa: BLE001 - the worker's supervisor: no job may take the process down
            await self._failed(job, queued, exc)
        else:
            self._metrics.job(job.name, "done")
        finally:
            self._running.discard(task)

    async def _failed(self, job: Job, queued: QueuedJob, exc: Exception) -> None:
        kind = exc.code if isinstance(exc, DomainError) else type(exc).__name__
        attempt = queued.attempts + 1
        if attempt < self._max_attempts:
            delay_s = min(self._first_delay_s * 2**queued.attempts, _LONGEST_DELAY_S)
            bug = None if isinstance(exc, DomainError) else exc  # a refusal or an outage needs no traceback
            log.warning("job failed, will be tried again", attempt=attempt, delay_s=delay_s, error=kind, exc_info=bug)
            self._metrics.job(job.name, "failed")
            raise RetryRequested(timedelta(seconds=delay_s), kind) from None
        try:
            await self._announce(job, queued)
        except DomainError:
            raise RetryRequested(timedelta(seconds=self._first_delay_s), "could not be announced") from None
        log.error("job parked", attempt=attempt, exc_info=exc)
        self._metrics.job(job.name, "parked")
        raise JobFailed(kind) from None

    async def _announce(self, job: Job, queued: QueuedJob) -> None:
        """Tell the tenant's log channel."""
        clock = self._workshop.services.clock
        async with self._workshop.services.db.tx(Actor.system(job.tenant_id, "worker", job.key)) as tx:
            params: dict[str, object] = {"job": job.name, "job_id": queued.id}
            await post_notice(tx, clock, Purpose.LOG, Kind.JOB_PARKED, params)


class HandlerExecutor(EntrypointExecutor):
    """PgQueuer's way to us: it dispatches every entrypoint through the runner."""

    def __init__(self, parameters: EntrypointExecutorParameters, runner: JobRunner) -> None:
        super().__init__(parameters)
        self._runner = runner

    async def execute(self, job: QueuedJob, context: Context) -> None:
        """Run the job."""
        await self._runner.run(job)


def read_job(queued: QueuedJob) -> Job:
    """The job as handlers know it; its key is the queue's id, the same whenever it runs again."""
    payload = orjson.loads(queued.payload or b"{}")
    tenant_id = UUID(payload.pop("tenant_id"))
    return Job(queued.entrypoint, f"job:{queued.id}", tenant_id, payload)
