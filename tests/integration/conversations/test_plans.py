"""What is shown often costs what is shown, whatever the history holds."""

import json
from typing import Any

import asyncpg

from domain.conversations import messages
from tests.fixtures.inbox import Inbox

_FILL = """
INSERT INTO messages (id, tenant_id, conversation_id, account_id, direction, author, kind, body, state, sent_at,
                      created_at)
SELECT gen_random_uuid(), $1, $2, $3, 'in', 'contact', 'text', 'message ' || n, 'received', $4, $4
FROM generate_series(1, 20000) AS n
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
