"""The last 30 messages of a conversation among 5,000,000: the use case, and the bare index query beside it."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import asyncpg
import orjson

from benchmarks.report import Figure, percentile
from benchmarks.world import World, world
from domain.channels.dto import NewMetaAccount

MESSAGES, CONVERSATIONS, LAST, ROUNDS, GOAL_MS = 5_000_000, 2_000, 30, 1_000, 10.0
_SECRETS = ("token", "secret", "verify")
# Ids rise with the number, as UUIDv7 do: 1 contact, 2 conversation, 3 message. Conversations take turns, so that the
# messages of one lie far apart on the disk.
_ID = "('{kind}0000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"
_PEOPLE = f"""
INSERT INTO contacts (id, tenant_id, name, created_at)
SELECT {_ID.format(kind=1, number="n")}, $1, 'Lead ' || n, now() FROM generate_series(1, $2::bigint) AS n
"""
_CONVERSATIONS = f"""
INSERT INTO conversations (id, tenant_id, number, contact_id, account_id, last_activity_at, opened_at)
SELECT {_ID.format(kind=2, number="n")}, $1, n, {_ID.format(kind=1, number="n")}, $3, now(), now()
FROM generate_series(1, $2::bigint) AS n
"""
_MESSAGES = f"""
INSERT INTO messages (id, tenant_id, conversation_id, account_id, direction, author, kind, body, state, sent_at,
                      created_at)
SELECT {_ID.format(kind=3, number="n")}, $1, {_ID.format(kind=2, number="1 + n % $2::bigint")}, $3,
       CASE WHEN n % 3 = 0 THEN 'out' ELSE 'in' END, CASE WHEN n % 3 = 0 THEN 'agent' ELSE 'contact' END, 'text',
       'message number ' || n || ' of a long story', 'received', at, at
FROM (SELECT n, now() - ($4::bigint - n) * interval '1 second' AS at FROM generate_series(1, $4::bigint) AS n) seeded
"""
_BARE = "SELECT * FROM guildhall.messages WHERE conversation_id = $1 ORDER BY position DESC LIMIT 30"
_FILL_S = 900.0


async def measure() -> list[Figure]:
    """Both read the same random conversations in turn, so that both see the same machine and the same cache."""
    async with world(0) as shop:
        account = await shop.services.channels.add_meta(shop.owner, NewMetaAccount("1122334455667", *_SECRETS, "bench"))
        plain = await asyncpg.connect(shop.dsn, command_timeout=_FILL_S)
        filled_s = await _fill(plain, shop, account.id)
        ours, bare = await _read(plain, shop)
        rows_read = await _rows_read(plain)
        await plain.close()
    ours_ms = percentile(ours, 0.5) * 1000
    return [
        Figure("history", f"filling {MESSAGES:,} messages", filled_s, "s"),
        Figure("history", "details of a conversation, p50", ours_ms, "ms", f"<= {GOAL_MS}", ours_ms <= GOAL_MS),
        Figure("history", "bare index query, p50", percentile(bare, 0.5) * 1000, "ms"),
        Figure("history", "rows the bare plan reads", rows_read, "", str(LAST), rows_read == LAST),
    ]


async def _fill(plain: Any, shop: World, account_id: object) -> float:
    started = time.monotonic()
    await plain.execute("SET search_path = guildhall; SET session_replication_role = replica; SET work_mem = '256MB'")
    async with plain.transaction():
        await plain.execute(_PEOPLE, shop.tenant.id, CONVERSATIONS)
        await plain.execute(_CONVERSATIONS, shop.tenant.id, CONVERSATIONS, account_id)
        await plain.execute(_MESSAGES, shop.tenant.id, CONVERSATIONS, account_id, MESSAGES)
    await plain.execute("VACUUM ANALYZE messages")
    await plain.execute("ANALYZE conversations")
    return time.monotonic() - started


async def _read(plain: Any, shop: World) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    bare: list[float] = []
    for turn in range(ROUNDS + 100):
        number = 1 + turn * 7919 % CONVERSATIONS
        bare_s = await _bare(plain, number)
        started = time.monotonic()
        found = await shop.services.conversations.details(shop.owner, number, last=LAST)
        if turn >= 100:  # statements are prepared by then
            ours.append(time.monotonic() - started)
            bare.append(bare_s)
        assert len(found.messages) == LAST
        await asyncio.sleep(0)
    return ours, bare


async def _bare(plain: Any, number: int) -> float:
    conversation_id = await plain.fetchval("SELECT id FROM conversations WHERE number = $1", number)
    started = time.monotonic()
    rows = await plain.fetch(_BARE, conversation_id)
    took_s = time.monotonic() - started
    assert rows[0]["created_at"] - rows[-1]["created_at"] < timedelta(days=2)
    return took_s


async def _rows_read(plain: Any) -> int:
    """Rows that leave the scan of the messages, by EXPLAIN ANALYZE."""
    conversation_id = await plain.fetchval("SELECT id FROM conversations WHERE number = 1234")
    lines = await plain.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {_BARE}", conversation_id)
    node = orjson.loads(lines)[0]["Plan"]
    while "Plans" in node:
        node = node["Plans"][0]
    return int(node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
