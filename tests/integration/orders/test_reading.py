"""Lists, suggestions and what they cost."""

import json
from datetime import timedelta
from typing import Any

import asyncpg

from domain.kernel.db import Database
from domain.orders import own, reading
from domain.orders.dto import OrderFilter, OrderState
from tests.integration.orders.desk import Desk

_FILL = """
INSERT INTO orders (id, tenant_id, code, state, customer_name, game, start_division, target_division, price_minor,
                    currency, booster_id, command_key, created_at)
SELECT gen_random_uuid(), $1, 1000 + n, CASE WHEN n % 50 = 0 THEN 'open' ELSE 'cancelled' END, 'Customer ' || n,
       'League of Legends', 'E4', 'D1', 4500, 'USD', CASE WHEN n % 50 <> 0 THEN $2::uuid END, 'k' || n, now()
FROM generate_series(1, $3) n
"""


# Completed at three an hour up to now, all by one booster; their entries are of no interest here.
_PAST = """
INSERT INTO orders (id, tenant_id, code, state, customer_name, game, start_division, target_division, price_minor,
                    currency, booster_id, claimed_at, final_division, win_rate_bp, completion_entry_id, finished_at,
                    closed_on, command_key, created_at)
SELECT gen_random_uuid(), $1, 1000 + n, 'completed', 'Customer', 'League of Legends', 'E4', 'D1', 4500, 'USD', $2, at,
       'D1', 7200, gen_random_uuid(), at, at::date, 'k' || n, at
FROM generate_series(1, $3) n, LATERAL (SELECT $4::timestamptz - n * interval '20 minutes' AS at) t
"""


async def fill(desk: Desk, count: int) -> None:
    async with desk.db.tx(desk.shop.owner) as tx:
        await tx.run(_FILL, tx.tenant_id, desk.shop.bruno.member_id, count)


async def test_a_list_has_pages_of_ten_newest_first(desk: Desk) -> None:
    codes = [(await desk.draft()).code for _ in range(12)]
    first = await desk.orders.list(desk.shop.owner, OrderFilter())
    second = await desk.orders.list(desk.shop.owner, OrderFilter(), 2)
    assert [order.code for order in (*first.rows, *second.rows)] == codes[::-1]
    assert (len(first.rows), first.total_count, first.page_count, second.number) == (10, 12, 2, 2)


async def test_a_page_beyond_the_last_is_the_last(desk: Desk) -> None:
    await desk.draft()
    for number in (99, 10**12):
        page = await desk.orders.list(desk.shop.owner, OrderFilter(), number)
        assert (page.number, len(page.rows)) == (1, 1)
    for number in (0, -3):
        assert (await desk.orders.list(desk.shop.owner, OrderFilter(), number)).number == 1
    empty = await desk.orders.list(desk.shop.owner, OrderFilter(frozenset({OrderState.BANNED})))
    assert (empty.rows, empty.total_count, empty.page_count) == ((), 0, 1)


async def test_a_list_is_filtered_by_state_and_booster(desk: Desk) -> None:
    ana, bruno = await desk.claimed("ana"), await desk.claimed("bruno")
    is_open = await desk.open()
    held = OrderFilter(frozenset({OrderState.CLAIMED}))
    assert [o.code for o in (await desk.orders.list(desk.shop.owner, held)).rows] == [bruno.code, ana.code]
    of_ana = OrderFilter(booster_id=desk.shop.ana.member_id)
    page = await desk.orders.list(desk.shop.owner, of_ana)
    assert ([o.code for o in page.rows], page.total_count) == ([ana.code], 1)
    both = OrderFilter(frozenset({OrderState.CLAIMED, OrderState.OPEN}))
    listed = (await desk.orders.list(desk.shop.owner, both)).rows
    assert [o.code for o in listed] == [is_open.code, bruno.code, ana.code]


async def test_long_histories_are_counted_to_a_thousand(desk: Desk) -> None:
    await fill(desk, 2500)
    page = await desk.orders.list(desk.shop.owner, OrderFilter(), 100)
    assert (page.total_count, page.page_count, page.number) == (1000, 100, 100)
    assert page.rows[-1].code == 3500 - 999


async def test_mine_is_what_i_have_with_the_earliest_deadline_first(desk: Desk) -> None:
    late = await desk.claimed("ana", deadline_text="+9d")
    soon = await desk.claimed("ana", deadline_text="+1d")
    none = await desk.claimed("ana")
    await desk.claimed("bruno")
    assert [o.code for o in await desk.orders.mine(desk.shop.act("ana"))] == [soon.code, late.code, none.code]
    assert await desk.orders.mine(desk.shop.act("viewer")) == []


