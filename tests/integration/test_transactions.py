"""`tx()`: what happens when the caller goes away, the tenant is wrong, or the server does."""

import asyncio
import random
import threading

import asyncpg
import pytest

from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.errors import Unavailable
from domain.kernel.ids import uuid7
from domain.kernel.queue import enqueue


def _actor() -> Actor:
    return Actor.system(uuid7(), "test", str(uuid7()))


async def test_600_cancellations_leak_no_connection(owner_url: str) -> None:
    database = await Database.open(owner_url, max_connections=3)
    dice = random.Random(600)

    async def work() -> None:
        async with database.tx(_actor()) as tx:
            await tx.value("SELECT pg_sleep(0.001)")
            await tx.value("SELECT next_number('cancelled')")

    for _ in range(60):
        tasks = [asyncio.create_task(work()) for _ in range(10)]
        await asyncio.sleep(dice.random() * 0.004)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(60):
        for _ in range(10):
            async with database.tx(_actor()) as tx:
                assert await tx.value("SELECT 1") == 1
        open_count = await _transactions_left_open(database)
    assert open_count == 0
    assert database.idle_count == database.size
    await database.close()


async def _transactions_left_open(database: Database) -> int:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    async with database.tx(_actor()) as tx:
        count: int = await tx.value(sql)
    return count


async def test_a_commit_that_has_begun_is_finished_although_the_caller_is_cancelled(db: Database) -> None:
    actor = _actor()
    entered = asyncio.Event()

    async def work() -> None:
        async with db.tx(actor) as tx:
            await tx.value("SELECT next_number('kept')")
            entered.set()

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with db.tx(actor) as tx:
        value = await tx.value("SELECT value FROM counters WHERE name = 'kept'")
    assert value in (1, None)
    assert task.cancelled() or value == 1


async def test_an_exception_rolls_everything_back_with_its_jobs(db: Database) -> None:
    actor = _actor()
    with pytest.raises(RuntimeError, match="boom"):
        async with db.tx(actor) as tx:
            await tx.value("SELECT next_number('gone')")
            await enqueue(tx, "test.job", {"n": 1})
            raise RuntimeError("boom")
    async with db.tx(actor) as tx:
        assert await tx.value("SELECT count(*) FROM counters") == 0
        assert await tx.value("SELECT count(*) FROM pgqueuer") == 0


async def test_a_job_exists_once_its_transaction_committed(db: Database) -> None:
    actor = _actor()
    async with db.tx(actor) as tx:
        await enqueue(tx, "test.job", {"n": 1})
    async with db.queue_tx() as tx:
        payload = await tx.value("SELECT convert_from(payload, 'UTF8')::jsonb FROM pgqueuer")
    assert payload == {"tenant_id": str(actor.tenant_id), "n": 1}


async def test_a_tenant_never_leaks_into_the_next_transaction_of_a_connection(owner_url: str) -> None:
    database = await Database.open(owner_url, max_connections=1)
    async with database.tx(_actor()) as tx:
        assert await tx.value("SELECT current_tenant()") == tx.tenant_id
    async with database.queue_tx() as tx:
        assert await tx.value("SELECT current_tenant()") is None
    async with database.routing() as tx:
        assert await tx.value("SELECT current_user") == "guildhall_router"
    async with database.queue_tx() as tx:
        assert await tx.value("SELECT current_user") == "guildhall_app"
    await database.close()


async def test_2000_transactions_of_many_tenants_on_8_connections_see_their_own_rows_only(owner_url: str) -> None:
    database = await Database.open(owner_url, max_connections=8)
    actors = [_actor() for _ in range(20)]

    async def count_up(actor: Actor) -> None:
        async with database.tx(actor) as tx:
            await tx.value("SELECT next_number('mine')")
            assert await tx.value("SELECT array_agg(DISTINCT tenant_id) FROM counters") == [actor.tenant_id]

    await asyncio.gather(*(count_up(actors[n % 20]) for n in range(2000)))
    for actor in actors:
        async with database.tx(actor) as tx:
            assert await tx.value("SELECT value FROM counters") == 100
    await database.close()


async def test_only_a_transaction_that_says_so_does_not_wait_for_the_disk(db: Database) -> None:
    async def waits(**how: bool) -> str:
        async with db.tx(_actor(), **how) as tx:
            return str(await tx.value("SHOW synchronous_commit"))

    assert [await waits(), await waits(is_flushed=False), await waits()] == ["on", "off", "on"]


async def test_of_two_that_wait_for_each_other_one_is_told_to_come_again(db: Database) -> None:
    both_hold = asyncio.Barrier(2)

    async def hold(first: int, then: int) -> str:
        try:
            async with db.tx(_actor()) as tx:
                await tx.value("SELECT pg_advisory_xact_lock($1)", first)
                await both_hold.wait()
                await tx.value("SELECT pg_advisory_xact_lock($1)", then)
        except Unavailable as exc:
            return exc.code
        return "done"

    assert sorted(await asyncio.gather(hold(1, 2), hold(2, 1))) == ["database.busy", "done"]
    assert db.idle_count == db.size


async def test_a_pool_whose_connections_were_cut_at_that_very_moment_closes(owner_url: str) -> None:
    database = await Database.open(owner_url, max_connections=4)
    await asyncio.gather(*(_seen(database, _actor()) for _ in range(4)))
    cutting = threading.Thread(target=asyncio.run, args=[_cut_all(owner_url)])
    cutting.start()
    cutting.join()  # the loop stands still: nobody here has seen yet that they are cut
    await database.close()
    assert database.size == 0


async def _seen(database: Database, actor: Actor) -> None:
    async with database.tx(actor) as tx:
        await tx.value("SELECT pg_sleep(0.05)")


async def _cut_all(url: str) -> None:
    admin = await asyncpg.connect(url)
    await admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
    await admin.close()
