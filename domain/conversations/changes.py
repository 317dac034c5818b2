"""How every change of a conversation goes: hold it, refuse or repeat, change it, note it, tell its thread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit.service import record
from domain.conversations import queries
from domain.conversations.dto import Conversation, ConversationState
from domain.conversations.jobs import REFRESH_BOARD, REFRESH_CARDS
from domain.conversations.ports import ReplyListener, Splitter
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Row, Tx
from domain.kernel.errors import Conflict
from domain.kernel.queue import enqueue
from domain.outbox.kinds import Kind
from domain.outbox.post import post_in_thread, post_thread_card, post_thread_cards

# Notices after which somebody else answers, or a person is needed.
_WHO_ANSWERS = frozenset({
    "taken_over", "given_back", "silence_over", "assigned", "snoozed", "snooze_over", "closed", "reopened",
    "handed_off", "opted_out", "opted_in", "phone_echo", "merged",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class TurnTiming:
    """The assistant's patience with people who write in pieces.

    Attributes:
        quiet_s: So long nothing may come before a turn begins.
        quiet_longest_s: So long the first unanswered message waits at most for that.
        hearing_s: So long it waits at most for the words of a voice note; 0 where nobody puts them into words.
    """

    quiet_s: float = 1.5
    quiet_longest_s: float = 8.0
    hearing_s: float = 0.0

    def due_at(self, waiting_since: datetime, now: datetime) -> datetime:
        """When a turn is due after something was said now."""
        longest = waiting_since + timedelta(seconds=self.quiet_longest_s)
        return min(now + timedelta(seconds=self.quiet_s), longest)


class ConversationUseCases:
    """What the use cases of conversations share."""

    def __init__(
        self, db: Database, clock: Clock, timing: TurnTiming | None = None, reply_listener: ReplyListener | None = None,
        splitter: Splitter | None = None,
    ) -> None:  # fmt: skip
        self._db = db
        self._clock = clock
        self._timing = timing or TurnTiming()
        self._reply_listener = reply_listener
        self._splitter = splitter

    async def _shop_answered(self, tx: Tx, contact_id: UUID) -> None:
        """The shop answers in this transaction, which has shown nothing yet in the thread of the held conversation.

        The lead's news redraws the cards of all the contact's conversations, in one order for everybody: whoever had
        drawn one of them before would wait for whoever does the same in the contact's other conversation.
        """
        if self._reply_listener is not None:
            await self._reply_listener.replied(tx, contact_id)

    async def _taken_over(self, tx: Tx, before: Conversation) -> None:
        """The actor answers from now on; of a conversation that somebody else owns, the lead is not the actor's.

        As early as `_shop_answered`, and for the same reason.
        """
        if self._reply_listener is not None and before.owner_id in (None, tx.actor.member_id):
            await self._reply_listener.taken_over(tx, before.contact_id)

    async def thread_opened(self, tx: Tx, conversation_id: UUID) -> None:
        """See `DeliveryListener`: the conversation has its thread in Discord now."""
        if self._reply_listener is not None:
            await self._reply_listener.thread_opened(tx, (await queries.read(tx, conversation_id)).contact_id)


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation held for a change.

    Attributes:
        conversation: As it was before.
        row: Its row, with the columns that do not leave the area.
        is_repeat: The same command changed it before: answer with the conversation as it is.
    """

    conversation: Conversation
    row: Row
    is_repeat: bool = False

    @property
    def id(self) -> UUID:
        """The conversation's id."""
        return self.conversation.id


async def hold(tx: Tx, ref: int | UUID) -> Held:
    """Hold a conversation until the transaction ends: the area's one lock.

    Raises:
        NotFound: `conversation.unknown`.
    """
    conversation, row = await queries.lock(tx, ref)
    return Held(conversation, row)


async def hold_for_staff(tx: Tx, ref: int | UUID) -> Held:
    """The same for a command that may come twice: says whether it changed the conversation before."""
    held = await hold(tx, ref)
    return Held(held.conversation, held.row, await queries.is_repeat(tx, held.id))


def refuse_closed(conversation: Conversation) -> None:
    """Refuse what a closed conversation does not allow.

    Raises:
        Conflict: `conversation.is_closed`.
    """
    if conversation.state is ConversationState.CLOSED:
        raise Conflict("conversation.is_closed", conversation=conversation.number)


async def finish(
    tx: Tx, clock: Clock, before: Conversation, what: str, changes: Mapping[str, object], /,
    **params: object,
) -> Conversation:  # fmt: skip
    """Change the held conversation on a person's word: note it, tell the thread, record it in the audit chain.

    Args:
        tx: The business transaction.
        clock: For the instant.
        before: The conversation as it was held.
        what: A notice key below `conversation.notice.`.
        changes: Columns to set.
        params: What the notice says; ids, words and instants.
    """
    now = clock.now()
    await queries.change(tx, before.id, {**changes, "last_activity_at": now})
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in params.items()}
    await queries.insert_event(tx, before.id, what, told, now)
    await notify(tx, clock, before.id, what, **told)
    await refresh_card(tx, clock, before.id)
    details: dict[str, object] = {"from": before.state.value, "to": str(changes.get("state", before.state.value))}
    await record(tx, clock, f"conversation.{what}", f"conversation {before.number}", details)
    return await queries.read(tx, before.id)


async def notify(tx: Tx, clock: Clock, conversation_id: UUID, what: str, **params: object) -> None:
    """Say something to staff in the conversation's thread; instants are ISO 8601."""
    await post_in_thread(tx, clock, conversation_id, Kind.CONVERSATION_NOTICE, {"what": what, **params})
    if what in _WHO_ANSWERS:
        await board_changes(tx)


async def board_changes(tx: Tx) -> None:
    """Somebody waits for a person, or waits no more: have the board drawn anew, after the commit.

    By a job, because the board is one message of the whole shop: written here, everybody would wait for everybody.
    """
    await enqueue(tx, REFRESH_BOARD, {})


async def cards_change(tx: Tx) -> None:
    """What all cards show has changed: have those of live conversations drawn anew, bit by bit, after the commit."""
    await enqueue(tx, REFRESH_CARDS, {})


async def refresh_card(tx: Tx, clock: Clock, conversation_id: UUID) -> None:
    """Draw the conversation's card anew."""
    await post_thread_card(tx, clock, conversation_id, Kind.CONVERSATION_CARD, conversation_id)


async def mirror(tx: Tx, clock: Clock, conversation_id: UUID, message_id: UUID) -> None:
    """Show a message in the thread, or show it anew."""
    await post_thread_card(tx, clock, conversation_id, Kind.CONVERSATION_MESSAGE, message_id)


async def mirror_and_refresh(tx: Tx, clock: Clock, conversation_id: UUID, message_id: UUID) -> None:
    """Show a message in the thread, and draw the conversation's card anew."""
    cards = ((Kind.CONVERSATION_MESSAGE, message_id), (Kind.CONVERSATION_CARD, conversation_id))
    await post_thread_cards(tx, clock, conversation_id, cards)
