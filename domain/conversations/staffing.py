"""Who has a conversation: taken over, given back, assigned, set aside, closed, opened again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit.service import record
from domain.contacts import queries as contacts
from domain.conversations import messages, queries
from domain.conversations.changes import (
    ConversationUseCases,
    Held,
    finish,
    hold_for_staff,
    notify,
    refresh_card,
)
from domain.conversations.changes import refuse_closed as _refuse_closed
from domain.conversations.dto import INTRODUCES, Author, Conversation, ConversationState
from domain.conversations.opening import OPENED
from domain.conversations.policy import refusal
from domain.conversations.replying import taken_by_human
from domain.conversations.returning import announcement, unanswered
from domain.conversations.settings import read_settings
from domain.conversations.speaking import speak
from domain.conversations.waiting import NO_TURN, wake_turn
from domain.kernel.actor import Actor
from domain.kernel.db import Tx
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.tenancy.policy import Permission, require

LONGEST_SNOOZE = timedelta(days=90)
_AT_ONCE = 200
_OVER = """
SELECT id, state, human_until, snoozed_until FROM conversations
WHERE tenant_id = $1 AND (state = 'human' AND human_until <= $2 OR snoozed_until <= $2)
ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
"""
# Of a silence that ended by itself no event tells, but its length does.
_TAKEN_BY = """
SELECT CASE WHEN kind <> 'given_back' AND at > $2 THEN actor_member_id END FROM conversation_events
WHERE conversation_id = $1 AND kind IN ('taken_over', 'prolonged', 'given_back') ORDER BY position DESC LIMIT 1
"""
_MEMBER = "SELECT name FROM members WHERE tenant_id = $1 AND id = $2 AND status = 'active'"


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A conversation that somebody took over; `is_new` is False where they had it already."""

    conversation: Conversation
    is_new: bool = True


