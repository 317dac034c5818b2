"""Inbound events: written before the webhook is answered, and their own queue: `new` is what waits (docs/adr/0008)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

from domain.channels.dto import InboundEvent, InboundItem, Lane
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import InvalidInput
from domain.kernel.ids import uuid7

STATUS = "status"
_KEPT_FOR = timedelta(days=14)
_PURGED_AT_ONCE = 10_000
# `position` orders a lane, so it is given in the order they came. Written they are in the order of their key: two
# batches of the same items in opposite order would otherwise each wait for what the other has written. A repetition,
# here or earlier, stops at the unique key.
_ACCEPT = """
INSERT INTO inbound_events (id, tenant_id, account_id, position, kind, lane, dedup_key, item, state, received_at)
    OVERRIDING SYSTEM VALUE
SELECT id, tenant_id, account_id, position, kind, lane, dedup_key, item::jsonb, 'new', $8
FROM (
    SELECT *, nextval('inbound_events_position_seq') AS position
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
        WITH ORDINALITY AS given (id, tenant_id, account_id, kind, lane, dedup_key, item, place)
    ORDER BY place) numbered
ORDER BY account_id, dedup_key COLLATE "C", place
ON CONFLICT (account_id, dedup_key) DO NOTHING
"""
# From lane to lane along the index, however many events wait in each; begins behind the lane that was found last.
_WAITING = """
WITH RECURSIVE found AS (
    (SELECT tenant_id, account_id, lane, 1 AS place FROM inbound_events
     WHERE state = 'new' AND (account_id, lane) > ($1, $2) ORDER BY account_id, lane LIMIT 1)
    UNION ALL
    SELECT next.*, found.place + 1 FROM found, LATERAL (
        SELECT e.tenant_id, e.account_id, e.lane FROM inbound_events e
        WHERE e.state = 'new' AND (e.account_id, e.lane) > (found.account_id, found.lane)
        ORDER BY e.account_id, e.lane LIMIT 1) next
    WHERE found.place < $3
)
SELECT tenant_id, account_id, lane FROM found
"""
# Whoever has the lane's lock works on it; a lane that another has is left alone. Rows that were finished between this
# statement's view of them and the lock are seen again as they are now, and left out.
_TAKE = """
WITH held AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended($3, hashtextextended($2::uuid::text, 6))) AS it)
SELECT held.it, e.id, e.account_id, e.kind, e.item, e.attempt_count, e.received_at
FROM held LEFT JOIN LATERAL (
    SELECT * FROM inbound_events
    WHERE held.it AND tenant_id = $1 AND account_id = $2::uuid AND lane = $3 AND state = 'new'
    ORDER BY position LIMIT $4 FOR UPDATE) e ON true
"""
_FINISH = """
UPDATE inbound_events e SET state = $3, error = left($4, 500), attempt_count = attempt_count + 1,
    finished_at = CASE WHEN $3 <> 'new' THEN coalesce($5, now()) END
FROM unnest($2::uuid[]) AS ended (id) WHERE e.tenant_id = $1 AND e.id = ended.id
"""
_PURGE = """
DELETE FROM inbound_events WHERE id IN (
    SELECT id FROM inbound_events WHERE tenant_id = $1 AND finished_at < $2 LIMIT $3)
"""


Listener = Callable[[Sequence[Lane]], None]


class Acceptance:
    """Keeps what webhooks bring, and knows where something waits."""

    _db: Database
    _clock: Clock
    _listener: Listener | None = None

    def tell(self, listener: Listener) -> None:
        """Have `listener` called with the lanes of what this process stores, at once and after every commit.

        It must not raise, and must not wait. Other processes find the events by looking (`waiting_lanes`).
        """
        self._listener = listener

    async def accept(self, items: Sequence[InboundItem]) -> int:
        """Store items that are not known yet, and tell whoever takes them in this process; the number of new ones.

        One statement for all tenants, durable when this returns. The same item again, at once or later, is
        nothing.

        Raises:
            InvalidInput: `channel.unreadable_item`: one of the items cannot be stored as JSON; none is stored.
            Unavailable, OutcomeUnknown: The database is away; giving the same items again is safe.
        """
        if not items:
            return 0
        try:
            columns = _columns(items)
            count = await self._db.store(_ACCEPT, *columns, self._clock.now())
        except (asyncpg.DataError, orjson.JSONEncodeError) as exc:
            raise InvalidInput("channel.unreadable_item", field="item") from exc
        if count and self._listener is not None:
            self._listener([Lane(item.tenant_id, item.account_id, item.lane) for item in items])
        return count

    async def waiting_lanes(self, after: Lane | None, limit: int) -> list[Lane]:
        """Up to `limit` lanes in which events wait, of all tenants, in their own order behind `after`.

        Cheap however much waits: it reads one event of each lane.
        """
        place = (UUID(int=0), "") if after is None else (after.account_id, after.lane)
        async with self._db.routing() as tx:
            return [Lane(*row.values()) for row in await tx.rows(_WAITING, *place, limit)]

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


async def take_events(tx: Tx, account_id: UUID, lane: str, limit: int = 1) -> tuple[InboundEvent, ...] | None:
    """The next events of a lane, oldest first; the lane is held until the transaction ends.

    Empty when nothing waits; None when another transaction holds the lane.
    """
    rows = await tx.rows(_TAKE, tx.tenant_id, account_id, lane, limit)
    if not rows[0]["it"]:
        return None
    return tuple(InboundEvent(*list(row.values())[1:]) for row in rows if row["id"] is not None)


async def take_event(tx: Tx, account_id: UUID, lane: str) -> InboundEvent | None:
    """The next event of a lane, held until the transaction ends; None when nothing is left or another has the lane."""
    found = await take_events(tx, account_id, lane)
    return found[0] if found else None


async def finish_event(
    tx: Tx, event_id: UUID, state: str, error: str | None = None, *, at: datetime | None = None
) -> None:
    """Say what became of an event: done, ignored, unknown or failed; `new` counts an attempt and leaves it waiting."""
    await finish_events(tx, [event_id], state, error, at=at)


async def finish_events(
    tx: Tx, event_ids: Sequence[UUID], state: str, error: str | None = None, *, at: datetime | None = None
) -> None:
    """The same for several that ended alike."""
    await tx.run(_FINISH, tx.tenant_id, list(event_ids), state, error, at)
