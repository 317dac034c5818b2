"""How a turn of the agent begins: when a contact has been quiet, and where nobody else answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.conversations import messages, queries, turn_rows
from domain.conversations.asking_again import READ_COUNT, is_asked_again
from domain.conversations.changes import ConversationUseCases, Held, hold, notify
from domain.conversations.dto import Conversation, ConversationState, Direction, Message
from domain.conversations.inbound import MessageKind
from domain.conversations.turn_dto import TurnStart
from domain.conversations.turn_rows import Context
from domain.conversations.waiting import ALIVE_FOR, NO_TURN
from domain.kernel.actor import Actor
from domain.kernel.db import Tx

_HISTORY = 30


class TurnBeginnings(ConversationUseCases):
    """Begin turns."""

    async def begin_turn(self, tenant_id: UUID, conversation_id: UUID, job_key: str) -> TurnStart | datetime | None:
        """Begin to answer what waits in a conversation.

        Returns:
            The turn; or when it may be due; or None: nothing waits, or it is not for the agent to answer (a human,
            closed, snoozed, STOP, block, switched off, window closed).

        The same key again takes over from itself: its first run died. A newer turn makes an older one's answer void,
        but a person who has waited long gets that answer first.
        """
        async with self._db.tx(Actor.assistant(tenant_id, job_key), is_flushed=False) as tx:
            held = await hold(tx, conversation_id)
            conversation, now = held.conversation, self._clock.now()
            if conversation.waiting_since is None:
                return None
            due = await self._due(tx, conversation, job_key, now)
            context = await turn_rows.context(tx, conversation.contact_id, now)
            if is_silent(conversation, now) or _is_mute(context):
                await self._leave_it(tx, held, is_on=context.brief.profile.is_on)
                return None
            return due if due > now else await self._begin(tx, conversation, context, job_key, now)

    async def _begin(
        self, tx: Tx, conversation: Conversation, context: Context, job_key: str, now: datetime
    ) -> TurnStart | datetime | None:
        found = await messages.last(tx, conversation.id, READ_COUNT, has_notes=False)
        unanswered = tuple(message for message in found if _waits(message, conversation))
        inbound = (message.position for message in found if message.direction is Direction.IN)
        upto = max(inbound, default=conversation.answered_position)
        if not unanswered:  # all of it was deleted meanwhile
            await queries.change(tx, conversation.id, {"answered_position": upto, **NO_TURN})
            return None
        heard_at = self._heard_at(conversation, unanswered)
        if heard_at > now:
            return heard_at
        failed_count = await turn_rows.attempts(tx, conversation.id, upto) if conversation.turn_id is not None else 0
        if conversation.turn_id is not None:
            await turn_rows.supersede(tx, conversation.turn_id, now)
        others = [message for message in found if message not in unanswered and message.deleted_at is None]
        turn_id, number = await turn_rows.insert(tx, conversation.id, job_key, upto, now)
        after = queries.changed(conversation, {"turn_id": turn_id})
        return TurnStart(
            turn_id, number, after, context.contact, unanswered, tuple(others[-_HISTORY:]), now, tx.tenant_id,
            context.brief, failed_count, context.orders,
        )  # fmt: skip

    def _heard_at(self, conversation: Conversation, unanswered: Sequence[Message]) -> datetime:
        """Until when the words of a voice note may be waited for; `media_heard` wakes the turn earlier."""
        assert conversation.waiting_since is not None
        is_waiting = any(
            message.media is not None and message.media.transcript is None
            and message.kind in (MessageKind.VOICE, MessageKind.AUDIO) and message.media.state in ("waiting", "stored")
            for message in unanswered
        )  # fmt: skip
        return conversation.waiting_since + timedelta(seconds=self._timing.hearing_s if is_waiting else 0)

    async def _due(self, tx: Tx, conversation: Conversation, job_key: str, now: datetime) -> datetime:
        """When a turn may begin: after the quiet, and not beside one that is at work on the same."""
        assert conversation.waiting_since is not None
        due = conversation.turn_due_at or now
        running = None if conversation.turn_id is None else await turn_rows.running(tx, conversation.turn_id)
        if running is None or running["job_key"] == job_key or running["alive_at"] + ALIVE_FOR <= now:
            return due
        has_news = await turn_rows.first_after(tx, conversation.id, running["upto_position"]) is not None
        has_waited_long = now - conversation.waiting_since > self._longest
        if has_news and not has_waited_long:
            return due
        over: datetime = running["alive_at"] + ALIVE_FOR
        return max(due, over)

    async def _leave_it(self, tx: Tx, held: Held, *, is_on: bool) -> None:
        """What waits is not the agent's: nothing waits any more, and staff hears what nobody answers."""
        answered = await messages.last_inbound_position(tx, held.id)
        await queries.change(tx, held.id, {"answered_position": answered, **NO_TURN})
        conversation = held.conversation
        if conversation.state is ConversationState.BOT and not conversation.is_window_open(self._clock.now()):
            await notify(tx, self._clock, held.id, "not_sent", reason="window_closed", error="")
        elif conversation.state is ConversationState.BOT and not is_on:
            await notify(tx, self._clock, held.id, "left_unanswered")

    @property
    def _longest(self) -> timedelta:
        return timedelta(seconds=self._timing.quiet_longest_s)


def _waits(message: Message, conversation: Conversation) -> bool:
    is_new = message.position > conversation.answered_position
    return (
        message.direction is Direction.IN and (is_new or is_asked_again(message.content, conversation.waiting_since))
        and message.deleted_at is None and not message.is_history and not message.content.get("group_id")
    )  # fmt: skip


def is_silent(conversation: Conversation, now: datetime) -> bool:
    """Whether the agent may not answer in a conversation, whatever waits."""
    return (
        conversation.state is not ConversationState.BOT or conversation.snoozed_until is not None
        or not conversation.is_window_open(now)
    )  # fmt: skip


def _is_mute(context: Context) -> bool:
    """Whether the agent may not answer this person, or nobody."""
    contact = context.contact
    return not context.brief.profile.is_on or contact.opted_out_at is not None or contact.blocked_at is not None
