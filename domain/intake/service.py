"""Takes what webhooks brought, one event per transaction, and applies it to people and conversations."""

import asyncio
from uuid import UUID

import asyncpg
import structlog

from domain.channels.dto import InboundEvent
from domain.channels.service import ChannelService, finish_event, take_event
from domain.contacts.service import ContactService
from domain.conversations.inbound import Inbound, Unknown
from domain.conversations.ports import InboundParser
from domain.conversations.service import ConversationService
from domain.intake import alerts
from domain.intake.applying import Applying
from domain.intake.ports import Detector
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import DomainError, OutcomeUnknown, Unavailable
from domain.leads.service import LeadService

log = structlog.get_logger("guildhall.intake")
_MOST_ATTEMPTS = 3
# What one event's content can lead to: refused by us or by the database, or of a shape that we did not foresee.
_SPOILT = (DomainError, asyncpg.PostgresError, ValueError, TypeError, LookupError, AttributeError, AssertionError)


class IntakeService:
    """Everything that comes in by webhook.

    Args:
        db: The database.
        clock: For instants.
        channels, contacts, conversations, leads: The areas that events are applied to.
        parser: Knows the provider's items; None: there is no such door in this process.
        detector: Tells the language of a text; None: the contact's language is never changed.
    """

    def __init__(
        self, db: Database, clock: Clock, channels: ChannelService, contacts: ContactService,
        conversations: ConversationService, leads: LeadService, parser: InboundParser | None = None,
        detector: Detector | None = None,
    ) -> None:  # fmt: skip
        self._db = db
        self._clock = clock
        self._channels = channels
        self._parser = parser
        self._detector = detector
        self._applying = Applying(clock, contacts, conversations, leads)

    async def take_lane(self, tenant_id: UUID, account_id: UUID, lane: str, job_key: str) -> int:
        """Apply a lane's events in order; the number that ended.

        Two at once share the lane without doing anything twice. An event that fails three times is put aside with
        an alert, and the next one goes on.

        Raises:
            Unavailable, OutcomeUnknown: The database is away; the job is to run again.
        """
        assert self._parser is not None, "events are taken where their provider is known"
        ended_count = 0
        while await self._take_one(Actor.system(tenant_id, "intake", job_key), account_id, lane):
            ended_count += 1
        return ended_count

    async def _take_one(self, actor: Actor, account_id: UUID, lane: str) -> bool:
        event: InboundEvent | None = None
        try:
            async with self._db.tx(actor) as tx:
                event = await take_event(tx, account_id, lane)
                if event is None:
                    return False
                state = await self._apply(tx, event)
                await finish_event(tx, event.id, state, at=self._clock.now())
        except (Unavailable, OutcomeUnknown):
            raise
        except _SPOILT as exc:
            if event is None:
                raise
            await self._failed(actor, event, exc)
        return True

    async def _apply(self, tx: Tx, event: InboundEvent) -> str:
        assert self._parser is not None, "seen when the lane was taken"
        found = self._parser.parse(event.kind, event.item)
        for inbound in found:
            await self._applying.apply(tx, event, inbound, await self._locale_of(inbound))
        await self._channels.note_inbound(tx, event.account_id, event.received_at, event.item.get("waba_id"))
        unknown = next((inbound for inbound in found if isinstance(inbound, Unknown)), None)
        if unknown is not None:
            await alerts.alert(tx, self._clock, event.account_id, "unknown_item", unknown.why)
            return "unknown"
        return "done" if any(map(self._applying.concerns_us, found)) else "ignored"

    async def _locale_of(self, inbound: Inbound) -> str | None:
        """The language of what a person wrote, when it tells; off the loop, because models may have to be loaded."""
        text = self._applying.text_of(inbound)
        if not text or self._detector is None:
            return None
        return await asyncio.to_thread(self._detector.detect, text)

    async def _failed(self, actor: Actor, event: InboundEvent, exc: BaseException) -> None:
        """Count the attempt; after the last one the event is put aside and somebody is told."""
        is_last = event.attempt_count + 1 >= _MOST_ATTEMPTS
        why = exc.code if isinstance(exc, DomainError) else type(exc).__name__
        if is_last:
            log.error("inbound event put aside", event_id=str(event.id), kind=event.kind, exc_info=exc)
        else:
            log.warning("inbound event failed, tried again", event_id=str(event.id), kind=event.kind, error=why)
        async with self._db.tx(actor) as tx:
            await finish_event(tx, event.id, "failed" if is_last else "new", why, at=self._clock.now())
            if is_last:
                await alerts.alert(tx, self._clock, event.account_id, "failed_item", f"{event.kind}: {why}")
