"""The audit chain notices every change, and the application cannot make one."""

import asyncio

import asyncpg
import pytest

from domain.audit.service import AuditService, ChainReport, record
from domain.kernel.db import SCHEMA, Database
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop

FOUNDING_ROWS = 7  # one for the shop, six for its Discord roles


async def _record_many(db: Database, clock: ManualClock, shop: Shop, count: int) -> None:
    async def one(number: int) -> None:
        async with db.tx(shop.act("owner")) as tx:
            await record(tx, clock, "test.act", f"thing {number}", {"ñ": number, "text": "día"})

    await asyncio.gather(*(one(number) for number in range(count)))


async def _tamper(owner_url: str, sql: str) -> None:
    superuser = await asyncpg.connect(owner_url, server_settings={"search_path": SCHEMA})
    await superuser.execute(sql)
    await superuser.close()


async def test_fifty_at_once_make_one_unbroken_chain(db: Database, clock: ManualClock, shop: Shop) -> None:
    await _record_many(db, clock, shop, 50)
    assert await AuditService(db).verify(shop.tenant.id) == ChainReport(50 + FOUNDING_ROWS, None, is_cut=False)


@pytest.mark.parametrize(
    ("sql", "first_broken", "is_cut"),
    [
        ("UPDATE audit_log SET actor_label = 'Mallory' WHERE seq = 9", 9, False),
        ("UPDATE audit_log SET details = '{}' WHERE seq = 10", 10, False),
        ("DELETE FROM audit_log WHERE seq = 9", 10, False),
        ("DELETE FROM audit_log WHERE seq = 12", None, True),
    ],
)
async def test_tampering_is_found_where_it_happened(
    sql: str, first_broken: int | None, is_cut: bool, db: Database, clock: ManualClock, shop: Shop, owner_url: str
) -> None:
    await _record_many(db, clock, shop, 5)
    await _tamper(owner_url, sql)
    report = await AuditService(db).verify(shop.tenant.id)
    assert (report.first_broken_seq, report.is_cut, report.is_whole) == (first_broken, is_cut, False)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_log SET actor_label = 'Mallory'",
        "DELETE FROM audit_log",
        "UPDATE audit_heads SET seq = 0",
        "DELETE FROM audit_heads",
        "UPDATE counters SET value = 0",
    ],
)
async def test_the_application_cannot_rewrite_history(sql: str, db: Database, shop: Shop) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with db.tx(shop.owner) as tx:
            await tx.run(sql)


async def test_a_forged_hash_is_replaced_by_the_database(db: Database, clock: ManualClock, shop: Shop) -> None:
    async with db.tx(shop.owner) as tx:
        await tx.run(
            "INSERT INTO audit_log (tenant_id, seq, at, actor_label, action, subject, previous_hash, hash) "
            "VALUES ($1, 99, now(), 'x', 'y', 'z', 'forged', 'forged')",
            shop.tenant.id,
        )
    assert await AuditService(db).verify(shop.tenant.id) == ChainReport(FOUNDING_ROWS + 1, None, is_cut=False)
