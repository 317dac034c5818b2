"""Takes what webhooks brought, lane by lane and in order, and applies it to people and conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import asyncpg
import structlog

from domain.channels.dto import InboundEvent
from domain.channels.events import STATUS
from domain.channels.service import ChannelService, finish_event, finish_events, take_events
from domain.contacts import queries as contacts_of
from domain.contacts.service import ContactService
from domain.conversations import messages
from domain.conversations.changes import hold
from domain.conversations.dto import Direction
from domain.conversations.inbound import Inbound, StatusUpdate, Unknown
from domain.conversations.ports import InboundParser
from domain.conversations.service import ConversationService
from domain.intake import alerts
from domain.intake.applying import Applying, is_wish
from domain.intake.ports import Detector
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import DomainError, OutcomeUnknown, Unavailable
from domain.leads.service import LeadService
from domain.tenancy.policy import Permission, require

log = structlog.get_logger("guildhall.intake")
_MOST_ATTEMPTS = 3
_AT_ONCE = 20  # statuses of one lane that share a transaction
_VISIT = 50  # transactions, after which the lane's place goes to another
# What one event's content can lead to: refused by us or by the database, or of a shape that we did not foresee.
_SPOILT = (DomainError, asyncpg.PostgresError, ValueError, TypeError, LookupError, AttributeError, AssertionError,
           ArithmeticError, RuntimeError)  # fmt: skip


class LaneEnd(StrEnum):
    """Why a visit to a lane ended."""

    EMPTY = "empty"
    MORE = "more"  # long enough for one visit
    HELD = "held"  # somebody else works on it
    FAILED = "failed"  # its first event failed and has attempts left


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a visit to a lane.

    Attributes:
        ended_count: Events that are done with.
        end: Why it ended.
    """

    ended_count: int
    end: LaneEnd


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
        self._conversations = conversations
        self._applying = Applying(clock, contacts, conversations, leads)

    async def take_lane(self, tenant_id: UUID, account_id: UUID, lane: str, key: str) -> Taken:
        """Apply a lane's events in order, for a while; several statuses share a transaction.

        Two at once do nothing twice: the second ends at once. An event that fails ends the visit and is tried again
        by the next one; after three times it is put aside with an alert, and those behind it go on.

        Raises:
            Unavailable, OutcomeUnknown: The database is away; what was not finished waits.
        """
        assert self._parser is not None, "events are taken where their provider is known"
        ended_count, alone_count = 0, 0
        for number in range(_VISIT):
            actor = Actor.system(tenant_id, "intake", f"{key}:{number}")
            limit = 1 if alone_count else _AT_ONCE
            found, events, exc = await self._take(actor, account_id, lane, limit)
            alone_count = max(0, alone_count - 1)
            if found is None:
                return Taken(ended_count, LaneEnd.HELD)
            if exc is None:
                ended_count += len(events)
                if len(events) == len(found) < limit:  # of what comes meanwhile, whoever called is told
                    return Taken(ended_count, LaneEnd.EMPTY)
            elif len(events) > 1:
                alone_count = len(events)  # one of them is to blame, and only that one counts an attempt
            elif await self._failed(actor, events[0], exc):
                ended_count += 1
            else:
                return Taken(ended_count, LaneEnd.FAILED)
        return Taken(ended_count, LaneEnd.MORE)

    async def heard(self, actor: Actor, message_id: UUID, words: str, locale: str | None = None) -> bool:
        """Obey a STOP or START that stands in a voice note, as if it was typed; whether it was one. Again says nothing.

        Args:
            actor: Our own worker.
            message_id: The voice note's message.
            words: What it says; untrusted.
            locale: In which language, where that is certain.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            row = await messages.read(tx, message_id)
            if row is None or row["direction"] != Direction.IN or row["is_history"] or "group_id" in row["content"]:
                return False
            await contacts_of.lock_merging(tx, is_shared=True)  # whose it is, it stays
            conversation = (await hold(tx, row["conversation_id"])).conversation
            contact = await contacts_of.read(tx, conversation.contact_id)
            if contact.blocked_at is not None or not is_wish(contact, words):
                return False
            await self._applying.obey(tx, contact, conversation, words, row["provider_id"] or "", locale)
            return True

    async def _take(
        self, actor: Actor, account_id: UUID, lane: str, limit: int
    ) -> tuple[Sequence[InboundEvent] | None, Sequence[InboundEvent], BaseException | None]:
        """Apply what comes next in one transaction: what waits, the events applied, and what went wrong with them."""
        found: Sequence[InboundEvent] | None = ()
        events: Sequence[InboundEvent] = ()
        try:
            async with self._db.tx(actor, is_flushed=False) as tx:  # the event is on the disk already
                found = await take_events(tx, account_id, lane, limit)
                if not found:
                    return found, (), None
                events = _together(found)
                if len(events) == 1 and events[0].kind != STATUS:
                    state = await self._apply(tx, events[0])
                    await finish_event(tx, events[0].id, state, at=self._clock.now())
                else:
                    await self._apply_statuses(tx, events)
                # At the end, so that nobody who has the number's row waits for anything else.
                last = events[-1]
                await self._channels.note_inbound(tx, account_id, last.received_at, last.item.get("entry_id"))
        except (Unavailable, OutcomeUnknown):
            raise
        except _SPOILT as exc:
            if not events:
                raise
            return found, events, exc
        return found, events, None

    async def _apply(self, tx: Tx, event: InboundEvent) -> str:
        assert self._parser is not None, "seen when the lane was taken"
        found = self._parser.parse(event.kind, event.item)
        await self._apply_each(tx, event, found)
        return self._state_of(found)

    async def _apply_each(self, tx: Tx, event: InboundEvent, found: Sequence[Inbound]) -> None:
        for inbound in found:
            await self._applying.apply(tx, event, inbound, await self._locale_of(inbound))
        unknown = next((inbound for inbound in found if isinstance(inbound, Unknown)), None)
        if unknown is not None:
            await alerts.alert(tx, self._clock, event.account_id, "unknown_item", unknown.why)

    def _state_of(self, found: Sequence[Inbound]) -> str:
        if any(isinstance(inbound, Unknown) for inbound in found):
            return "unknown"
        return "done" if any(map(self._applying.concerns_us, found)) else "ignored"

    async def _apply_statuses(self, tx: Tx, events: Sequence[InboundEvent]) -> None:
        """Apply what several statuses say: what follows for people and the number first, then the messages.

        Messages of several conversations are held together, as a merge does that moves them; so merging is held off
        before the first one, and whoever is recognised, and perhaps merged, is so earlier still.
        """
        assert self._parser is not None, "seen when the lane was taken"
        parsed = [(event, self._parser.parse(event.kind, event.item)) for event in events]
        states: dict[str, list[UUID]] = {}
        for event, found in parsed:
            await self._apply_each(tx, event, [one for one in found if not isinstance(one, StatusUpdate)])
            states.setdefault(self._state_of(found), []).append(event.id)
        await contacts_of.lock_merging(tx, is_shared=True)
        updates = [one for _, found in parsed for one in found if isinstance(one, StatusUpdate)]
        await self._conversations.apply_statuses(tx, events[0].account_id, updates)
        for state, ids in states.items():
            await finish_events(tx, ids, state, at=self._clock.now())

    async def _locale_of(self, inbound: Inbound) -> str | None:
        """The language of what a person wrote, when it tells."""
        text = self._applying.text_of(inbound)
        return await self._detector.language_of(text) if text and self._detector is not None else None

    async def _failed(self, actor: Actor, event: InboundEvent, exc: BaseException) -> bool:
        """Count the attempt; after the last one the event is put aside and somebody is told. Whether it was that."""
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
        return is_last


def _together(found: Sequence[InboundEvent]) -> Sequence[InboundEvent]:
    """The statuses at the front, or the one event that is something else."""
    count = next((place for place, event in enumerate(found) if event.kind != STATUS), len(found))
    return found[: max(1, count)]
