"""Two processes that keep the same things in opposite orders wait for each other, never both at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import asyncpg
import pytest

from domain.channels.dto import ChannelAccount, Template
from domain.channels.service import ChannelService
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from sandbox.clock import ManualClock
from tests.fixtures.channels import KEY, an_item, new_number
from tests.fixtures.shop import Shop

_KEEP_ONE = """
INSERT INTO guildhall.inbound_events (id, tenant_id, account_id, kind, lane, dedup_key, item, state, received_at)
VALUES (gen_random_uuid(), $1, $2, 'message', 'elsewhere', $3, '{}', 'new', now())
"""
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
async def account(shop: Shop, channels: ChannelService) -> ChannelAccount:
    return await channels.add_meta(shop.owner, new_number())


@pytest.fixture
async def elsewhere(owner_url: str, clock: ManualClock) -> AsyncIterator[ChannelService]:
    """The channels of a second process."""
    database = await Database.open(owner_url, max_connections=2)
    yield ChannelService(database, clock, Sealer([KEY]))
    await database.close()


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


async def _until_they_wait(owner: asyncpg.Connection, count: int) -> None:
    async with asyncio.timeout(5):
        while await owner.fetchval(_WAITING) < count:
            await owner.execute("SELECT pg_stat_clear_snapshot()")
            await asyncio.sleep(0.01)


async def _meet(owner: asyncpg.Connection, account: ChannelAccount, key: str, *both: Awaitable[int]) -> list[int]:
    """Let both come to a row in the middle that somebody is writing, who then gives it up: now they meet."""
    hold = owner.transaction()
    await hold.start()
    await owner.execute(_KEEP_ONE, account.tenant_id, account.id, key)
    running = asyncio.gather(*both)
    await _until_they_wait(owner, len(both))
    await hold.rollback()
    return await running


async def test_webhooks_with_the_same_items_in_opposite_orders_are_both_kept(
    channels: ChannelService, elsewhere: ChannelService, account: ChannelAccount, owner: asyncpg.Connection
) -> None:
    for number in range(5):
        items = [an_item(account, f"{number}:{place:03}") for place in range(300)]
        posted = channels.accept(items), elsewhere.accept(items[::-1])
        assert sum(await _meet(owner, account, f"{number}:150", *posted)) == 300


async def test_a_lane_keeps_the_order_its_items_came_in_whatever_their_keys_are(
    channels: ChannelService, account: ChannelAccount, owner: asyncpg.Connection
) -> None:
    keys = [f"{place * 7919 % 500:03}" for place in range(500)]
    await channels.accept([an_item(account, key) for key in keys])
    rows = await owner.fetch("SELECT dedup_key FROM guildhall.inbound_events ORDER BY position")
    assert [row["dedup_key"] for row in rows] == keys


async def test_templates_that_two_processes_save_in_opposite_orders_are_saved(
    channels: ChannelService, elsewhere: ChannelService, account: ChannelAccount, owner: asyncpg.Connection, shop: Shop
) -> None:
    found = [Template(account.id, f"news_{place}", "es", "APPROVED", "UTILITY", "Hola", (), []) for place in range(9)]
    await channels.save_templates(shop.owner, account.id, found)
    hold = owner.transaction()
    await hold.start()
    await owner.execute("SELECT 1 FROM guildhall.message_templates WHERE name = 'news_4' FOR UPDATE")
    running = asyncio.gather(
        channels.save_templates(shop.owner, account.id, found),
        elsewhere.save_templates(shop.owner, account.id, found[::-1]),
    )
    await _until_they_wait(owner, 2)
    await hold.rollback()
    await running
    assert await channels.templates(shop.owner) == tuple(found)
