"""Have messages leave at once that wait for a number, when it can send again."""

from uuid import UUID

from domain.kernel.clock import Clock
from domain.kernel.db import Tx

# What waits for another reason keeps its time: a limit is no shorter because of a new token.
_WAKE = """
UPDATE outbound_messages o SET due_at = $4 FROM messages m
WHERE o.tenant_id = $1 AND o.channel = 'whatsapp' AND o.state = 'queued' AND o.due_at > $4 AND o.error = ANY($3)
    AND m.tenant_id = o.tenant_id AND m.id = o.subject_id AND m.account_id = $2
RETURNING o.lane
"""
_STOPPED = ["meta: account_stopped", "meta: 190", "meta: 0"]
"""Why a message waits whose number may not send: it was stopped, or its token refused."""


async def wake_stopped(tx: Tx, clock: Clock, account_id: UUID) -> int:
    """Make due what waits for this number; found by this process at the commit, by others when they next look.

    Returns:
        How many lanes go on.
    """
    rows = await tx.rows(_WAKE, tx.tenant_id, account_id, _STOPPED, clock.now())
    lanes = {row["lane"] for row in rows}
    tx.lanes.update(lanes)
    return len(lanes)
