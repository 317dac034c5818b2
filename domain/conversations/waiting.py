"""Which conversations wait for the assistant: their own rows are its queue (docs/adr/0014)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.conversations.changes import ConversationUseCases
from domain.kernel.actor import Actor
from domain.kernel.db import Tx

ALIVE_FOR = timedelta(seconds=15)  # a turn of which nothing was heard for so long died with its process
NO_TURN: dict[str, object] = {"waiting_since": None, "turn_due_at": None, "turn_id": None}
_DUE = """
SELECT tenant_id, id, turn_due_at FROM conversations WHERE turn_due_at <= $1 ORDER BY turn_due_at LIMIT $2
"""
_KEEP = """
UPDATE agent_turns SET alive_at = $4
WHERE tenant_id = $1 AND conversation_id = ANY($2) AND state = 'running' AND job_key = $3
"""


def wake_turn(tx: Tx, conversation_id: UUID, due_at: datetime) -> None:
    """Tell whoever takes turns in this process, after the commit, that one may be due; others find it by looking."""
    tx.turns[conversation_id] = due_at


class Waiting(ConversationUseCases):
    """What whoever takes turns has to know."""

    async def due_turns(self, limit: int) -> list[tuple[UUID, UUID]]:
        """Tenant and conversation of up to `limit` turns that may be due, of all tenants, the longest due first.

        Those that are at work are among them.
        """
        async with self._db.routing() as tx:
            return [(row["tenant_id"], row["id"]) for row in await tx.rows(_DUE, self._clock.now(), limit)]

    async def keep_turns(self, tenant_id: UUID, conversation_ids: Sequence[UUID], job_key: str) -> None:
        """Say that turns are still at work; of one that says nothing for 15 s others believe that it died."""
        async with self._db.tx(Actor.assistant(tenant_id, job_key), is_flushed=False) as tx:
            await tx.run(_KEEP, tenant_id, list(conversation_ids), job_key, self._clock.now())
