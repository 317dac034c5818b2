"""The agent's turns: begun when a contact has been quiet, ended under the conversation's lock, or void.

A turn carries its id. Whoever takes over, and every newer turn, changes the id in the conversation's row, so the
answer of an older turn finds that it is not wanted any more: nothing is said twice, and nothing over a human.

No commit here waits for the disk: what a turn says leaves only after the outbox has recorded its attempt, and that
commit does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.conversations import messages, queries, turn_rows
from domain.conversations.calling import call_staff, handed_over
from domain.conversations.changes import Held, hold, refresh_card
from domain.conversations.dto import Author, Conversation, Outgoing
from domain.conversations.settings import read_settings
from domain.conversations.speaking import HANDOFF, speak, speak_all
from domain.conversations.turn_beginning import TurnBeginnings, is_silent
from domain.conversations.turn_dto import TurnEnd, TurnStart, TurnTrace
from domain.conversations.turn_rows import Fence
from domain.conversations.waiting import NO_TURN, wake_turn
from domain.kernel.actor import Actor
from domain.kernel.db import Tx

LABEL = "assistant"


class Turns(TurnBeginnings):
    """Begin and end turns."""

    async def commit_reply(
        self, turn: TurnStart, bubbles: Sequence[Outgoing], trace: TurnTrace, *,
        guided: Mapping[str, Any] | None = None,
    ) -> TurnEnd:  # fmt: skip
        """Say the turn's answer, if it is still wanted; decided and written in one transaction.

        Args:
            turn: As it was begun.
            bubbles: What to say, in order.
            trace: How it came about; kept whatever becomes of it.
            guided: Where the guided menu stands now; None leaves it.

        Returns:
            REPLIED; or SILENCED or SUPERSEDED with nothing said. Ending a turn again returns how it ended.
        """
        async with self._db.tx(_assistant(turn), is_flushed=False) as tx:
            held = await hold(tx, turn.conversation.id)
            fence = await self._fence(tx, turn, held)
            end = await self._fenced(tx, turn, held, fence)
            if end is None and await self._is_overtaken(tx, held.conversation, fence):
                end = TurnEnd.SUPERSEDED
            if end is None:
                end = TurnEnd.REPLIED
                await self._say_all(tx, turn, held, fence, bubbles, guided)
            await self._close(tx, turn, end, trace)
            return end

    async def hand_off(self, turn: TurnStart, reason: str, summary: str, text: str, trace: TurnTrace) -> TurnEnd:
        """Give the conversation to a human: say `text`, be silent, and call the staff in its thread.

        Args:
            turn: As it was begun.
            reason: A short word, kept with the conversation.
            summary: For the staff; untrusted text.
            text: What the contact is told; empty: nothing.
            trace: How it came about.

        Returns:
            HANDED_OFF; or SILENCED or SUPERSEDED with nothing said and nobody called: somebody answers already.
        """
        async with self._db.tx(_assistant(turn), is_flushed=False) as tx:
            held = await hold(tx, turn.conversation.id)
            end = await self._fenced(tx, turn, held, await self._fence(tx, turn, held))
            if end is None:
                end = TurnEnd.HANDED_OFF
                await self._hand_over(tx, turn, held, reason, summary, text)
            await self._close(tx, turn, end, trace)
            return end

    async def abandon(self, turn: TurnStart, end: TurnEnd, trace: TurnTrace) -> None:
        """End a turn without a word. What it was to answer waits no longer; what came since gets a turn of its own."""
        async with self._db.tx(_assistant(turn), is_flushed=False) as tx:
            held = await hold(tx, turn.conversation.id)
            if held.conversation.turn_id == turn.turn_id:
                fence = await self._fence(tx, turn, held)
                await queries.change(tx, held.id, await self._answered(tx, turn, held, fence))
            await self._close(tx, turn, end, trace)

    async def _fence(self, tx: Tx, turn: TurnStart, held: Held) -> Fence:
        return await turn_rows.fence(tx, turn.turn_id, held.conversation.contact_id, _upto(turn))

    async def _fenced(self, tx: Tx, turn: TurnStart, held: Held, fence: Fence) -> TurnEnd | None:
        """Why the turn's answer is not wanted any more; None when it is."""
        if fence.ended is not None:
            return fence.ended
        conversation = held.conversation
        said = conversation.last_human_at
        is_not_ours = fence.is_mute or not fence.is_on or is_silent(conversation, self._clock.now())
        if is_not_ours or (said and said > turn.started_at):
            if conversation.turn_id == turn.turn_id:
                await self._leave_it(tx, held, is_on=fence.is_on)
            return TurnEnd.SILENCED
        return None if conversation.turn_id == turn.turn_id else TurnEnd.SUPERSEDED

    async def _is_overtaken(self, tx: Tx, conversation: Conversation, fence: Fence) -> bool:
        """Whether the contact wrote more, and has not waited too long for one answer to all of it."""
        now, since = self._clock.now(), conversation.waiting_since
        if since is None or now - since >= self._longest or fence.rest_at is None:
            return False
        await queries.change(tx, conversation.id, {"turn_id": None})
        wake_turn(tx, conversation.id, conversation.turn_due_at or now)
        return True

    async def _say_all(
        self, tx: Tx, turn: TurnStart, held: Held, fence: Fence, bubbles: Sequence[Outgoing],
        guided: Mapping[str, Any] | None,
    ) -> None:  # fmt: skip
        changes = await self._answered(tx, turn, held, fence)
        if guided is not None:
            changes["guided"] = dict(guided)
        if bubbles:
            changes["greeted_at"] = held.conversation.greeted_at or self._clock.now()
        account_id = held.conversation.account_id
        await self._shop_answered(tx, turn.contact.id)  # before anything is shown: see there
        await speak_all(tx, self._clock, held.id, account_id, bubbles, Author.AGENT, LABEL, turn.turn_id, changes)

    async def _hand_over(self, tx: Tx, turn: TurnStart, held: Held, reason: str, summary: str, text: str) -> None:
        now, settings = self._clock.now(), await read_settings(tx)
        changes: dict[str, object] = {
            **NO_TURN, "answered_position": await messages.last_inbound_position(tx, held.id),
            **handed_over(settings, reason[:200], now),
        }  # fmt: skip
        if text:
            changes["greeted_at"] = held.conversation.greeted_at or now
        await queries.change(tx, held.id, changes)
        if text:
            account_id = held.conversation.account_id
            await speak(tx, self._clock, held.id, account_id, Outgoing(text), Author.AGENT, LABEL, turn.turn_id,
                        marks={HANDOFF: True})  # fmt: skip
        await call_staff(tx, self._clock, held.id, reason[:200], summary[:1000])
        await refresh_card(tx, self._clock, held.id)

    async def _answered(self, tx: Tx, turn: TurnStart, held: Held, fence: Fence) -> dict[str, object]:
        """The columns of a conversation whose turn is over; what came since wakes the next turn."""
        rest = fence.rest_at
        changes: dict[str, object] = {**NO_TURN, "answered_position": _upto(turn)}
        if rest is not None:
            now = self._clock.now()
            due = min(held.conversation.turn_due_at or now, rest + self._longest)
            changes |= {"waiting_since": rest, "turn_due_at": due}
            wake_turn(tx, held.id, due)
        return changes

    async def _close(self, tx: Tx, turn: TurnStart, end: TurnEnd, trace: TurnTrace) -> None:
        """Keep how the turn ended, and count what it cost: once."""
        now = self._clock.now()
        today = turn.brief.tenant.day_of(now)
        await turn_rows.finish(tx, turn.turn_id, end, trace, now, today, turn.contact.id)


def _assistant(turn: TurnStart) -> Actor:
    return Actor.assistant(turn.tenant_id, f"turn:{turn.turn_id}")


def _upto(turn: TurnStart) -> int:
    """Where what is answered ends after the turn: a message that was answered before does not set it back."""
    return max(turn.conversation.answered_position, *(message.position for message in turn.unanswered))
