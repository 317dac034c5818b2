"""Inbound events: stored once, in order, found by lane; taken one after the other."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from domain.channels.dto import ChannelAccount, InboundItem, Lane
from domain.channels.service import ChannelService, finish_event, take_event, take_events
from domain.kernel.db import Database
from domain.kernel.errors import InvalidInput
from sandbox.clock import ManualClock
from tests.fixtures.channels import an_item, new_number
from tests.fixtures.shop import Shop, found_shop


@pytest.fixture
async def account(shop: Shop, channels: ChannelService) -> ChannelAccount:
    return await channels.add_meta(shop.owner, new_number())


async def test_the_same_item_is_kept_once(channels: ChannelService, account: ChannelAccount) -> None:
    assert await channels.accept([an_item(account, "a"), an_item(account, "a"), an_item(account, "b")]) == 2
    assert await channels.accept([an_item(account, "a")]) == 0
    assert await channels.accept([]) == 0


async def test_fifty_at_once_make_one_event(channels: ChannelService, account: ChannelAccount) -> None:
    counts = await asyncio.gather(*(channels.accept([an_item(account, "a")]) for _ in range(50)))
    assert sum(counts) == 1


async def test_a_webhook_is_kept_while_everything_else_has_all_connections(
    db: Database, shop: Shop, channels: ChannelService, account: ChannelAccount
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(10):
            await stack.enter_async_context(db.tx(shop.owner))
        async with asyncio.timeout(5):
            assert await channels.accept([an_item(account, "a")]) == 1


async def test_a_webhook_is_kept_when_its_connection_was_ended_unseen(
    db: Database, owner_url: str, channels: ChannelService, account: ChannelAccount
) -> None:
    await channels.accept([an_item(account, "a")])
    owner = await asyncpg.connect(owner_url)
    await owner.execute("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                           WHERE datname = current_database() AND application_name = 'guildhall'""")
    await owner.close()
    assert await channels.accept([an_item(account, "b")]) == 1


async def test_who_gives_up_while_a_webhook_is_kept_leaks_no_connection(
    db: Database, owner_url: str, channels: ChannelService, account: ChannelAccount
) -> None:
    owner = await asyncpg.connect(owner_url)
    for number in range(10):
        async with owner.transaction():
            await owner.execute("LOCK TABLE guildhall.inbound_events IN EXCLUSIVE MODE")
            task = asyncio.create_task(channels.accept([an_item(account, f"lost {number}")]))
            await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    await owner.close()
    async with asyncio.timeout(5):
        assert await channels.accept([an_item(account, "kept")]) == 1


async def test_whoever_takes_events_hears_of_the_new_ones_and_of_their_lanes(
    channels: ChannelService, account: ChannelAccount
) -> None:
    told: list[Lane] = []
    channels.tell(told.extend)
    await channels.accept([an_item(account, "a"), an_item(account, "b", lane="other")])
    await channels.accept([an_item(account, "a")])
    assert told == [Lane(account.tenant_id, account.id, lane) for lane in ("34600000001", "other")]


async def test_an_event_for_another_tenants_account_is_refused_with_all_that_came_with_it(
    db: Database, clock: ManualClock, channels: ChannelService, account: ChannelAccount
) -> None:
    other = await found_shop(db, clock, guild_id=77_000)
    stray = replace(an_item(account, "b"), tenant_id=other.tenant.id)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await channels.accept([an_item(account, "a"), stray])
    assert await channels.accept([an_item(account, "a")]) == 1


async def test_waiting_lanes_are_found_page_by_page_however_much_waits_in_each(
    shop: Shop, db: Database, channels: ChannelService, account: ChannelAccount
) -> None:
    await channels.accept([an_item(account, f"{lane}{n}", lane=lane) for lane in "cab" for n in range(30)])
    first = await channels.waiting_lanes(None, 2)
    assert [lane.lane for lane in first] == ["a", "b"]
    assert await channels.waiting_lanes(first[-1], 2) == [Lane(shop.tenant.id, account.id, "c")]
    async with db.tx(shop.owner) as tx:
        await tx.run("UPDATE inbound_events SET state = 'done' WHERE lane = 'b'")
    assert [lane.lane for lane in await channels.waiting_lanes(None, 10)] == ["a", "c"]


async def test_a_lane_that_another_holds_is_left_alone(
    shop: Shop, db: Database, channels: ChannelService, account: ChannelAccount
) -> None:
    await channels.accept([an_item(account, key) for key in "ab"])
    async with db.tx(shop.owner) as first, db.tx(shop.owner) as second:
        assert len(await take_events(first, account.id, "34600000001", 5) or ()) == 2
        assert await take_events(second, account.id, "34600000001", 5) is None
        assert await take_events(second, account.id, "34600000002", 5) == ()


