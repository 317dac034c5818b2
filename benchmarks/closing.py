"""/close of a day with 400 orders among 1,000,000, beside the bare sum over the same postings."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from benchmarks.report import Figure, percentile
from benchmarks.seed_closing import History, seed_history
from benchmarks.world import World, world
from domain.kernel.ids import uuid7

ORDERS, PER_DAY, GOAL_MS, TIMES = 1_000_000, 400, 100.0, 15
BARE = """
SELECT a.kind, sum(p.amount_minor) FROM guildhall.journal_entries e
JOIN guildhall.postings p ON p.entry_id = e.id JOIN guildhall.ledger_accounts a ON a.id = p.account_id
WHERE e.tenant_id = $1 AND e.business_on = $2 GROUP BY a.kind
"""


async def measure() -> list[Figure]:
    """X many times (median), Z once; the plan shows that older orders are not read."""
    async with world(20) as shop:
        today = shop.tenant.day_of(datetime.now(UTC))
        superuser = await asyncpg.connect(shop.dsn, server_settings={"search_path": "guildhall"})
        payer, *members = [actor.member_id for actor in (shop.owner, *shop.boosters) if actor.member_id]
        await seed_history(superuser, shop.tenant.id, payer, members, History(ORDERS, PER_DAY, today, PER_DAY))
        x_ms = await _median_ms(lambda: shop.services.closing.preview(shop.owner, today))
        bare_ms = await _median_ms(lambda: superuser.fetch(BARE, shop.tenant.id, today))
        read_rows = await _rows_read(superuser, shop, today)
        z_ms = await _close_ms(shop, today)
        await superuser.close()
    return [
        Figure("close", "orders in the journal", ORDERS, "orders"),
        Figure("close", "X (median)", x_ms, "ms", f"< {GOAL_MS}", x_ms < GOAL_MS),
        Figure("close", "Z (once)", z_ms, "ms", f"< {GOAL_MS}", z_ms < GOAL_MS),
        Figure("close", "yardstick: bare sum over the day (median)", bare_ms, "ms"),
        Figure("close", "entries the plan reads", read_rows, "rows", f"<= {PER_DAY + 10}", read_rows <= PER_DAY + 10),
    ]


async def _median_ms(work: Callable[[], Awaitable[object]]) -> float:
    await work()
    return percentile([await _ms(work) for _ in range(TIMES)], 0.5)


async def _ms(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return (time.perf_counter() - started) * 1000


async def _close_ms(shop: World, today: Any) -> float:
    owner = replace(shop.owner, command_key=str(uuid7()))
    yesterday = today - timedelta(days=1)
    shown = await shop.services.closing.preview(owner, yesterday)
    return await _ms(lambda: shop.services.closing.close(owner, yesterday, shown.hash))


async def _rows_read(superuser: Any, shop: World, today: Any) -> int:
    """Rows the scan of journal entries returns: the day's, not the history's; so 10,000,000 cost the same."""
    plan = await superuser.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {BARE}", shop.tenant.id, today)
    return _scanned(json.loads(plan)[0]["Plan"], "journal_entries")


def _scanned(node: dict[str, Any], relation: str) -> int:
    own = int(node["Actual Rows"] * node["Actual Loops"]) if node.get("Relation Name") == relation else 0
    return own + sum(_scanned(child, relation) for child in node.get("Plans", ()))
