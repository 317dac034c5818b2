"""The worker: drains the queue over a database connection of its own, and gets a new one when that is lost."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer.core.executors import EntrypointExecutorParameters
from pgqueuer.db import AsyncpgDriver
from pgqueuer.errors import FailingListenerError
from pgqueuer.models import Job as QueuedJob
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries

from app.backoff import Backoff
from app.job_runner import HandlerExecutor, JobRunner
from domain.kernel.db import APP_ROLE, LOST_CONNECTION, SCHEMA

log = structlog.get_logger("guildhall.worker")


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How the worker drains.

    Attributes:
        heartbeat_s: A picked job whose worker has been silent for so long is given to another.
        poll_s: How often the queue is looked at when nobody notifies: for jobs put off, and for a dead worker's.
        batch: Jobs taken at once.
        at_once: Jobs at work at once; at least twice the batch.
        drain_s: How long running handlers may take to finish at the end.
    """

    heartbeat_s: float = 10.0
    poll_s: float = 5.0
    batch: int = 10
    at_once: int = 50
    drain_s: float = 20.0


class Worker:
    """Takes jobs and runs them until told to stop."""

    def __init__(self, dsn: str, runner: JobRunner, jobs: list[str], limits: WorkerLimits) -> None:
        self._dsn = dsn
        self._runner = runner
        self._jobs = jobs
        self._limits = limits
        self.ready = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Drain the queue; survives the loss of the database. At the end running handlers finish, bounded.

        A handler that does not finish in time is interrupted and its job goes back to the queue.
        """
        backoff = Backoff()
        while not stop.is_set():
            try:
                await self._drain(stop, backoff)
            except (*LOST_CONNECTION, FailingListenerError, TimeoutError) as exc:
                log.warning("the queue's database connection was lost", error=type(exc).__name__)
                await backoff.wait(stop)

    async def _drain(self, stop: asyncio.Event, backoff: Backoff) -> None:
        connection = await asyncpg.connect(
            self._dsn,
            timeout=10,
            command_timeout=30,
            server_settings={"role": APP_ROLE, "search_path": SCHEMA, "application_name": "guildhall worker"},
        )
        try:
            manager = self._manager(connection)
            self.ready.set()
            backoff.reset()
            await self._run_until(stop, manager)
        finally:
            self.ready.clear()
            with suppress(*LOST_CONNECTION, TimeoutError):
                await connection.close(timeout=2)

    def _manager(self, connection: Any) -> QueueManager:
        manager = QueueManager(Queries(AsyncpgDriver(connection)))
        for name in self._jobs:
            parameters = EntrypointExecutorParameters(concurrency_limit=0, func=_by_runner, on_failure="hold")
            manager.register_executor(name, HandlerExecutor(parameters, self._runner))
        return manager

    async def _run_until(self, stop: asyncio.Event, manager: QueueManager) -> None:
        limits = self._limits
        work = asyncio.create_task(
            manager.run(
                dequeue_timeout=timedelta(seconds=limits.poll_s),
                batch_size=limits.batch,
                max_concurrent_tasks=limits.at_once,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=timedelta(seconds=limits.heartbeat_s),
                log_aggregation_interval=timedelta(0),
            )
        )
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            manager.shutdown.set()
            await self._finish(work)

    async def _finish(self, work: asyncio.Task[None]) -> None:
        """Let running handlers end; interrupt those that do not, or when we are cancelled meanwhile."""
        try:
            done, _ = await asyncio.wait({work}, timeout=self._limits.drain_s)
            if not done:
                log.warning("handlers did not finish in time", running_count=self._runner.running_count)
        finally:
            if not work.done():
                self._runner.interrupt()
                await asyncio.wait({work}, timeout=5)
        if work.done():
            work.result()
        else:
            work.cancel()


async def _by_runner(job: QueuedJob) -> None:
    raise AssertionError("every job goes through HandlerExecutor.execute")
