import asyncio
from collections.abc import Awaitable
from datetime import date, timedelta

import asyncpg
import pytest

from domain.closing.dto import ChainBreak
from domain.closing.service import ClosingService
from domain.kernel.db import Database
from domain.kernel.errors import Conflict
from domain.outbox.kinds import Kind
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.payroll.books import Books
from tests.integration.payroll.world import outbox, world

FRIDAY = date(2026, 11, 20)


async def three_days(closing: ClosingService, books: Books, shop: Shop, clock: ManualClock) -> None:
    for code in (1, 2, 3):
        await books.complete(shop.ana, code)
        day = shop.tenant.day_of(clock.now())
        shown = await closing.preview(shop.owner, day)
        await closing.close(shop.act("owner"), day, shown.hash)
        clock.advance(timedelta(days=1))


async def test_twenty_closes_at_once_make_one_z(
    closing: ClosingService, books: Books, shop: Shop, db: Database
) -> None:
    await books.complete(shop.ana, 1)
    shown = await closing.preview(shop.owner)
    presses = [closing.close(shop.act("owner" if n % 2 else "admin"), FRIDAY, shown.hash) for n in range(20)]
    made = await asyncio.gather(*presses)
    assert {one.hash for one in made} == {made[0].hash}
    rows = await world(db, shop)
    assert (len(rows["day_closes"]), len(rows["closed_days"])) == (1, 1)
    assert len(await outbox(db, shop, Kind.DAY_CLOSED)) == 1


async def test_closing_while_orders_complete_loses_and_doubles_nothing(
    closing: ClosingService, books: Books, shop: Shop, db: Database, clock: ManualClock
) -> None:
    """Ten evenings: the button is pressed while three orders finish and one is reopened at that very moment."""

    async def press(day: date, shown_hash: str) -> bool:
        try:
            await closing.close(shop.act("owner"), day, shown_hash)
        except Conflict as refused:
            if refused.code != "closing.changed":
                raise
            return False
        return True

    async def after(delay_s: float, work: Awaitable[object]) -> None:
        await asyncio.sleep(delay_s)
        await work

    for evening in range(10):
        day = shop.tenant.day_of(clock.now())
        done = await books.complete(shop.ana, 100 * evening + 1, pay=10 + evening)
        finished = [books.complete(shop.bruno, 100 * evening + n, pay=100 * n) for n in (2, 3, 4)]
        work = [after(0.0005 * evening * (evening % 2), one) for one in (*finished, books.reopen(done))]
        shown = await closing.preview(shop.owner, day)
        is_closed, *_ = await asyncio.gather(press(day, shown.hash), *work)
        if not is_closed:
            assert await press(day, (await closing.preview(shop.owner, day)).hash)
        clock.advance(timedelta(days=1))
    closes = (await closing.list(shop.owner)).rows
    reports = [*(one.report for one in closes), await closing.preview(shop.owner)]
    sql = """SELECT a.kind, sum(p.amount_minor)::bigint AS total
             FROM postings p JOIN ledger_accounts a ON a.id = p.account_id GROUP BY a.kind"""
    async with db.tx(shop.owner) as tx:
        journal = {row["kind"]: row["total"] for row in await tx.rows(sql)}
    assert sum(one.totals.price.minor for one in reports) == journal["customer_receivable"]
    assert sum(one.totals.pay.minor for one in reports) == -journal["booster_payable"]
    assert sum(one.totals.margin.minor for one in reports) == -journal["company_income"]
    assert sum(one.totals.pot.minor for one in reports) == -journal["pot"]
    assert sum(one.order_count for one in reports) == 40
    assert sum(one.reversal_count for one in reports) == 10
    assert (await closing.verify(shop.tenant.id)).breaks == ()


async def test_a_z_cannot_be_changed_by_the_application(
    closing: ClosingService, books: Books, shop: Shop, db: Database, clock: ManualClock
) -> None:
    await three_days(closing, books, shop, clock)
    for sql in (
        "UPDATE day_closes SET closed_by_label = 'x'",
        "DELETE FROM day_closes",
        "DELETE FROM closed_days",
        "UPDATE journal_entries SET business_on = '2026-11-01'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.tx(shop.owner) as tx:
                await tx.run(sql)
    assert (await closing.verify(shop.tenant.id)).is_whole


async def test_a_chain_is_linked_by_hash(closing: ClosingService, books: Books, shop: Shop, clock: ManualClock) -> None:
    await three_days(closing, books, shop, clock)
    third, second, first = (await closing.list(shop.owner)).rows
    assert (first.previous_hash, second.previous_hash, third.previous_hash) == ("", first.hash, second.hash)
    assert [(one.journal_from, one.journal_to) for one in (first, second, third)] == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize(
    ("tampering", "breaks"),
    [
        ("UPDATE day_closes SET closed_by_label = 'Eve' WHERE number = 2", [ChainBreak(2, "hash")]),
        ("UPDATE day_closes SET hash = '\\x00' WHERE number = 2", [ChainBreak(2, "hash"), ChainBreak(3, "link")]),
        ("DELETE FROM day_closes WHERE number = 2", [ChainBreak(2, "number"), ChainBreak(3, "link")]),
        ("DELETE FROM day_closes WHERE number = 3", [ChainBreak(3, "number")]),
        (
            "UPDATE journal_entries SET business_on = '2026-11-21' WHERE seq = 1",
            [
                ChainBreak(1, "journal"),
                ChainBreak(1, "totals"),
                ChainBreak(2, "journal"),
                ChainBreak(2, "totals"),
            ],
        ),
        (
            "UPDATE postings SET amount_minor = 2 * amount_minor WHERE entry_id IN "
            "(SELECT id FROM journal_entries WHERE seq = 2)",
            [ChainBreak(2, "totals")],
        ),
        (
            "UPDATE day_closes SET journal_to = 2 WHERE number = 1",
            [ChainBreak(1, "hash"), ChainBreak(1, "journal"), ChainBreak(2, "range")],
        ),
    ],
)
async def test_tampering_is_found(
    closing: ClosingService,
    books: Books,
    shop: Shop,
    clock: ManualClock,
    owner_url: str,
    tampering: str,
    breaks: list[ChainBreak],
) -> None:
    await three_days(closing, books, shop, clock)
    assert (await closing.verify(shop.tenant.id)).is_whole
    superuser = await asyncpg.connect(owner_url, server_settings={"search_path": "guildhall"})
    await superuser.execute(tampering)
    await superuser.close()
    assert (await closing.verify(shop.tenant.id)).breaks == tuple(breaks)
