"""A slot runs once however many processes there are; what was missed is caught up by its rule."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from app.clock import HouseClock
from app.stalled import Backlog, StalledQueueWatch
from domain.jobs.schedule import CatchUp, ClockJob, Daily, Every
from domain.kernel.db import Database
from domain.kernel.queue import enqueue
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import Purpose, SettingsChange
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop, found_shop
from tests.integration.app.conftest import Queue, eventually

WEEK = timedelta(days=7)
EVERY_MINUTE = ClockJob("test.minute", Every(minutes=1), CatchUp.ALL, timedelta(hours=1))
DAILY_ALL = ClockJob("test.daily", Daily(), CatchUp.ALL, WEEK)
DAILY_LAST = ClockJob("test.last", Daily(), CatchUp.LAST, WEEK)
DAILY_NONE = ClockJob("test.none", Daily(), CatchUp.NONE, WEEK)


async def _slots(queue: Queue, job: str) -> list[datetime]:
    payloads = await queue.value(
        "SELECT array_agg(convert_from(payload, 'UTF8') ORDER BY id) FROM guildhall.pgqueuer WHERE entrypoint = $1", job
    )
    return [datetime.fromisoformat(orjson.loads(payload)["slot_at"]) for payload in payloads or []]


def _at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture
async def four_pools(owner_url: str) -> AsyncIterator[list[Database]]:
    pools = [await Database.open(owner_url, max_connections=2) for _ in range(4)]
    yield pools
    for pool in pools:
        await pool.close()


async def test_four_clocks_enqueue_each_slot_once(
    four_pools: list[Database], clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    clocks = [HouseClock(pool, clock, [EVERY_MINUTE, DAILY_LAST]) for pool in four_pools]
    enqueued_count = 0
    for _ in range(12):
        clock.advance(timedelta(minutes=1))
        enqueued_count += sum(await asyncio.gather(*(house_clock.tick() for house_clock in clocks)))
    assert enqueued_count == 12
    assert await _slots(queue, "test.minute") == [_at(20, 17, minute) for minute in range(1, 13)]
    assert await _slots(queue, "test.last") == []


async def test_every_tenant_has_slots_of_its_own(db: Database, clock: ManualClock, shop: Shop, queue: Queue) -> None:
    await found_shop(db, clock, guild_id=2002, name="Second")
    clock.advance(timedelta(minutes=1))
    assert await HouseClock(db, clock, [EVERY_MINUTE]).tick() == 2
    tenants = "SELECT count(DISTINCT convert_from(payload, 'UTF8')::jsonb ->> 'tenant_id') FROM guildhall.pgqueuer"
    assert await queue.value(tenants + " WHERE entrypoint = 'test.minute'") == 2


async def test_missed_slots_are_caught_up_by_rule(db: Database, clock: ManualClock, shop: Shop, queue: Queue) -> None:
    house_clock = HouseClock(db, clock, [DAILY_ALL, DAILY_LAST, DAILY_NONE, EVERY_MINUTE])
    await house_clock.tick()
    clock.advance(timedelta(days=3))  # Monday 23 November, 18:00 in Madrid; the days end at 06:00
    await house_clock.tick()
    assert await _slots(queue, "test.daily") == [_at(21, 5), _at(22, 5), _at(23, 5)]
    assert await _slots(queue, "test.last") == [_at(23, 5)]
    assert await _slots(queue, "test.none") == []
    assert len(await _slots(queue, "test.minute")) == 60, "the lookback bounds what is caught up"
    assert await house_clock.tick() == 0


async def test_a_slot_without_catching_up_runs_when_it_is_on_time(
    db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    clock.advance(_at(21, 5) - clock.now() + timedelta(seconds=40))
    await HouseClock(db, clock, [DAILY_NONE]).tick()
    assert await _slots(queue, "test.none") == [_at(21, 5)]


async def test_a_shop_founded_after_a_slot_does_not_get_it(db: Database, clock: ManualClock, queue: Queue) -> None:
    clock.advance(timedelta(days=1))
    await found_shop(db, clock)
    await HouseClock(db, clock, [DAILY_ALL]).tick()
    assert await _slots(queue, "test.daily") == []


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        ("Europe/Madrid", _at(24, 12, month=10), [_at(25, 5, month=10), _at(26, 5, month=10)]),
        ("America/New_York", _at(30, 12, month=10), [_at(31, 10, month=10), _at(1, 11)]),
        ("Pacific/Apia", _at(20, 12), [_at(20, 17), _at(21, 17)]),
    ],
    ids=["autumn in Madrid", "autumn in New York", "thirteen hours ahead"],
)
async def test_daily_slots_follow_the_tenants_zone_over_clock_changes(
    db: Database, queue: Queue, zone: str, start: datetime, expected: list[datetime]
) -> None:
    clock = ManualClock(start)
    shop = await found_shop(db, clock)
    await TenancyService(db, clock).change_settings(shop.act("owner"), SettingsChange(zone=zone))
    house_clock = HouseClock(db, clock, [DAILY_ALL])
    while clock.now() < expected[-1]:
        clock.advance(timedelta(minutes=30))
        await house_clock.tick()
    assert await _slots(queue, "test.daily") == expected


async def test_the_clock_ticks_at_its_start_and_then_at_its_interval(
    db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    clock.advance(timedelta(minutes=1))
    house_clock = HouseClock(db, clock, [EVERY_MINUTE], tick_s=0.1)
    stop = asyncio.Event()
    running = asyncio.create_task(house_clock.run(stop))
    await eventually(lambda: _has_slots(queue, 1))
    clock.advance(timedelta(minutes=1))
    await eventually(lambda: _has_slots(queue, 2))
    stop.set()
    await asyncio.wait_for(running, 30)


async def test_a_tick_that_fails_is_made_up_for_by_the_next(
    owner_url: str, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    pool = await Database.open(owner_url, max_connections=2)
    house_clock = HouseClock(pool, clock, [EVERY_MINUTE])
    clock.advance(timedelta(minutes=1))
    await queue.run("ALTER ROLE guildhall_router RENAME TO guildhall_router_gone")
    try:
        with pytest.raises(Exception, match="guildhall_router"):
            await house_clock.tick()
    finally:
        await queue.run("ALTER ROLE guildhall_router_gone RENAME TO guildhall_router")
    assert await house_clock.tick() == 1
    await pool.close()


async def test_old_slots_and_queue_logs_are_forgotten_but_never_the_last_slot(
    db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    insert = "INSERT INTO guildhall.clock_slots (tenant_id, job, slot_at) VALUES ($1, $2, $3)"
    await queue.run(insert, shop.tenant.id, "test.old", _at(1, 0))
    await queue.run(insert, shop.tenant.id, "test.old", _at(2, 0))
    await queue.run(insert, shop.tenant.id, "test.new", _at(19, 0))
    await queue.run(
        "INSERT INTO guildhall.pgqueuer_log (created, job_id, status, priority, entrypoint) "
        "VALUES (now() - interval '8 days', 1, 'successful', 0, 'x'), (now(), 2, 'successful', 0, 'x')"
    )
    await HouseClock(db, clock, []).tidy()
    kept = "SELECT array_agg(job || ' ' || extract(day FROM slot_at) ORDER BY job, slot_at) FROM guildhall.clock_slots"
    assert await queue.value(kept) == ["test.new 19", "test.old 2"]
    assert await queue.value("SELECT array_agg(job_id) FROM guildhall.pgqueuer_log") == [2]


async def test_a_stalled_queue_is_announced_once_an_hour_per_tenant(
    db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    other = await found_shop(db, clock, guild_id=2002, name="Second")
    watch = StalledQueueWatch(db, clock)
    async with db.tx(shop.owner) as tx:
        await enqueue(tx, "test.count", {})
        await post_notice(tx, clock, Purpose.ORDERS, Kind.DAY_CLOSED, {"number": 1})
    assert await watch.look() == {}
    await queue.run("UPDATE guildhall.pgqueuer SET execute_after = now() - interval '400 seconds'")
    clock.advance(timedelta(minutes=6))
    assert await watch.look() == {shop.tenant.id: Backlog(oldest_age_s=400, waiting_count=2)}
    await watch.look()
    assert await _announced(queue) == [(shop.tenant.id, 400)]
    clock.advance(timedelta(hours=1))
    await watch.look()
    assert len(await _announced(queue)) == 2
    assert other.tenant.id not in {tenant_id for tenant_id, _ in await _announced(queue)}


async def _announced(queue: Queue) -> list[tuple[object, int]]:
    rows = await queue.rows(
        "SELECT tenant_id, (params ->> 'oldest_age_s')::int AS age FROM guildhall.outbound_messages "
        "WHERE kind = 'jobs.stalled' AND purpose = 'log' ORDER BY position"
    )
    return [(row["tenant_id"], row["age"]) for row in rows]


async def _has_slots(queue: Queue, count: int) -> bool:
    return len(await _slots(queue, "test.minute")) == count


async def test_the_end_may_come_in_the_middle_of_a_tick(db: Database, clock: ManualClock, shop: Shop) -> None:
    for _ in range(20):
        house_clock, stop = HouseClock(db, clock, [EVERY_MINUTE], tick_s=0.005), asyncio.Event()
        running = asyncio.create_task(house_clock.run(stop))
        await asyncio.sleep(0.02)
        stop.set()
        await running
    await eventually(lambda: db.idle_count == db.size)