async def test_suggestions_put_mine_first_then_the_newest(desk: Desk) -> None:
    mine = await desk.claimed("ana", customer_name="Zoe")
    others = [(await desk.open(customer_name=name)).code for name in ("Marta", "Luis", "MARTIN")]
    found = await desk.orders.suggest(desk.shop.act("ana"), "")
    assert [o.code for o in found] == [mine.code, *others[::-1]]
    assert [o.code for o in await desk.orders.suggest(desk.shop.act("seller"), " mart ")] == [others[2], others[0]]
    assert await desk.orders.suggest(desk.shop.act("ana"), " mart ") == []  # customers are no business of boosters
    assert [o.code for o in await desk.orders.suggest(desk.shop.act("ana"), f"#{others[1]}")] == [others[1]]
    only_open = await desk.orders.suggest(desk.shop.act("ana"), "", [OrderState.OPEN])
    assert mine.code not in [o.code for o in only_open]


async def test_suggestions_hold_at_most_25_and_find_an_old_code(desk: Desk) -> None:
    await fill(desk, 2500)
    assert len(await desk.orders.suggest(desk.shop.owner, "")) == 25
    assert [o.code for o in await desk.orders.suggest(desk.shop.owner, "1001")] == [1001]
    for text in ("%", "_", "'; --", "²", "9" * 40, "x" * 5000):
        assert await desk.orders.suggest(desk.shop.owner, text) == []


async def test_a_list_reads_what_it_shows_whatever_the_history_holds(desk: Desk, db: Database) -> None:
    await fill(desk, 20_000)
    async with db.tx(desk.shop.owner) as tx:
        args = (tx.tenant_id, ["cancelled", "open"], reading.PAGE_SIZE, 0)
        sql = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + reading._LIST.format(booster="")
        plan = await tx.value(sql, *args)
    assert "Seq Scan on orders" not in plan
    top = json.loads(plan)[0]["Plan"] if isinstance(plan, str) else plan[0]["Plan"]
    assert top["Shared Hit Blocks"] + top["Shared Read Blocks"] < 200


async def test_counting_a_rare_state_reads_no_history(desk: Desk, db: Database, owner_url: str) -> None:
    await fill(desk, 20_000)
    await as_superuser(owner_url, "ANALYZE orders")
    async with db.tx(desk.shop.owner) as tx:
        sql = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + reading._COUNT.format(booster="")
        assert buffers_read(await tx.value(sql, tx.tenant_id, ["draft", "claimed", "paused"])) < 50


async def test_what_a_booster_finished_this_month_is_counted_from_this_month(
    desk: Desk, db: Database, owner_url: str
) -> None:
    ana, now = desk.shop.ana, desk.clock.now()
    await as_superuser(owner_url, _PAST, ana.tenant_id, ana.member_id, 30_000, now)
    await as_superuser(owner_url, "ANALYZE orders")
    assert await desk.orders.finished_this_month(ana) == 3 * (19 * 24 + 18)
    async with db.tx(ana) as tx:
        args = (tx.tenant_id, ana.member_id, now - timedelta(days=20), now.date().replace(day=1))
        sql = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + own._FINISHED
        assert buffers_read(await tx.value(sql, *args)) < 200


async def as_superuser(owner_url: str, sql: str, *args: object) -> None:
    """Run a statement that no service would: triggers and foreign keys are off."""
    settings = {"search_path": "guildhall", "session_replication_role": "replica"}
    superuser = await asyncpg.connect(owner_url, server_settings=settings)
    await superuser.execute(sql, *args)
    await superuser.close()


def buffers_read(plan: Any) -> int:
    top = json.loads(plan)[0]["Plan"] if isinstance(plan, str) else plan[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


async def test_history_is_in_order_with_who_and_why(desk: Desk) -> None:
    order = await desk.claimed()
    await desk.orders.release(desk.shop.act("ana"), order.id, "no time")
    events = (await desk.orders.get(desk.shop.act("viewer"), order.id)).events
    assert [(e.from_state, e.to_state, e.actor_label, e.reason) for e in events] == [
        ("", "draft", "Seller", ""), ("draft", "open", "Seller", ""), ("open", "claimed", "Ana", ""),
        ("claimed", "open", "Ana", "no time"),
    ]  # fmt: skip
