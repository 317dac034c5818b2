"""Deliver what waits in the outbox, lane by lane, without lies about what arrived."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import asyncpg

from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import PermanentFailure, TransientFailure, UnknownOutcome
from domain.kernel.queue import enqueue
from domain.outbox import queries
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.jobs import DELIVER_LANE
from domain.outbox.kinds import Kind
from domain.outbox.ports import DeliveryListener, Sender
from domain.outbox.post import post_notice
from domain.tenancy.dto import Purpose

CARD_IS_GONE = "card_is_gone"
CHANNEL_IS_GONE = "channel_is_gone"
THREAD_IS_GONE = "thread_is_gone"
NOTHING_TO_SEND = Receipt(0, 0)
_LONGEST_WAIT_S = 60
_GIVE_UP_AFTER = timedelta(hours=24)
_STALE_LANES = """
SELECT DISTINCT lane FROM outbound_messages
WHERE tenant_id = $1 AND (state IN ('queued', 'unknown') AND due_at < $2 OR state = 'sending' AND attempted_at < $2)
"""


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
        self._suspicious_after = lease / 15

    async def deliver_lane(self, tenant_id: UUID, lane: str, job_key: str) -> int:
        """Send what is due in a lane, in order; the number of messages that ended.

        Running twice at once is harmless: one holds the lane, the other finds nothing to do.
        """
        actor = Actor.system(tenant_id, "outbox", job_key)
        ended_count = 0
        while (message := await self._take(actor, lane)) is not None:
            if not await self._deliver(actor, lane, message):
                break
            ended_count += 1
        return ended_count

    async def sweep(self, tenant_id: UUID, job_key: str) -> int:
        """Put lanes back on the queue that have waited past the lease; the number found. The net below it all."""
        async with self._db.tx(Actor.system(tenant_id, "outbox", job_key)) as tx:
            lanes = await tx.rows(_STALE_LANES, tenant_id, self._clock.now() - self._lease)
            for row in lanes:
                await enqueue(tx, DELIVER_LANE, {"lane": row["lane"]})
        return len(lanes)

    async def _take(self, actor: Actor, lane: str) -> Outbound | None:
        now = self._clock.now()
        async with self._db.tx(actor) as tx:
            message = await queries.take_head(tx, lane, now, now - self._lease)
            if message is None:
                await self._look_again_later(tx, lane)
            elif message.purpose is not None:
                await self._tell_of_fallback(tx, message)
            return message

    async def _look_again_later(self, tx: Tx, lane: str) -> None:
        """Somebody holds the lane: perhaps a process that died. Come back when its lease is over."""
        since = await queries.under_way_since(tx, lane)
        if since is not None and self._clock.now() - since > self._suspicious_after:
            wait = max(since + self._lease - self._clock.now(), timedelta()) + timedelta(milliseconds=100)
            await enqueue(tx, DELIVER_LANE, {"lane": lane}, delay=wait)

    async def _tell_of_fallback(self, tx: Tx, message: Outbound) -> None:
        purpose = message.purpose
        # Alerts of a shop without a channel of their own belong into the log, and /setup asks for none.
        is_at_home = purpose in (None, Purpose.LOG, Purpose.RED_ALERTS)
        if purpose and not is_at_home and await queries.is_unbound_and_untold(tx, purpose):
            await post_notice(tx, self._clock, Purpose.LOG, Kind.CHANNEL_MISSING, {"purpose": purpose})

    async def _deliver(self, actor: Actor, lane: str, message: Outbound) -> bool:
        """One attempt; False when the lane has to wait."""
        if message.purpose and message.channel_id is None:
            await self._end(actor, message, "cancelled", "no channel is bound")
            return True
        try:
            found = await self._find(message)
        except TransientFailure as failure:
            await self._wait(actor, lane, message, "unknown", failure.retry_after_s, str(failure))
            return False
        if found is None and message.attempted_at is not None and message.card is None:
            again = await self._noted_as_resent(actor, message)
            if again is None:
                return True
            message = again
        try:
            receipt = found or await self._sender.send(message)
        except TransientFailure as failure:
            wait_s = max(failure.retry_after_s, min(2.0 ** min(message.attempt_count, 6), _LONGEST_WAIT_S))
            await self._wait(actor, lane, message, "queued", wait_s, str(failure))
            return False
        except UnknownOutcome as failure:
            await self._wait(actor, lane, message, "unknown", 2.0, str(failure))
            return False
        except PermanentFailure as failure:
            return await self._refused(actor, lane, message, failure)
        state = "cancelled" if receipt == NOTHING_TO_SEND else "sent"
        await self._end(actor, message, state, None, receipt)
        return True

    async def _find(self, message: Outbound) -> Receipt | None:
        """What an earlier attempt left at the provider; an edit may simply be made again."""
        if message.attempted_at is None or message.card is not None:
            return None
        return await self._sender.reconcile(message)

    async def _noted_as_resent(self, actor: Actor, message: Outbound) -> Outbound | None:
        async with self._db.tx(actor) as tx:
            return await queries.note_resending(tx, message, self._clock.now())

    async def _refused(self, actor: Actor, lane: str, message: Outbound, failure: PermanentFailure) -> bool:
        if failure.code == CARD_IS_GONE and message.card is not None:
            await _past_a_newer_refresh(lambda: self._post_anew(actor, message, str(failure)))
            return True
        if failure.code == THREAD_IS_GONE and message.thread_id is not None:
            await _past_a_newer_refresh(lambda: self._post_in_new_thread(actor, message, str(failure)))
            return True
        if failure.code == CHANNEL_IS_GONE and message.purpose is not None:
            await _past_a_newer_refresh(lambda: self._post_elsewhere(actor, message, str(failure)))
            return True
        await self._end(actor, message, "failed", str(failure))
        return True

    async def _post_anew(self, actor: Actor, message: Outbound, why: str) -> None:
        async with self._db.tx(actor) as tx:
            await queries.forget_card(tx, message)
            await queries.put_back(tx, message.id, "queued", self._clock.now(), why)

    async def _post_in_new_thread(self, actor: Actor, message: Outbound, why: str) -> None:
        async with self._db.tx(actor) as tx:
            await queries.forget_thread(tx, message)
            await queries.put_back(tx, message.id, "queued", self._clock.now(), why)

    async def _post_elsewhere(self, actor: Actor, message: Outbound, why: str) -> None:
        """Somebody deleted the channel: forget it, so that the log channel takes over and is told."""
        async with self._db.tx(actor) as tx:
            await queries.unbind_channel(tx, message)
            await queries.put_back(tx, message.id, "queued", self._clock.now(), why)

    async def _wait(self, actor: Actor, lane: str, message: Outbound, state: str, wait_s: float, error: str) -> None:
        now, delay = self._clock.now(), timedelta(seconds=wait_s)

        async def put_back() -> None:
            async with self._db.tx(actor) as tx:
                if await queries.is_older_than(tx, message.id, now - _GIVE_UP_AFTER):
                    await self._finish(tx, message, "failed", f"given up: {error}"[:300], None)
                    return
                await queries.put_back(tx, message.id, state, now + delay, error)
                if state == "unknown":
                    await self._tell(tx, message, state, error, None)
                await enqueue(tx, DELIVER_LANE, {"lane": lane}, delay=delay + timedelta(milliseconds=50))

        await _past_a_newer_refresh(put_back)

    async def _end(
        self, actor: Actor, message: Outbound, state: str, error: str | None, receipt: Receipt | None = None
    ) -> None:
        async with self._db.tx(actor) as tx:
            await self._finish(tx, message, state, error, receipt)
            if state == "sent" and receipt:
                await queries.remember_cards(tx, message, receipt)
                if receipt.thread and message.conversation_id and self._listener is not None:
                    await self._listener.thread_opened(tx, message.conversation_id)

    async def _finish(self, tx: Tx, message: Outbound, state: str, error: str | None, receipt: Receipt | None) -> None:
        if await queries.finish(tx, message, state, self._clock.now(), error, receipt):
            await self._tell(tx, message, state, error, receipt)

    async def _tell(self, tx: Tx, message: Outbound, state: str, error: str | None, receipt: Receipt | None) -> None:
        if self._listener is not None and message.channel == "whatsapp":
            await self._listener.delivery_changed(tx, message, state, error, receipt)


async def _past_a_newer_refresh(put_back: Callable[[], Awaitable[None]]) -> None:
    """Put a message back; once more when a newer refresh of its card came at this very moment: then it is seen."""
    try:
        await put_back()
    except asyncpg.UniqueViolationError:
        await put_back()