class Staffing(ConversationUseCases):
    """What staff does with a conversation.

    Each refuses with `NotFound` `conversation.unknown`, with `Conflict` naming the present state, and with
    `PermissionDenied`; a command that comes again changes nothing and returns what there is.
    """

    async def take_over(self, actor: Actor, conversation_id: UUID) -> TakenOver:
        """Silence the agent for the shop's hours. Whoever takes over an unowned one owns it, and its unowned lead.

        The contact reads once who answers now, inside the window, where somebody else has spoken to them.
        Again by who has it: the silence is prolonged, and the thread hears nothing of it.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            held = await hold_for_staff(tx, conversation_id)
            if held.is_repeat:
                return TakenOver(held.conversation)
            _refuse_closed(held.conversation)
            silence = (await read_settings(tx)).silence
            until = self._clock.now() + silence
            changes = await taken_by_human(tx, self._clock, held, until)
            if await self._is_theirs(tx, held, silence):
                return TakenOver(await self._prolong(tx, held, changes), is_new=False)
            await self._taken_over(tx, held.conversation)  # before anything is shown: see there
            await self._announce(tx, held.conversation)
            after = await finish(tx, self._clock, held.conversation, "taken_over", changes, member=actor.label,
                                 until=until)  # fmt: skip
            return TakenOver(after)

    async def give_back(self, actor: Actor, conversation_id: UUID) -> Conversation:
        """Let the agent answer again; what the contact wrote last and nobody answered, within a day, at once.

        Raises:
            Conflict: `conversation.is_bot`: it does already.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            held = await hold_for_staff(tx, conversation_id)
            if held.is_repeat:
                return held.conversation
            _refuse_closed(held.conversation)
            if held.conversation.state is ConversationState.BOT:
                raise Conflict("conversation.is_bot", conversation=held.conversation.number)
            changes = await self._to_agent(tx, held.id, held.conversation.snoozed_until)
            return await finish(tx, self._clock, held.conversation, "given_back", changes, member=actor.label)

    async def assign(self, actor: Actor, conversation_id: UUID, member_id: UUID | None) -> Conversation:
        """Give a conversation to a member, or to nobody.

        Raises:
            NotFound: `conversation.unknown_member`: nobody active has this id.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            held = await hold_for_staff(tx, conversation_id)
            if held.is_repeat:
                return held.conversation
            owner = "" if member_id is None else await tx.value(_MEMBER, tx.tenant_id, member_id)
            if owner is None:
                raise NotFound("conversation.unknown_member")
            changes = {"owner_id": member_id}
            return await finish(tx, self._clock, held.conversation, "assigned", changes, member=actor.label,
                                owner=owner)  # fmt: skip

    async def snooze(self, actor: Actor, conversation_id: UUID, until: datetime) -> Conversation:
        """Set a conversation aside until an instant, or until its contact writes; the agent says nothing meanwhile.

        Raises:
            InvalidInput: `conversation.snooze`: not in the future, or more than 90 days ahead.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        now = self._clock.now()
        if not now < until <= now + LONGEST_SNOOZE:
            raise InvalidInput("conversation.snooze", field="until", days=LONGEST_SNOOZE.days)
        async with self._db.tx(actor) as tx:
            held = await hold_for_staff(tx, conversation_id)
            if held.is_repeat:
                return held.conversation
            _refuse_closed(held.conversation)
            answered = await messages.last_inbound_position(tx, held.id)
            changes = {"snoozed_until": until, "answered_position": answered, **NO_TURN}
            return await finish(tx, self._clock, held.conversation, "snoozed", changes, member=actor.label,
                                until=until)  # fmt: skip

    async def close(self, actor: Actor, conversation_id: UUID) -> Conversation:
        """End a conversation; its contact's next message opens it again, or a new one."""
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            held = await hold_for_staff(tx, conversation_id)
            if held.is_repeat:
                return held.conversation
            _refuse_closed(held.conversation)
            answered = await messages.last_inbound_position(tx, held.id)
            changes = {
                "state": "closed", "closed_at": self._clock.now(), "human_until": None, "snoozed_until": None,
                "handoff_reason": "", "answered_position": answered, **NO_TURN,
            }  # fmt: skip
            return await finish(tx, self._clock, held.conversation, "closed", changes, member=actor.label)

    async def reopen(self, actor: Actor, conversation_id: UUID) -> Conversation:
        """Open a closed conversation again; the agent answers in it, at once what nobody answered within a day.

        Raises:
            Conflict: `conversation.is_open`, or `conversation.has_live`: the contact has a newer one.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            await contacts.lock_merging(tx, is_shared=True)  # whose it is, it stays
            seen = await queries.read(tx, conversation_id)
            await queries.hold_opening(tx, seen.contact_id, seen.account_id)
            live = await queries.lock_live(tx, seen.contact_id, seen.account_id)
            held = await hold_for_staff(tx, conversation_id)
            if held.is_repeat:
                return held.conversation
            if held.conversation.state is not ConversationState.CLOSED:
                raise Conflict("conversation.is_open", conversation=held.conversation.number)
            if live is not None:
                raise Conflict("conversation.has_live", conversation=held.conversation.number, live=live["number"])
            changes = {**OPENED, **await self._to_agent(tx, held.id, held.conversation.snoozed_until)}
            return await finish(tx, self._clock, held.conversation, "reopened", changes, member=actor.label)

    async def end_silences(self, tenant_id: UUID, job_key: str) -> int:
        """Give back what humans held until now, and wake what was snoozed until now; the number found."""
        async with self._db.tx(Actor.system(tenant_id, "clock", job_key)) as tx:
            now = self._clock.now()
            rows = await tx.rows(_OVER, tenant_id, now, _AT_ONCE)
            for row in rows:
                changes: dict[str, object] = {}
                is_back = row["snoozed_until"] is not None and row["snoozed_until"] <= now
                if row["state"] == "human" and row["human_until"] is not None and row["human_until"] <= now:
                    changes |= await self._to_agent(tx, row["id"], None if is_back else row["snoozed_until"])
                    await notify(tx, self._clock, row["id"], "silence_over")
                if is_back:
                    changes["snoozed_until"] = None
                    await notify(tx, self._clock, row["id"], "snooze_over")
                await queries.change(tx, row["id"], changes)
                await refresh_card(tx, self._clock, row["id"])
            return len(rows)

    async def _to_agent(self, tx: Tx, conversation_id: UUID, snoozed_until: datetime | None) -> dict[str, object]:
        """The columns of a conversation the agent has again; what nobody answered gets its turn at once."""
        changes: dict[str, object] = {"state": "bot", "human_until": None, "handoff_reason": ""}
        if snoozed_until is None and (await read_settings(tx)).is_on:
            now = self._clock.now()
            waiting = await unanswered(tx, conversation_id, now)
            if waiting:
                wake_turn(tx, conversation_id, now)
            changes |= waiting
        return changes

    async def _announce(self, tx: Tx, before: Conversation) -> None:
        """Tell the contact by name who has taken over, as nobody's answer: what they asked still waits for one."""
        contact, now = await queries.contact(tx, before.contact_id), self._clock.now()
        if refusal(before, contact, Author.SYSTEM, now, is_template=False, is_confirmation=False):
            return
        said = await announcement(tx, before.id, contact)
        if said is not None:
            marks = {INTRODUCES: str(tx.actor.member_id)}
            await speak(tx, self._clock, before.id, before.account_id, said, Author.SYSTEM, "system", marks=marks)

    async def _is_theirs(self, tx: Tx, held: Held, silence: timedelta) -> bool:
        """Whether this member took the conversation over last, and nothing has taken it from them since."""
        found = held.conversation
        if found.state is not ConversationState.HUMAN or found.handoff_reason or found.snoozed_until is not None:
            return False
        now, member_id = self._clock.now(), tx.actor.member_id
        is_over = found.human_until is not None and found.human_until <= now
        return not is_over and member_id is not None and await tx.value(_TAKEN_BY, held.id, now - silence) == member_id

    async def _prolong(self, tx: Tx, held: Held, changes: Mapping[str, object]) -> Conversation:
        number, now = held.conversation.number, self._clock.now()
        await queries.change(tx, held.id, {**changes, "last_activity_at": now})
        await queries.insert_event(tx, held.id, "prolonged", {}, now)
        await refresh_card(tx, self._clock, held.id)
        await record(tx, self._clock, "conversation.prolonged", f"conversation {number}")
        return await queries.read(tx, held.id)
