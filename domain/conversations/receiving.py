"""What people write to us. Called in the intake's transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.contacts.dto import Contact, IdentifierKind, Identity
from domain.conversations import early, messages, queries
from domain.conversations.calling import AFTER_STOP, call_staff, handed_over, needs_person, told_after_stop
from domain.conversations.changes import (
    ConversationUseCases,
    Held,
    board_changes,
    mirror_and_refresh,
    notify,
)
from domain.conversations.dto import Conversation, ConversationState, Received
from domain.conversations.inbound import ReceivedMessage
from domain.conversations.messages import Written
from domain.conversations.opening import hold_open
from domain.conversations.profile import AgentProfile, profile_of
from domain.conversations.returning import unanswered
from domain.conversations.settings import read_settings
from domain.conversations.waiting import wake_turn
from domain.conversations.writing_down import keep_media, written_down
from domain.kernel.db import Tx


@dataclass(frozen=True, slots=True)
class _Arrival:
    contact: Contact
    inbound: ReceivedMessage
    settings: AgentProfile
    sent_at: datetime  # never later than it was received
    now: datetime
    may_answer: bool


class Receiving(ConversationUseCases):
    """Messages on their way in. The same message twice is one message."""

    async def receive(
        self, tx: Tx, contact: Contact, account_id: UUID, inbound: ReceivedMessage, received_at: datetime,
        *, may_answer: bool = True,
    ) -> Received | None:  # fmt: skip
        """Write a contact's message down, show it in the thread, and have it answered where the agent answers.

        Args:
            tx: The intake's transaction.
            contact: Who wrote, as it is in this transaction.
            account_id: Which number they wrote to.
            inbound: What they wrote.
            received_at: When the webhook came; a later `sent_at` is not believed.
            may_answer: False for what no turn may follow, like STOP.

        Returns:
            What became of it; None for a message that is here already.
        """
        place = await self._place(tx, contact, account_id, inbound.provider_id)
        if place is None:
            return None
        held, is_new, settings = place
        sent_at, now = min(inbound.sent_at, received_at), self._clock.now()
        written = await messages.insert(tx, written_down(held, account_id, inbound, sent_at), now)
        if written is None:
            return None
        arrival = _Arrival(contact, inbound, settings, sent_at, now, may_answer)
        after, needs_turn, is_called = await self._arrive(tx, held, arrival, written)
        await keep_media(tx, account_id, written.id, inbound, now)
        if written.has_news:
            await early.apply(tx, account_id, inbound.provider_id)
        await mirror_and_refresh(tx, self._clock, held.id, written.id)
        if is_called:  # below the message, as any call for a person
            await call_staff(
                tx, self._clock, held.id, AFTER_STOP, await told_after_stop(tx, inbound.kind, inbound.text)
            )
        return Received(after, written.id, is_new, needs_turn)

    async def _place(
        self, tx: Tx, contact: Contact, account_id: UUID, provider_id: str
    ) -> tuple[Held, bool, AgentProfile] | None:
        """The conversation, whether it is new, and the settings; None: the message is here already."""
        row = await queries.lock_arriving(tx, contact.id, account_id, provider_id)
        if row is not None:
            held = Held(queries.conversation_of(row), row)
            return None if row["is_here"] else (held, False, profile_of(row["settings"]))
        if await messages.hold_provider_id(tx, account_id, provider_id):
            return None
        settings = await read_settings(tx)
        held, is_new = await hold_open(tx, self._clock, contact.id, account_id, settings.reopen_hours, contact.name)
        return held, is_new, settings

    async def _arrive(
        self, tx: Tx, held: Held, arrival: _Arrival, written: Written
    ) -> tuple[Conversation, bool, bool]:  # fmt: skip
        """Set what a message changes of its conversation; also whether a turn will answer, or a person has to."""
        before, inbound = held.conversation, arrival.inbound
        changes: dict[str, object] = {"last_activity_at": arrival.now}
        if not inbound.group_id:
            changes |= _window(held, inbound, arrival.sent_at)
        state = await self._woken(tx, held, arrival.now, changes)
        answers = (
            arrival.may_answer and arrival.settings.is_on and state is ConversationState.BOT
            and arrival.contact.opted_out_at is None and arrival.contact.blocked_at is None and not inbound.group_id
        )  # fmt: skip
        is_called = False
        if answers:
            since = before.waiting_since or arrival.now
            due = self._timing.due_at(since, arrival.now)
            changes |= {"waiting_since": since, "turn_due_at": due}
            wake_turn(tx, held.id, due)
        elif before.waiting_since is None:
            changes["answered_position"] = written.position
            is_called = state is ConversationState.BOT and _needs_person(arrival)
            if is_called:
                changes |= handed_over(arrival.settings, AFTER_STOP, arrival.now)
        await queries.change(tx, held.id, changes)
        if not answers:
            await board_changes(tx)
        return queries.changed(before, changes), answers, is_called

    async def _woken(self, tx: Tx, held: Held, now: datetime, changes: dict[str, object]) -> ConversationState:
        """A message ends a snooze, and finds a silence that is over ended."""
        before = held.conversation
        if before.snoozed_until is not None:
            changes["snoozed_until"] = None
            await notify(tx, self._clock, held.id, "snooze_over")
        is_over = before.human_until is not None and before.human_until <= now
        if before.state is ConversationState.HUMAN and is_over:
            changes |= {"state": "bot", "human_until": None, "handoff_reason": ""}
            waiting = await unanswered(tx, held.id, now)  # what came before this message, too
            changes |= {name: value for name, value in waiting.items() if name == "answered_position"}
            await notify(tx, self._clock, held.id, "silence_over")
            return ConversationState.BOT
        return before.state


def _needs_person(arrival: _Arrival) -> bool:
    inbound = arrival.inbound
    is_for_us = arrival.may_answer and not inbound.group_id
    return is_for_us and needs_person(arrival.contact, arrival.settings, inbound.kind, inbound.text)


def _window(held: Held, inbound: ReceivedMessage, sent_at: datetime) -> dict[str, object]:
    """What opens the window and says where answers go; a message that came late does not set it back."""
    changes: dict[str, object] = {}
    last = held.conversation.last_inbound_at
    if last is None or sent_at >= last:
        changes |= {"last_inbound_at": sent_at, "last_inbound_provider_id": inbound.provider_id}
        address = reply_address(inbound.sender)
        if address:
            changes["reply_channel_id"] = address
    if inbound.referral is not None:
        changes["referred_at"] = sent_at
    return changes


def reply_address(sender: Identity) -> str | None:
    """Where an answer goes, as the provider delivered it: the number where it is known, else the user id."""
    return sender.identifiers.get(IdentifierKind.WA_ID) or sender.identifiers.get(IdentifierKind.BSUID)
