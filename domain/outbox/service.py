"""Deliver what waits in the outbox, lane by lane, without lies about what arrived."""

from datetime import timedelta
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.outbox import queries
from domain.outbox.delivering import CARD_IS_GONE, CHANNEL_IS_GONE, NOTHING_TO_SEND, THREAD_IS_GONE, LaneRun
from domain.outbox.forbidden import NOT_PERMITTED
from domain.outbox.ports import DeliveryListener, Sender

__all__ = ["CARD_IS_GONE", "CHANNEL_IS_GONE", "NOTHING_TO_SEND", "NOT_PERMITTED", "THREAD_IS_GONE", "OutboxService"]


class OutboxService:
    """Delivery: the attempt is recorded before the call, the outcome after it, no transaction in between.

    Args:
        db: The database.
        clock: For due times and leases.
        sender: The door to the provider.
        lease: How long an attempt may take; after it, another process may find out what became of it.
        listener: Is told what became of messages on WhatsApp.
    """

    def __init__(
        self, db: Database, clock: Clock, sender: Sender, lease: timedelta = timedelta(seconds=30),
        listener: DeliveryListener | None = None,
    ) -> None:  # fmt: skip
        self._db = db
        self._clock = clock
        self._sender = sender
        self._lease = lease
        self._listener = listener

    async def deliver_lane(self, tenant_id: UUID, lane: str, job_key: str) -> int:
        """Send what is due in a lane, in order; the number of messages that ended.

        Running twice at once is harmless: one holds the lane, the other finds nothing to do.
        """
        actor = Actor.system(tenant_id, "outbox", job_key)
        return await LaneRun(self._db, self._clock, self._sender, self._listener, self._lease, actor, lane).run()

    async def due_lanes(self) -> list[tuple[UUID, str]]:
        """Tenant and lane of all that may be delivered now, whoever wrote it; the longest due first.

        A lane whose message is being sent is among them only when that attempt is older than the lease.
        """
        now = self._clock.now()
        async with self._db.routing() as tx:
            return await queries.due_lanes(tx, now, now - self._lease)
