"""The group commit: one commit for many, and nobody suffers for another."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from channels.whatsapp.writer import GroupWriter, NotStored
from domain.channels.dto import ChannelAccount, InboundItem
from domain.channels.service import ChannelService
from domain.kernel.db import Database
from domain.kernel.errors import Unavailable
from domain.kernel.sealing import Sealer
from sandbox.clock import ManualClock
from tests.fixtures.channels import KEY, an_item
from tests.fixtures.meta_bodies import one_text
from tests.fixtures.shop import Shop
from tests.integration.whatsapp_inbound.conftest import opened_meta


class Watched:
    """The real `accept`, with its batches written down and, on demand, held back or failing first."""

    def __init__(self, channels: ChannelService) -> None:
        self.channels = channels
        self.batches: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures: list[Exception] = []

    async def __call__(self, items: Sequence[InboundItem]) -> int:
        self.batches.append(len(items))
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop()
        return await self.channels.accept(items)


@pytest.fixture
def accept(channels: ChannelService) -> Watched:
    return Watched(channels)


async def _count(db: Database, shop: Shop) -> int:
    async with db.tx(shop.owner) as tx:
        return int(await tx.value("SELECT count(*) FROM inbound_events"))


async def test_64_at_once_share_commits(db: Database, shop: Shop, account: ChannelAccount, accept: Watched) -> None:
    writer = GroupWriter(accept)
    await asyncio.gather(*(writer.write([an_item(account, f"k{n}")]) for n in range(64)))
    assert accept.batches == [1, 63] or accept.batches == [64]
    assert await _count(db, shop) == 64


async def test_it_returns_only_when_the_own_items_are_committed(
    db: Database, shop: Shop, account: ChannelAccount, accept: Watched
) -> None:
    writer = GroupWriter(accept, items_per_batch=3)

    async def write(n: int) -> None:
        await writer.write([an_item(account, f"k{n}")])
        async with db.tx(shop.owner) as tx:
            assert await tx.value("SELECT count(*) FROM inbound_events WHERE dedup_key = $1", f"k{n}") == 1

    await asyncio.gather(*(write(n) for n in range(40)))


async def test_a_cancelled_leader_loses_nobody_elses_items(
    db: Database, shop: Shop, account: ChannelAccount, accept: Watched
) -> None:
    writer = GroupWriter(accept)
    accept.gate.clear()
    first = asyncio.create_task(writer.write([an_item(account, "first")]))
    await asyncio.sleep(0)
    others = [asyncio.create_task(writer.write([an_item(account, f"k{n}")])) for n in range(10)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0.01)
    others[0].cancel()  # leads now, with the items of all others in hand
    await asyncio.sleep(0.01)
    others[5].cancel()  # waits; its item is in the next leader's hands
    accept.gate.set()
    outcomes = await asyncio.gather(first, *others, return_exceptions=True)
    assert [isinstance(outcome, asyncio.CancelledError) for outcome in outcomes].count(True) == 3
    async with db.tx(shop.owner) as tx:
        keys = {row["dedup_key"] for row in await tx.rows("SELECT dedup_key FROM inbound_events")}
    assert keys - {"k5"} == {f"k{n}" for n in range(10)} - {"k0", "k5"}


async def test_cancelled_at_any_moment_the_rest_is_stored(
    db: Database, shop: Shop, account: ChannelAccount, accept: Watched
) -> None:
    writer = GroupWriter(accept, items_per_batch=5)
    tasks = [asyncio.create_task(writer.write([an_item(account, f"k{n}")])) for n in range(60)]
    for n in range(0, 60, 3):
        await asyncio.sleep(0.001)
        tasks[n].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.wait_for(writer.write([an_item(account, "last")]), 60)
    async with db.tx(shop.owner) as tx:
        keys = {row["dedup_key"] for row in await tx.rows("SELECT dedup_key FROM inbound_events")}
    assert keys >= {f"k{n}" for n in range(60) if n % 3} | {"last"}


async def test_a_failure_is_everybodys_of_that_batch_and_of_no_other(
    db: Database, shop: Shop, account: ChannelAccount, accept: Watched
) -> None:
    writer = GroupWriter(accept)
    accept.gate.clear()
    tasks = [asyncio.create_task(writer.write([an_item(account, f"k{n}")])) for n in range(8)]
    await asyncio.sleep(0.01)
    accept.failures = [Unavailable("database.unavailable")]
    accept.gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(outcome, NotStored) for outcome in outcomes] == [True] + [False] * 7
    assert await _count(db, shop) == 7


async def test_a_bug_is_told_to_one_and_the_others_go_on(
    db: Database, shop: Shop, account: ChannelAccount, accept: Watched
) -> None:
    writer = GroupWriter(accept)
    accept.failures = [asyncpg.DeadlockDetectedError("deadlock"), asyncpg.DeadlockDetectedError("deadlock")]
    outcomes = await asyncio.gather(
        *(writer.write([an_item(account, f"k{n}")]) for n in range(8)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes].count(asyncpg.DeadlockDetectedError) == 2
    assert await _count(db, shop) == 6


async def test_a_poisoned_item_is_kept_as_unknown_and_its_neighbours_are_unhurt(
    db: Database, shop: Shop, account: ChannelAccount, accept: Watched
) -> None:
    writer = GroupWriter(accept)
    poison = replace(an_item(account, "bad"), item={"text": "a\x00b"})
    worse = replace(an_item(account, "worse\x00"), lane="\ud83d")
    await asyncio.gather(
        writer.write([an_item(account, "a"), poison]), writer.write([worse]), writer.write([an_item(account, "b")])
    )
    async with db.tx(shop.owner) as tx:
        rows = await tx.rows("SELECT kind, dedup_key, item FROM inbound_events ORDER BY position")
    assert {row["dedup_key"]: row["kind"] for row in rows} == {
        "a": "message", "bad": "unknown", "worse": "unknown", "b": "message"
    }  # fmt: skip
    assert "a\\x00b" in {row["dedup_key"]: row["item"] for row in rows}["bad"]["unreadable"]


async def test_too_much_that_waits_is_refused_at_once(
    db: Database, shop: Shop, account: ChannelAccount, accept: Watched
) -> None:
    writer = GroupWriter(accept, waiting_limit=10)
    accept.gate.clear()
    tasks = [asyncio.create_task(writer.write([an_item(account, f"k{n}")])) for n in range(11)]
    await asyncio.sleep(0.01)
    with pytest.raises(NotStored):
        await writer.write([an_item(account, "one too many")])
    accept.gate.set()
    await asyncio.gather(*tasks)
    await writer.write([an_item(account, "now")])
    assert await _count(db, shop) == 12


async def test_the_database_away_is_503_and_the_same_post_later_is_kept(
    owner_url: str, clock: ManualClock, shop: Shop, account: ChannelAccount, tmp_path: Path
) -> None:
    """The house reaches its database through a name that is taken away and given back."""
    name, folder = urlsplit(owner_url).path.strip("/"), parse_qs(urlsplit(owner_url).query)["host"][0]
    socket = tmp_path / ".s.PGSQL.5432"
    socket.symlink_to(Path(folder) / socket.name)
    db = await Database.open(f"postgresql://postgres@/{name}?host={tmp_path}", max_connections=3)
    channels = ChannelService(db, clock, Sealer([KEY]))
    async with opened_meta(db, clock, shop, channels) as meta:
        assert await meta.post(one_text("wamid.0")) == 200
        socket.unlink()
        admin = await asyncpg.connect(owner_url)
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                            "AND datname = current_database()")  # fmt: skip
        assert await meta.post(one_text("wamid.1")) == 503
        socket.symlink_to(Path(folder) / socket.name)
        assert await meta.post(one_text("wamid.1")) == 200
        keys = await admin.fetch("SELECT dedup_key FROM guildhall.inbound_events ORDER BY position")
        await admin.close()
    assert [row[0] for row in keys] == ["message:wamid.0", "message:wamid.1"]
    await db.close()
