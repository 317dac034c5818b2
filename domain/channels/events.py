"""Inbound events: written before the webhook is answered, taken one after the other by the intake."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

from domain.channels.dto import InboundEvent, InboundItem
from domain.channels.jobs import TAKE_INBOUND
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Row, Tx
from domain.kernel.errors import InvalidInput
from domain.kernel.ids import uuid7
from domain.kernel.queue import enqueue_for_tenants

_LANES_PER_JOB = 8
_FIRST = 10  # a customer waits
_KEPT_FOR = timedelta(days=14)
_PURGED_AT_ONCE = 10_000
# In the order they came, so that `position` orders a lane; a repetition, here or earlier, stops at the unique key.
_ACCEPT = """
INSERT INTO inbound_events (id, tenant_id, account_id, kind, lane, dedup_key, item, state, received_at)
SELECT id, tenant_id, account_id, kind, lane, dedup_key, item::jsonb, 'new', $8
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
    WITH ORDINALITY AS given (id, tenant_id, account_id, kind, lane, dedup_key, item, place)
ORDER BY place
ON CONFLICT (account_id, dedup_key) DO NOTHING
RETURNING tenant_id, account_id, lane
"""
_TAKE = """
SELECT id, account_id, kind, item, attempt_count, received_at FROM inbound_events
WHERE tenant_id = $1 AND account_id = $2 AND lane = $3 AND state = 'new' ORDER BY position LIMIT 1 FOR UPDATE
"""
_FINISH = """
UPDATE inbound_events SET state = $3, error = left($4, 500), attempt_count = attempt_count + 1,
    finished_at = CASE WHEN $3 <> 'new' THEN coalesce($5, now()) END
WHERE tenant_id = $1 AND id = $2
"""
_PURGE = """
DELETE FROM inbound_events WHERE id IN (
    SELECT id FROM inbound_events WHERE tenant_id = $1 AND finished_at < $2 LIMIT $3)
"""


class Acceptance:
    """Keeps what webhooks bring."""

    _db: Database
    _clock: Clock

    async def accept(self, items: Sequence[InboundItem]) -> int:
        """Store items that are not known yet, with the jobs that take them; the number of new ones.

        One transaction for all tenants, durable when this returns. The same item again, at once or later, is
        nothing.

        Raises:
            InvalidInput: `channel.unreadable_item`: one of the items cannot be stored as JSON; none is stored.
            Unavailable, OutcomeUnknown: The database is away; giving the same items again is safe.
        """
        if not items:
            return 0
        try:
            columns = _columns(items)
            async with self._db.accepting() as tx:
                rows = await tx.rows(_ACCEPT, *columns, self._clock.now())
                await _enqueue(tx, rows)
        except (asyncpg.DataError, orjson.JSONEncodeError) as exc:
            raise InvalidInput("channel.unreadable_item", field="item") from exc
        return len(rows)

    async def purge(self, tenant_id: UUID, job_key: str) -> None:
        """Forget events that were finished more than 14 days ago."""
        before = self._clock.now() - _KEPT_FOR
        actor, purged_count = Actor.system(tenant_id, "inbound", job_key), _PURGED_AT_ONCE
        while purged_count == _PURGED_AT_ONCE:
            async with self._db.tx(actor) as tx:
                purged_count = await tx.run(_PURGE, tenant_id, before, _PURGED_AT_ONCE)


def _columns(items: Sequence[InboundItem]) -> tuple[list[object], ...]:
    """The items by column; JSON as text, because asyncpg blames what its codecs meet on the connection."""
    return (
        [uuid7() for _ in items],
        [item.tenant_id for item in items],
        [item.account_id for item in items],
        [item.kind for item in items],
        [item.lane for item in items],
        [item.dedup_key for item in items],
        [orjson.dumps(item.item).decode() for item in items],
    )


async def _enqueue(tx: Tx, rows: Sequence[Row]) -> None:
    """One job for up to eight lanes of an account."""
    lanes: dict[tuple[UUID, UUID], dict[str, None]] = {}
    for row in rows:
        lanes.setdefault((row["tenant_id"], row["account_id"]), {})[row["lane"]] = None
    payloads: list[tuple[UUID, dict[str, object]]] = [
        (tenant_id, {"account_id": str(account_id), "lanes": list(found)[start : start + _LANES_PER_JOB]})
        for (tenant_id, account_id), found in lanes.items()
        for start in range(0, len(found), _LANES_PER_JOB)
    ]
    if payloads:
        await enqueue_for_tenants(tx, TAKE_INBOUND, payloads, priority=_FIRST)


async def take_event(tx: Tx, account_id: UUID, lane: str) -> InboundEvent | None:
    """The next event of a lane, held until the transaction ends; None when nothing is left.

    Of two at once the second waits and then finds None; the first goes on with the lane.
    """
    row = await tx.row(_TAKE, tx.tenant_id, account_id, lane)
    return None if row is None else InboundEvent(**dict(row))


async def finish_event(
    tx: Tx, event_id: UUID, state: str, error: str | None = None, *, at: datetime | None = None
) -> None:
    """Say what became of an event: done, ignored, unknown or failed; `new` counts an attempt and leaves it waiting."""
    await tx.run(_FINISH, tx.tenant_id, event_id, state, error, at)
