"""Jobs exist if their transaction commits, run at least once, are parked after too many failures, and announced."""

import asyncio
import time
from datetime import timedelta

import asyncpg
import pytest

from app.job_queue import list_parked_jobs, replay_jobs
from app.worker import WorkerLimits
from domain.jobs.handlers import Job, Workshop
from domain.kernel.db import Database, Tx
from domain.kernel.errors import Conflict
from domain.kernel.queue import enqueue
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.app.conftest import Queue, eventually, working

NOTICES = "SELECT array_agg(params ORDER BY position) FROM guildhall.outbound_messages WHERE kind = 'jobs.parked'"


class Counter:
    """A handler that notes its jobs and fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.jobs: list[Job] = []
        self.failures_left = failures

    async def __call__(self, shop: Workshop, job: Job) -> None:
        self.jobs.append(job)
        if self.failures_left:
            self.failures_left -= 1
            raise Conflict("order.already_claimed", customer="Maria Canary")


async def _enqueue(db: Database, shop: Shop, name: str = "test.count", **payload: object) -> None:
    async with db.tx(shop.owner) as tx:
        await enqueue(tx, name, payload)


async def test_a_job_runs_after_its_transaction_commits(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    count = Counter()
    async with working(owner_url, db, clock, {"test.count": count}):
        await _enqueue(db, shop, order="4821")
        await eventually(lambda: queue.is_empty("test.count"))
    assert [(job.name, job.tenant_id, job.payload) for job in count.jobs] == [
        ("test.count", shop.tenant.id, {"order": "4821"})
    ]
    assert count.jobs[0].key.startswith("job:")


async def test_a_job_of_a_rolled_back_transaction_does_not_exist(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    async def enqueue_and_fail(tx: Tx) -> None:
        await enqueue(tx, "test.count", {})
        raise Conflict("order.already_claimed")

    count = Counter()
    async with working(owner_url, db, clock, {"test.count": count}):
        with pytest.raises(Conflict):
            async with db.tx(shop.owner) as tx:
                await enqueue_and_fail(tx)
        await _enqueue(db, shop, is_the="second")
        await eventually(lambda: queue.is_empty("test.count"))
    assert [job.payload for job in count.jobs] == [{"is_the": "second"}]


async def test_a_delayed_job_waits(owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue) -> None:
    done_after_s: list[float] = []

    async def note(workshop: Workshop, job: Job) -> None:
        done_after_s.append(time.monotonic() - began_s)

    async with working(owner_url, db, clock, {"test.note": note}):
        began_s = time.monotonic()
        async with db.tx(shop.owner) as tx:
            await enqueue(tx, "test.note", {}, delay=timedelta(seconds=0.5))
        await eventually(lambda: done_after_s)
    assert done_after_s[0] >= 0.5


async def test_a_job_that_fails_is_tried_again(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    count = Counter(failures=2)
    async with working(owner_url, db, clock, {"test.count": count}):
        await _enqueue(db, shop)
        await eventually(lambda: queue.is_empty("test.count"))
    assert len(count.jobs) == 3
    assert len({job.key for job in count.jobs}) == 1
    assert await queue.value(NOTICES) is None


@pytest.mark.logs_errors("a job is parked")
async def test_a_job_that_keeps_failing_is_parked_announced_and_replayed(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    count = Counter(failures=3)
    async with working(owner_url, db, clock, {"test.count": count}):
        await _enqueue(db, shop)
        await eventually(lambda: _are(queue, ["failed"]))
        assert len(count.jobs) == 3
        operator = await asyncpg.connect(owner_url)
        parked = await list_parked_jobs(operator)
        assert [(job.name, job.tenant_id, job.reason) for job in parked] == [
            ("test.count", str(shop.tenant.id), "order.already_claimed")
        ]
        assert await queue.value(NOTICES) == [f'{{"job": "test.count", "job_id": {parked[0].id}}}']
        assert await replay_jobs(operator, [parked[0].id + 1]) == []
        assert await replay_jobs(operator, None) == [parked[0].id]
        await operator.close()
        await eventually(lambda: queue.is_empty("test.count"))
    assert len(count.jobs) == 4


async def test_a_handler_that_never_ends_is_interrupted_and_tried_again(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    started: list[str] = []

    async def sleepy(shop: Workshop, job: Job) -> None:
        started.append(job.key)
        if len(started) == 1:
            await asyncio.sleep(60)

    async with working(owner_url, db, clock, {"test.sleepy": sleepy}, timeout_s=0.2):
        await _enqueue(db, shop, "test.sleepy")
        await eventually(lambda: queue.is_empty("test.sleepy"))
    assert len(started) == 2


async def test_stopping_lets_a_running_handler_finish_and_takes_nothing_new(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    started, finished = asyncio.Event(), []

    async def slow(workshop: Workshop, job: Job) -> None:
        started.set()
        await asyncio.sleep(0.5)
        finished.append(job.payload["number"])

    async with working(owner_url, db, clock, {"test.slow": slow}):
        await _enqueue(db, shop, "test.slow", number=1)
        await started.wait()
    assert finished == [1]
    assert await queue.states("test.slow") == []
    await _enqueue(db, shop, "test.slow", number=2)
    await asyncio.sleep(0.3)
    assert await queue.states("test.slow") == ["queued"]


async def test_a_handler_that_outlasts_the_drain_goes_back_to_the_queue(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    started = asyncio.Event()

    async def endless(workshop: Workshop, job: Job) -> None:
        started.set()
        await asyncio.sleep(60)

    limits = WorkerLimits(heartbeat_s=5.0, poll_s=0.2, drain_s=0.2)
    async with working(owner_url, db, clock, {"test.endless": endless}, limits=limits):
        await _enqueue(db, shop, "test.endless")
        await started.wait()
    assert await queue.states("test.endless") == ["queued"]


async def test_a_long_job_keeps_its_heartbeat_and_is_not_run_by_another_worker(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    runs = []

    async def long(workshop: Workshop, job: Job) -> None:
        runs.append(job.key)
        await asyncio.sleep(4.0)

    handlers = {"test.long": long}
    async with (
        working(owner_url, db, clock, handlers, limits=LONG),
        working(owner_url, db, clock, handlers, limits=LONG),
    ):
        await _enqueue(db, shop, "test.long")
        await eventually(lambda: queue.is_empty("test.long"))
    assert len(runs) == 1


async def test_two_workers_share_the_queue_and_run_each_job_once(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    first, second = Counter(), Counter()
    async with (
        working(owner_url, db, clock, {"test.count": first}),
        working(owner_url, db, clock, {"test.count": second}),
    ):
        async with db.tx(shop.owner) as tx:
            for number in range(200):
                await enqueue(tx, "test.count", {"number": number})
        await eventually(lambda: queue.is_empty("test.count"))
    numbers = sorted(job.payload["number"] for job in first.jobs + second.jobs)
    assert numbers == list(range(200))


async def test_a_worker_whose_connection_is_cut_gets_a_new_one(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    count = Counter()
    async with working(owner_url, db, clock, {"test.count": count}) as worker:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'guildhall worker'"
        await queue.run(cut + " AND datname = current_database()")
        await eventually(lambda: not worker.ready.is_set())
        await _enqueue(db, shop)
        await eventually(lambda: queue.is_empty("test.count"))
    assert len(count.jobs) == 1


async def _are(queue: Queue, states: list[str], job: str = "test.count") -> bool:
    return await queue.states(job) == states


LONG = WorkerLimits(heartbeat_s=2.0, poll_s=0.2, drain_s=30.0)