async def test_two_shops_in_one_batch_get_their_own_events(
    shop: Shop, db: Database, clock: ManualClock, channels: ChannelService, account: ChannelAccount
) -> None:
    other_shop = await found_shop(db, clock, guild_id=2002, name="Otra")
    other = await channels.add_meta(other_shop.owner, new_number("999"))
    assert await channels.accept([an_item(account, "a"), an_item(other, "a")]) == 2
    for actor in (shop.owner, other_shop.owner):
        async with db.tx(actor) as tx:
            assert await tx.value("SELECT count(*) FROM inbound_events") == 1
    found = await channels.waiting_lanes(None, 10)
    assert {lane.tenant_id for lane in found} == {shop.tenant.id, other_shop.tenant.id}


async def test_a_lane_is_taken_in_the_order_it_came(
    shop: Shop, db: Database, clock: ManualClock, channels: ChannelService, account: ChannelAccount
) -> None:
    await channels.accept([an_item(account, key, text=key) for key in "cab"])
    await channels.accept([an_item(account, "other", lane="34600000002")])
    taken = []
    for _ in range(3):
        async with db.tx(shop.owner) as tx:
            event = await take_event(tx, account.id, "34600000001")
            assert event is not None
            assert (event.attempt_count, event.received_at) == (0, clock.now())
            taken.append(event.item["message"]["text"])
            await finish_event(tx, event.id, "done")
    assert taken == ["c", "a", "b"]
    async with db.tx(shop.owner) as tx:
        assert await take_event(tx, account.id, "34600000001") is None


async def test_an_attempt_that_failed_is_counted_and_the_event_stays(
    shop: Shop, db: Database, channels: ChannelService, account: ChannelAccount
) -> None:
    await channels.accept([an_item(account, "a")])
    for attempt_count in range(3):
        async with db.tx(shop.owner) as tx:
            event = await take_event(tx, account.id, "34600000001")
            assert event is not None
            assert event.attempt_count == attempt_count
            await finish_event(tx, event.id, "new", "KeyError " * 200)
    async with db.tx(shop.owner) as tx:
        row = await tx.row("SELECT state, length(error) AS length, finished_at FROM inbound_events")
    assert row is not None
    assert tuple(row.values()) == ("new", 500, None)


async def test_two_at_a_lane_do_not_take_the_same_event(
    shop: Shop, db: Database, channels: ChannelService, account: ChannelAccount
) -> None:
    await channels.accept([an_item(account, "a")])

    async def take() -> int:
        async with db.tx(shop.owner) as tx:
            event = await take_event(tx, account.id, "34600000001")
            if event is None:
                return 0
            await asyncio.sleep(0.05)
            await finish_event(tx, event.id, "done")
            return 1

    assert sum(await asyncio.gather(take(), take(), take())) == 1


@pytest.mark.parametrize("item", [{"text": "a\x00b"}, {"text": "\ud83d"}, {"text": 2**70}, {"text": object()}])
async def test_an_item_that_json_cannot_hold_is_refused_and_nothing_is_stored(
    db: Database, shop: Shop, channels: ChannelService, account: ChannelAccount, item: dict[str, Any]
) -> None:
    bad: InboundItem = replace(an_item(account, "bad"), item=item)
    with pytest.raises(InvalidInput, match="unreadable_item"):
        await channels.accept([an_item(account, "good"), bad])
    async with db.tx(shop.owner) as tx:
        assert await tx.value("SELECT count(*) FROM inbound_events") == 0


async def test_the_router_reads_nothing_of_what_was_said(
    db: Database, channels: ChannelService, account: ChannelAccount
) -> None:
    await channels.accept([an_item(account, "a")])
    for sql in ("SELECT item FROM inbound_events", "SELECT access_token_sealed FROM channel_accounts",
                "UPDATE inbound_events SET state = 'done'", "SELECT kind FROM inbound_events",
                "SELECT payload FROM pgqueuer"):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.store(sql)


async def test_finished_events_are_forgotten_after_14_days(
    shop: Shop, db: Database, clock: ManualClock, channels: ChannelService, account: ChannelAccount
) -> None:
    await channels.accept([an_item(account, "a"), an_item(account, "waiting")])
    async with db.tx(shop.owner) as tx:
        event = await take_event(tx, account.id, "34600000001")
        assert event is not None
        await finish_event(tx, event.id, "done", at=clock.now())
    await channels.purge(shop.tenant.id, "purge-1")
    clock.advance(timedelta(days=14, minutes=1))
    async with db.tx(shop.owner) as tx:
        assert await tx.value("SELECT count(*) FROM inbound_events") == 2
    await channels.purge(shop.tenant.id, "purge-2")
    async with db.tx(shop.owner) as tx:
        assert [row["dedup_key"] for row in await tx.rows("SELECT dedup_key FROM inbound_events")] == ["waiting"]


async def test_an_account_remembers_when_it_last_heard_something(
    shop: Shop, db: Database, clock: ManualClock, channels: ChannelService, account: ChannelAccount
) -> None:
    async with db.tx(shop.owner) as tx:
        await channels.note_inbound(tx, account.id, clock.now(), "4242")
        await channels.note_inbound(tx, account.id, clock.now() - timedelta(hours=1), "no id")
    (found,) = await channels.accounts(shop.owner)
    assert (found.waba_id, found.last_inbound_at) == ("4242", clock.now())
