"""What becomes of messages afterwards: reactions, edits, deletions; before the message itself, too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.contacts.dto import Contact, Identity
from domain.conversations import early, messages, queries, turn_rows
from domain.conversations.asking_again import is_asked_again, is_in_reach, mark, may_be_answered, says_the_same, written
from domain.conversations.calling import AFTER_STOP, call_staff, handed_over, needs_person, told_after_stop
from domain.conversations.changes import (
    ConversationUseCases,
    Held,
    board_changes,
    hold,
    mirror,
    notify,
    refresh_card,
)
from domain.conversations.dto import ConversationState, Direction
from domain.conversations.inbound import PhoneEchoEdit, ReceivedEdit, ReceivedReaction, ReceivedRevoke
from domain.conversations.profile import AgentProfile
from domain.conversations.receiving import reply_address
from domain.conversations.settings import read_settings
from domain.conversations.waiting import wake_turn
from domain.kernel.actor import Actor
from domain.kernel.db import Row, Tx


class Changing(ConversationUseCases):
    """News about messages; a turn follows only an edit that asks something else. Twice changes nothing more."""

    async def react(self, tx: Tx, account_id: UUID, news: ReceivedReaction) -> None:
        """A contact reacted to a message of either side, or took it back."""
        kept = {"who": "contact", "emoji": news.emoji}
        await self._apply(tx, account_id, news.target_id, "reaction", kept, news.sent_at)

    async def edit(
        self, tx: Tx, contact: Contact, account_id: UUID, news: ReceivedEdit, *, may_answer: bool = True
    ) -> None:
        """A contact changed a message of theirs; the earlier text is kept. Anybody else's stays as it is.

        One that asks something else after it was answered is answered again, once the contact was quiet; one that is
        being answered makes that answer void. Where people answer it waits for one of them, and after STOP it calls one
        as a new question would; in what is closed nothing follows.

        Args:
            tx: The intake's transaction.
            contact: Who changed it.
            account_id: On which number.
            news: What it says now.
            may_answer: False for what nobody need answer, like STOP.
        """
        await messages.hold_provider_id(tx, account_id, news.target_id)
        before = await written(tx, account_id, news.target_id)
        held = None if before is None else await hold(tx, before["conversation_id"])  # before the message: as others do
        kept = {"text": news.text, "direction": Direction.IN.value, "contact_id": str(contact.id)}
        is_changed = await self._apply(tx, account_id, news.target_id, "edit", kept, news.sent_at)
        if not is_changed or before is None or held is None or says_the_same(before["body"], news.text):
            return
        if held.conversation.state is ConversationState.CLOSED:
            return
        settings = await read_settings(tx)
        if may_be_answered(held.conversation, contact, self._clock.now()) and settings.is_on:
            await self._ask_again(tx, held, before)
        elif may_answer:
            is_called = needs_person(contact, settings, before["kind"], news.text)
            await self._ask_people(tx, held, settings, before, news.text if is_called else None)

    async def revoke(self, tx: Tx, contact: Contact, account_id: UUID, news: ReceivedRevoke) -> None:
        """A contact deleted a message of theirs: staff still sees what it said, the agent does not."""
        kept = {"direction": Direction.IN.value, "contact_id": str(contact.id)}
        await self._apply(tx, account_id, news.target_id, "revoke", kept, news.sent_at)

    async def echo_changed(self, tx: Tx, account_id: UUID, news: PhoneEchoEdit) -> None:
        """The shop's phone changed or deleted a message it sent."""
        kind = "revoke" if news.text is None else "edit"
        kept = {"text": news.text, "direction": Direction.OUT.value}
        await self._apply(tx, account_id, news.target_id, kind, kept, news.sent_at)

    async def readdress(self, tx: Tx, contact_id: UUID, account_id: UUID, after: Identity) -> None:
        """The contact's number or user id is another one: answers go there from now on."""
        address, row = reply_address(after), await queries.lock_live(tx, contact_id, account_id)
        if address and row is not None:
            await queries.change(tx, row["id"], {"reply_channel_id": address})

    async def note_blocked(self, tx: Tx, contact_id: UUID, account_id: UUID) -> None:
        """A blocked person wrote: their thread hears of it, once a day, and not what they wrote."""
        row = await queries.lock_latest(tx, contact_id, account_id)
        if row is None:
            return
        now = self._clock.now()
        if await queries.insert_event(tx, row["id"], "blocked_attempt", {}, now, f"blocked:{now.date()}"):
            await notify(tx, self._clock, row["id"], "blocked_attempt")

    async def forget_early_news(self, tenant_id: UUID, job_key: str) -> None:
        """Drop news whose message never came."""
        async with self._db.tx(Actor.system(tenant_id, "inbound", job_key)) as tx:
            await early.forget(tx, self._clock.now() - early.KEPT_FOR)

    async def _ask_people(
        self, tx: Tx, held: Held, settings: AgentProfile, changed: Row, asked: str | None
    ) -> None:  # fmt: skip
        """A person is to answer: board and card show it, and what is `asked` after STOP calls one, as in `receive`."""
        conversation, now = held.conversation, self._clock.now()
        is_agents = conversation.state is ConversationState.BOT
        called_for = asked if is_agents and conversation.waiting_since is None else None
        await mark(tx, changed["id"], now)
        changes: dict[str, object] = {"last_activity_at": now}
        if called_for is not None:
            changes |= handed_over(settings, AFTER_STOP, now)
            is_agents = False
        if conversation.snoozed_until is not None and not (is_agents and settings.is_on):
            changes["snoozed_until"] = None  # as a message does
            await notify(tx, self._clock, held.id, "snooze_over")
        await queries.change(tx, held.id, changes)
        await board_changes(tx)
        if called_for is not None:  # below the message, as any call for a person
            told = await told_after_stop(tx, changed["kind"], called_for)
            await call_staff(tx, self._clock, held.id, AFTER_STOP, told)
        await refresh_card(tx, self._clock, held.id)

    async def _ask_again(self, tx: Tx, held: Held, changed: Row) -> None:
        conversation, now = held.conversation, self._clock.now()
        if not await is_in_reach(tx, changed):
            return
        since = conversation.waiting_since or now
        is_new = conversation.waiting_since is not None and changed["position"] > conversation.answered_position
        is_waiting = is_new or is_asked_again(changed["content"], conversation.waiting_since)
        if is_waiting and conversation.turn_id is None:
            return  # the turn that is due reads what stands there then
        if not is_waiting:
            await mark(tx, changed["id"], max(now, since))
        if conversation.turn_id is not None:
            await turn_rows.supersede(tx, conversation.turn_id, now)
        due = self._timing.due_at(since, now)
        await queries.change(tx, held.id, {"waiting_since": since, "turn_due_at": due, "turn_id": None})
        wake_turn(tx, held.id, due)

    async def _apply(
        self, tx: Tx, account_id: UUID, target_id: str, kind: str, news: Mapping[str, Any], at: datetime
    ) -> bool:
        """Whether the message is another one now."""
        is_here = await messages.hold_provider_id(tx, account_id, target_id)
        changed = await early.apply_one(tx, account_id, target_id, kind, news, at)
        if changed is not None:
            if not changed["is_history"]:
                await mirror(tx, self._clock, changed["conversation_id"], changed["id"])
                if kind == "revoke":
                    await board_changes(tx)
        elif is_here is None and await messages.by_provider_id(tx, account_id, target_id) is None:
            await early.keep(tx, account_id, target_id, kind, news, at)
        return changed is not None
