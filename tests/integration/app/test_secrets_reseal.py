"""`guildhall secrets reseal`: from an old key to a new one, killed in between and taken up again."""

import asyncio
import base64
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from domain.channels.dto import NewMetaAccount
from domain.channels.service import ChannelService
from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.ids import uuid7
from domain.kernel.sealing import Sealer
from domain.staff.payouts import BATCH_COUNT
from domain.staff.service import StaffService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop

ROOT = Path(__file__).parents[3]
OLD, NEW, LOST = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2, 3))
PEOPLE_COUNT = BATCH_COUNT + 20


def _start(url: str, *keys: str) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUILDHALL_", "DATABASE"))}
    variables = {"PYTHONPATH": str(ROOT), "DATABASE_URL": url, "GUILDHALL_SECRET_KEYS": ",".join(keys)}
    return subprocess.Popen(
        [sys.executable, "-m", "app", "secrets", "reseal"], env=kept | variables, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


async def _run(url: str, *keys: str) -> tuple[int, str]:
    """Exit code and what it printed."""
    process = _start(url, *keys)
    said, complaint = await asyncio.to_thread(process.communicate, timeout=60)
    assert complaint == ""
    return process.returncode, said


async def _people(db: Database, shop: Shop, key: str, count: int) -> list[UUID]:
    """Members whose payout address is sealed with a key, in their order."""
    sealer, ids = Sealer([key]), sorted(uuid7() for _ in range(count))
    async with db.tx(shop.owner) as tx:
        for number, member_id in enumerate(ids):
            sql = """INSERT INTO members (id, tenant_id, discord_user_id, name, joined_at)
                     VALUES ($1, $2, $3, 'Ana', now())"""
            await tx.run(sql, member_id, tx.tenant_id, 10**9 + number)
            sealed = sealer.seal(f"ES{number}", tx.tenant_id, f"payout:{member_id}")
            sql = "INSERT INTO staff_profiles (tenant_id, member_id, payout_sealed) VALUES ($1, $2, $3)"
            await tx.run(sql, tx.tenant_id, member_id, sealed)
    return ids


async def _count(db: Database, shop: Shop, key: str) -> int:
    """How many addresses a key alone opens."""
    sealer = Sealer([key])
    async with db.tx(shop.owner) as tx:
        rows = await tx.rows("SELECT payout_sealed FROM staff_profiles WHERE payout_sealed IS NOT NULL")
    return sum(sealer.is_current(row["payout_sealed"]) for row in rows)


async def _waits(owner: asyncpg.Connection, process: "subprocess.Popen[str]") -> None:
    async with asyncio.timeout(30):
        while not await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert process.poll() is None, "it waited for nobody"
            await asyncio.sleep(0.02)


async def test_killed_in_between_it_goes_on_where_it_was_and_the_old_key_can_go(
    db: Database, clock: ManualClock, shop: Shop, owner_url: str
) -> None:
    people = await _people(db, shop, OLD, PEOPLE_COUNT)
    system = Actor.system(shop.tenant.id, "test", "add")
    new = NewMetaAccount("1065", "token", "secret", "verify", app="nova")
    account = await ChannelService(db, clock, Sealer([OLD])).add_meta(system, new)

    owner = await asyncpg.connect(owner_url)
    held = owner.transaction()
    await held.start()
    await owner.execute("SELECT 1 FROM guildhall.staff_profiles WHERE member_id = $1 FOR UPDATE", people[-1])
    process = _start(owner_url, NEW, OLD)
    try:
        await _waits(owner, process)
    finally:
        process.kill()
        await asyncio.to_thread(process.communicate)
    await held.rollback()
    await owner.close()
    assert await _count(db, shop, NEW) == BATCH_COUNT, "the first batch is done"

    left_count = PEOPLE_COUNT - BATCH_COUNT + 3
    code, said = await _run(owner_url, NEW, OLD)
    assert (code, said.splitlines()[0]) == (0, f"{left_count} values sealed anew under the newest key.")
    assert "the older keys can go" in said
    assert (await _run(owner_url, NEW))[1].startswith("0 values")

    async with db.tx(shop.owner) as tx:
        payouts = await StaffService(db, clock, Sealer([NEW])).payouts(tx, people)
    assert [payouts[member_id] for member_id in people] == [f"ES{number}" for number in range(PEOPLE_COUNT)]
    channels = ChannelService(db, clock, Sealer([NEW]))
    assert (await channels.credentials(system, account.id)).access_token == "token"
    [door] = await channels.doors("meta", "nova")
    assert (door.app_secret, door.verify_token) == ("secret", "verify")


async def test_what_no_key_opens_stays_as_it_is_and_is_told(db: Database, shop: Shop, owner_url: str) -> None:
    await _people(db, shop, LOST, 2)
    await _readable(db, shop)
    code, said = await _run(owner_url, NEW, OLD)
    assert (code, said.splitlines()[0]) == (1, "1 values sealed anew under the newest key.")
    assert "2 values no configured key opens" in said
    assert "can go" not in said
    assert await _count(db, shop, LOST) == 2
    assert await _count(db, shop, NEW) == 1


async def _readable(db: Database, shop: Shop) -> None:
    """One more, whose key is known."""
    async with db.tx(shop.owner) as tx:
        member_id: UUID = await tx.value("SELECT id FROM members WHERE name <> 'Ana' ORDER BY id LIMIT 1")
        sealed = Sealer([OLD]).seal("ES", tx.tenant_id, f"payout:{member_id}")
        sql = """INSERT INTO staff_profiles (tenant_id, member_id, payout_sealed) VALUES ($1, $2, $3)
                 ON CONFLICT (member_id) DO UPDATE SET payout_sealed = $3"""
        await tx.run(sql, tx.tenant_id, member_id, sealed)


@pytest.mark.parametrize("is_resealing_first", [True, False])
async def test_an_address_that_is_changed_meanwhile_is_the_new_one(
    db: Database, clock: ManualClock, shop: Shop, is_resealing_first: bool
) -> None:
    staff = StaffService(db, clock, Sealer([NEW, OLD]))
    await StaffService(db, clock, Sealer([OLD])).set_payout(shop.act("ana"), "ES old")
    work = [staff.reseal(shop.owner), staff.set_payout(shop.act("ana"), "ES new")]
    await asyncio.gather(*(work if is_resealing_first else reversed(work)))
    clock.advance(timedelta(days=2))
    ana_id = shop.act("ana").member_id
    assert ana_id is not None
    async with db.tx(shop.owner) as tx:
        found = await StaffService(db, clock, Sealer([NEW])).payout(tx, ana_id)
    assert found == "ES new"
