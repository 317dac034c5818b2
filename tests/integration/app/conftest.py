"""A worker over a test's database, with handlers that the test chooses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from app.job_runner import JobRunner
from app.metrics import HouseMetrics
from app.worker import Worker, WorkerLimits
from domain.jobs.handlers import Handler, Workshop
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from domain.services import build_services
from tests.fixtures.logs import logging_restored

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
QUICK = WorkerLimits(heartbeat_s=1.0, poll_s=0.2, drain_s=20.0)


def workshop(db: Database, clock: Clock) -> Workshop:
    """The real services over the test's database."""
    return Workshop(build_services(db, clock, Sealer([KEY])))


@asynccontextmanager
async def working(
    dsn: str, db: Database, clock: Clock, handlers: Mapping[str, Handler], *, limits: WorkerLimits = QUICK,
    max_attempts: int = 3, timeout_s: float = 30.0,
) -> AsyncIterator[Worker]:  # fmt: skip
    """A running worker; stopped and drained at the end."""
    runner = JobRunner(
        workshop(db, clock), handlers, max_attempts, HouseMetrics(), timeout_s=timeout_s, first_delay_s=0.05
    )
    worker = Worker(dsn, runner, list(handlers), limits)
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    try:
        async with asyncio.timeout(60):
            await worker.ready.wait()
        yield worker
    finally:
        stop.set()
        async with asyncio.timeout(60):
            await running


async def eventually(check: Callable[[], Any], within_s: float = 60.0) -> Any:
    """The first true result of `check` (awaited if it must be); fails after `within_s`."""
    async with asyncio.timeout(within_s):
        while not (found := await _value(check())):  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.02)
        return found


async def _value(found: Any) -> Any:
    return await found if asyncio.iscoroutine(found) else found


class Queue:
    """Looks into the queue's tables as the superuser."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def states(self, job: str) -> list[str]:
        """The states of the jobs of a name that are still on the queue."""
        rows = await self._connection.fetch(
            "SELECT status::text FROM guildhall.pgqueuer WHERE entrypoint = $1 ORDER BY id", job
        )
        return [row["status"] for row in rows]

    async def is_empty(self, job: str) -> bool:
        """Whether no job of the name is left."""
        return await self.states(job) == []

    async def value(self, sql: str, *args: object) -> Any:
        """One value."""
        return await self._connection.fetchval(sql, *args)

    async def rows(self, sql: str, *args: object) -> list[Any]:
        """All rows."""
        found: list[Any] = await self._connection.fetch(sql, *args)
        return found

    async def run(self, sql: str, *args: object) -> None:
        """One statement."""
        await self._connection.execute(sql, *args)


@pytest.fixture
async def queue(owner_url: str) -> AsyncIterator[Queue]:
    """The queue of the test's database."""
    connection = await asyncpg.connect(owner_url)
    yield Queue(connection)
    await connection.close()


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """A house configures the process's logging; afterwards it is as it was."""
    with logging_restored():
        yield
