"""What /close reads."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import asyncpg

from domain.closing import queries
from domain.kernel.db import Database
from tests.fixtures.shop import Shop
from tests.integration.payroll.books import Books

TODAY = date(2026, 11, 20)
# The entry there is, many times over: the newest 300 within the last days, the others long before.
_PAST = """
WITH copied AS (
    INSERT INTO journal_entries (id, tenant_id, seq, kind, subject_id, currency, business_on, command_key, actor_label,
                                 recorded_at)
    SELECT gen_random_uuid(), e.tenant_id, 1000 + n, e.kind, e.subject_id, e.currency,
           e.business_on - CASE WHEN n <= 300 THEN n % 7 ELSE n END::integer, 'past:' || n, 'past', e.recorded_at
    FROM journal_entries e, generate_series(1, 6000) AS n WHERE e.tenant_id = $1 RETURNING id, tenant_id
)
INSERT INTO postings (tenant_id, entry_id, line, account_id, currency, amount_minor)
SELECT c.tenant_id, c.id, p.line, p.account_id, p.currency, p.amount_minor
FROM copied c, postings p WHERE p.tenant_id = $1
"""


async def test_a_day_is_closed_without_reading_the_postings_of_others(
    books: Books, shop: Shop, db: Database, owner_url: str
) -> None:
    await books.complete(shop.ana, 1)
    settings = {"search_path": "guildhall", "session_replication_role": "replica"}
    superuser: Any = await asyncpg.connect(owner_url, server_settings=settings)
    await superuser.execute(_PAST, shop.tenant.id)
    await superuser.execute("ANALYZE")
    await superuser.close()
    async with db.tx(shop.owner) as tx:
        sql = f"EXPLAIN (ANALYZE, FORMAT JSON) {queries._DAYS}"
        plan = await tx.value(sql, tx.tenant_id, TODAY - timedelta(days=7), TODAY)
    scans = nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    read = sum(n["Actual Rows"] * n["Actual Loops"] for n in scans if n.get("Relation Name") == "postings")
    assert 4 * 301 <= read <= 4 * 310


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)
