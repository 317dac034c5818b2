"""One worker's way through a lane: take, send, note what became of it, and take the next in the same transaction."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import asyncpg

from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import OutcomeUnknown, PermanentFailure, TransientFailure, Unavailable, UnknownOutcome
from domain.outbox import forbidden, queries
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.forbidden import NOT_PERMITTED
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


@dataclass(slots=True)
class LaneRun:
    """The attempt is recorded before the call, the outcome after it, and no transaction is open in between.

    Attributes:
        listener: Is told what became of messages on WhatsApp.
        lease: How long an attempt may take; after it, another process may find out what became of it.
        ended_count: Messages that ended so far.
    """

    db: Database
    clock: Clock
    sender: Sender
    listener: DeliveryListener | None
    lease: timedelta
    actor: Actor
    lane: str
    ended_count: int = 0

    async def run(self) -> int:
        """Send what is due, in order; the number of messages that ended."""
        async with self.db.tx(self.actor) as tx:
            message = await self._take(tx)
        while message is not None:
            message = await self._deliver(message)
        return self.ended_count

    async def _take(self, tx: Tx) -> Outbound | None:
        """The lane's next message; where no channel is bound for them, all that wait end here."""
        now = self.clock.now()
        message = await queries.take_head(tx, self.lane, now, now - self.lease)
        if message is not None and message.channel == "whatsapp" and self.listener is not None:
            assert message.subject_id is not None, "a message on WhatsApp has a row"
            content = await self.listener.deliverable(tx, message.subject_id)
            return replace(message, content=content, renew=partial(self._renew, message))
        if message is None or message.purpose is None:
            return message
        if not message.is_bound and not message.is_told:
            await self._tell_of_fallback(tx, message.purpose)
        if message.channel_id is not None:
            return message
        self.ended_count += await queries.cancel_lane(tx, message, now, "no channel is bound")
        return None

    async def _renew(self, message: Outbound) -> None:
        with suppress(Unavailable, OutcomeUnknown):  # the next time comes, or the lease ends: then somebody asks
            async with self.db.tx(self.actor) as tx:
                await queries.renew(tx, message, self.clock.now())

    async def _tell_of_fallback(self, tx: Tx, purpose: str) -> None:
        # Alerts of a shop without a channel of their own belong into the log, and /setup asks for none.
        is_at_home = purpose in (Purpose.LOG, Purpose.RED_ALERTS)
        if not is_at_home and await queries.is_unbound_and_untold(tx, purpose):
            await post_notice(tx, self.clock, Purpose.LOG, Kind.CHANNEL_MISSING, {"purpose": purpose})

    async def _deliver(self, message: Outbound) -> Outbound | None:
        """One attempt; the next message, or None when the lane has to wait."""
        try:
            found = await self._find(message)
        except TransientFailure as failure:
            await self._wait(message, "unknown", failure.retry_after_s, str(failure))
            return None
        except PermanentFailure as failure:
            if failure.code == NOT_PERMITTED and message.channel_id is not None:
                return await self._forbidden(message, failure, "unknown")
            if failure.code != CHANNEL_IS_GONE:
                return await self._end(message, "failed", str(failure), None)
            found = None  # gone with all that stood there: sending finds out what follows from that
        if found is None and message.attempted_at is not None and message.card is None:
            again = await self._noted_as_resent(message)
            if again is None:
                self.ended_count += 1
                return await self._next()
            message = again
        try:
            receipt = found or await self.sender.send(message)
        except TransientFailure as failure:
            wait_s = max(failure.retry_after_s, min(2.0 ** min(message.attempt_count, 6), _LONGEST_WAIT_S))
            await self._wait(message, "queued", wait_s, str(failure))
            return None
        except UnknownOutcome as failure:
            await self._wait(message, "unknown", 2.0, str(failure))
            return None
        except PermanentFailure as failure:
            return await self._refused(message, failure)
        return await self._end(message, "cancelled" if receipt == NOTHING_TO_SEND else "sent", None, receipt)

    async def _find(self, message: Outbound) -> Receipt | None:
        """What an earlier attempt left at the provider; an edit may simply be made again."""
        if message.attempted_at is None or message.card is not None:
            return None
        return await self.sender.reconcile(message)

    async def _noted_as_resent(self, message: Outbound) -> Outbound | None:
        async with self.db.tx(self.actor) as tx:
            return await queries.note_resending(tx, message, self.clock.now())

    async def _next(self) -> Outbound | None:
        async with self.db.tx(self.actor) as tx:
            return await self._take(tx)

    async def _refused(self, message: Outbound, failure: PermanentFailure) -> Outbound | None:
        if failure.code == NOT_PERMITTED and message.channel_id is not None and message.kind is not Kind.BOARD_MOVED:
            return await self._forbidden(message, failure, "queued")
        forget: Callable[[Tx, Outbound], Awaitable[None]] | None = None
        if failure.code == CARD_IS_GONE and message.card is not None:
            forget = queries.forget_card
        elif failure.code == THREAD_IS_GONE and message.thread_id is not None:
            forget = queries.forget_thread
        elif failure.code == CHANNEL_IS_GONE and message.purpose is not None:
            forget = queries.unbind_channel  # somebody deleted it: the log channel takes over and is told
        if forget is None:
            return await self._end(message, "failed", str(failure), None)
        await self._post_elsewhere(message, forget, str(failure))
        self.ended_count += 1
        return await self._next()

    async def _post_elsewhere(
        self, message: Outbound, forget: Callable[[Tx, Outbound], Awaitable[None]], why: str
    ) -> None:
        async def put_back() -> None:
            async with self.db.tx(self.actor) as tx:
                await forget(tx, message)
                await queries.put_back(tx, message.id, "queued", self.clock.now(), why)

        await _past_a_newer_refresh(put_back)

    async def _forbidden(self, message: Outbound, failure: PermanentFailure, state: str) -> Outbound | None:
        """Discord wants a permission that somebody may give (back): said once, and waited for, not for long."""
        async with self.db.tx(self.actor) as tx:
            await forbidden.tell(tx, self.clock, message)
        wait_s = forbidden.wait_s(message.attempt_count)
        await self._wait(message, state, wait_s, str(failure), forbidden.give_up_after(message))
        return await self._next()

    async def _wait(
        self, message: Outbound, state: str, wait_s: float, error: str, give_up_after: timedelta = _GIVE_UP_AFTER
    ) -> None:
        now = self.clock.now()

        async def put_back() -> None:
            async with self.db.tx(self.actor) as tx:
                if await queries.is_older_than(tx, message.id, now - give_up_after):
                    await self._finish(tx, message, "failed", f"given up: {error}"[:300], None)
                    return
                await queries.put_back(tx, message.id, state, now + timedelta(seconds=wait_s), error)
                if state == "unknown":
                    await self._tell(tx, message, state, error, None)

        await _past_a_newer_refresh(put_back)

    async def _end(self, message: Outbound, state: str, error: str | None, receipt: Receipt | None) -> Outbound | None:
        """Note the outcome, and take the next."""
        async with self.db.tx(self.actor) as tx:
            has_more = await self._finish(tx, message, state, error, receipt)
            if state == "sent" and receipt:
                await queries.remember_cards(tx, message, receipt)
                await self._tell_of_thread(tx, message, receipt)
                await forbidden.got_through(tx, self.clock, message)
            following = await self._take(tx) if has_more else None
        self.ended_count += 1
        return following

    async def _tell_of_thread(self, tx: Tx, message: Outbound, receipt: Receipt) -> None:
        if self.listener is not None and receipt.thread is not None and message.conversation_id is not None:
            await self.listener.thread_opened(tx, message.conversation_id)

    async def _finish(self, tx: Tx, message: Outbound, state: str, error: str | None, receipt: Receipt | None) -> bool:
        """End it; whether more may wait behind it."""
        has_more = await queries.finish(tx, message, state, self.clock.now(), error, receipt)
        if has_more is None:
            return True
        await self._tell(tx, message, state, error, receipt)
        return has_more

    async def _tell(self, tx: Tx, message: Outbound, state: str, error: str | None, receipt: Receipt | None) -> None:
        if self.listener is not None and message.channel == "whatsapp":
            await self.listener.delivery_changed(tx, message, state, error, receipt)


async def _past_a_newer_refresh(put_back: Callable[[], Awaitable[None]]) -> None:
    """Put a message back; once more when a newer refresh of its card came at this very moment: then it is seen."""
    try:
        await put_back()
    except asyncpg.UniqueViolationError:
        await put_back()
