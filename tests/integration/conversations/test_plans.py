"""What is shown often costs what is shown, whatever the history holds."""

import json
from datetime import timedelta
from typing import Any

import asyncpg

from domain.channels import accounts
from domain.conversations import board, messages
from tests.fixtures.inbox import Inbox

_FILL = """
INSERT INTO messages (id, tenant_id, conversation_id, account_id, direction, author, kind, body, state, sent_at,
                      created_at)
SELECT gen_random_uuid(), $1, $2, $3, 'in', 'contact', 'text', 'message ' || n, 'received', $4, $4
FROM generate_series(1, 20000) AS n
"""
_FILL_PEOPLE = """
WITH people AS (
    INSERT INTO contacts (id, tenant_id, name, opted_out_at, created_at)
    SELECT gen_random_uuid(), $1, 'Lea', CASE WHEN n % 100 = 0 THEN $3::timestamptz END, $3
    FROM generate_series(1, 20000) AS n RETURNING id, opted_out_at
)
INSERT INTO conversations (id, tenant_id, number, contact_id, account_id, state, last_activity_at, opened_at)
SELECT gen_random_uuid(), $1, 1000 + n, id, $2, CASE WHEN n % 200 = 0 THEN 'human' ELSE 'bot' END,
    CASE WHEN n % 40 = 1 AND opted_out_at IS NULL THEN $3 ELSE $4 END, $4
FROM (SELECT *, row_number() OVER () AS n FROM people) numbered
"""
_FILL_FILES = """
INSERT INTO media (message_id, tenant_id, account_id, mime, state, created_at)
SELECT id, tenant_id, account_id, 'image/jpeg', CASE WHEN position % 5000 = 0 THEN 'waiting' ELSE 'stored' END, now()
FROM messages WHERE body LIKE 'message %'
"""


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in _nodes(child))]


async def test_last_thirty_messages_are_read_by_the_index_and_nothing_more(inbox: Inbox, owner_url: str) -> None:
    found = await inbox.receive("hola")
    async with inbox.db.tx(inbox.system) as tx:
        await tx.run(_FILL, inbox.tenant_id, found.id, inbox.account_id, inbox.clock.now())
    owner = await asyncpg.connect(owner_url)
    await owner.execute("ANALYZE guildhall.messages")
    await owner.close()
    async with inbox.db.tx(inbox.system) as tx:
        found_plan = await tx.value(f"EXPLAIN (ANALYZE, FORMAT JSON) {messages.LAST.format(30)}", found.id)
    plan: Any = json.loads(found_plan) if isinstance(found_plan, str) else found_plan
    nodes = _nodes(plan[0]["Plan"])
    scan = next(node for node in nodes if node.get("Relation Name") == "messages")
    assert (scan["Node Type"], scan["Index Name"], scan["Actual Rows"]) == ("Index Scan", "messages_of", 30)
    assert not any(node["Node Type"] in ("Sort", "Seq Scan") and node["Actual Rows"] > 100 for node in nodes)


async def test_board_of_who_waits_reads_what_may_wait_and_nothing_more(inbox: Inbox, owner_url: str) -> None:
    now = inbox.clock.now()
    async with inbox.db.tx(inbox.system) as tx:
        await tx.run(_FILL_PEOPLE, inbox.tenant_id, inbox.account_id, now, now - timedelta(days=30))
    owner = await asyncpg.connect(owner_url)
    await owner.execute("ANALYZE guildhall.contacts; ANALYZE guildhall.conversations")
    await owner.close()
    for is_on in (True, False):
        async with inbox.db.tx(inbox.system) as tx:
            args = (inbox.tenant_id, is_on, now - board.KEPT_FOR, now)
            found_plan = await tx.value(f"EXPLAIN (ANALYZE, FORMAT JSON) {board._WAITING}", *args)
        plan: Any = json.loads(found_plan) if isinstance(found_plan, str) else found_plan
        nodes = _nodes(plan[0]["Plan"])
        read = [node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in nodes]
        assert max(read) <= 500, (is_on, read)  # those who wrote lately


async def test_files_that_wait_for_a_number_are_found_among_all_that_were_ever_sent(
    inbox: Inbox, owner_url: str
) -> None:
    found = await inbox.receive("hola")
    async with inbox.db.tx(inbox.system) as tx:
        await tx.run(_FILL, inbox.tenant_id, found.id, inbox.account_id, inbox.clock.now())
        await tx.run(_FILL_FILES)
    owner = await asyncpg.connect(owner_url)
    await owner.execute("ANALYZE guildhall.media")
    await owner.close()
    async with inbox.db.tx(inbox.system) as tx:
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {accounts._FILES}"
        found_plan = await tx.value(explain, inbox.tenant_id, inbox.account_id)
    plan: Any = json.loads(found_plan) if isinstance(found_plan, str) else found_plan
    nodes = _nodes(plan[0]["Plan"])
    assert max(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in nodes) <= 10
