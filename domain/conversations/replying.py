"""What staff says in a conversation: to its contact, and to each other."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.audit.service import record
from domain.contacts.dto import Contact
from domain.conversations import messages, queries
from domain.conversations.changes import (
    ConversationUseCases,
    Held,
    board_changes,
    hold_for_staff,
    mirror,
    notify,
    refuse_closed,
)
from domain.conversations.dto import Author, ConversationState, Direction, Message, Outgoing
from domain.conversations.messages import NewMessage, message_of
from domain.conversations.outgoing import PIECE_LIMIT, PIECES_COUNT, TEXT_LIMIT, cleaned_text
from domain.conversations.policy import refusal
from domain.conversations.reach import warns_first
from domain.conversations.returning import introduced
from domain.conversations.settings import read_settings
from domain.conversations.speaking import speak
from domain.conversations.waiting import NO_TURN
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.text import clean_text
from domain.tenancy.policy import Permission, require

NOTE_LIMIT = 4000


class Replying(ConversationUseCases):
    """Reply, and note; a command that comes again says nothing more and returns what it said."""

    async def reply(
        self, actor: Actor, conversation_id: UUID, outgoing: Outgoing, *, is_warned: bool = False
    ) -> Message:  # fmt: skip
        """Say something to the contact, and take the conversation over: the agent is silent for the shop's hours.

        The contact's live lead is contacted now, and the member's where it had no owner.

        Where the assistant spoke last, the contact reads first who speaks now. What does not fit into one message
        goes out as several, in order, all or none; the first one is returned. Where the provider says that nobody
        receives messages, the person hears that first, unless they have been told (`is_warned`); what they send after
        that goes out.

        Raises:
            Conflict: `conversation.window_closed` (only a template may be sent), `conversation.opted_out`,
                `conversation.blocked`, `conversation.is_closed`, `conversation.unreachable` (once).
            InvalidInput: Nothing to say, or too much: `conversation.too_many_pieces` beyond five messages.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        cleaned_text(outgoing, TEXT_LIMIT if self._splitter is None else PIECES_COUNT * PIECE_LIMIT)
        key = f"reply:{actor.command_key}"
        async with self._db.tx(actor) as tx:
            held = await hold_for_staff(tx, conversation_id)
            row = await messages.by_command(tx, key)
            if row is not None:
                return message_of(row)
            refuse_closed(held.conversation)
            contact = await refuse_unsendable(tx, self._clock, held, is_template=outgoing.template is not None)
            if is_warned or not await warns_first(tx, self._clock, held, contact):
                return await self._replied(tx, held, contact, outgoing, key)
        raise Conflict("conversation.unreachable", conversation=held.conversation.number)

    async def _replied(self, tx: Tx, held: Held, contact: Contact, outgoing: Outgoing, key: str) -> Message:
        await self._shop_answered(tx, held.conversation.contact_id)  # before anything is shown: see there
        await self._taken_over(tx, held.conversation)
        await self._answer_as_human(tx, held)
        said = await self._say_in_pieces(tx, held, await introduced(tx, held.id, contact, outgoing), key)
        await record(tx, self._clock, "conversation.reply", f"conversation {held.conversation.number}")
        row = await messages.read(tx, said)
        assert row is not None, "it was just written"
        return message_of(row)

    async def note(
        self, actor: Actor, conversation_id: UUID, text: str, discord_message_id: int | None = None
    ) -> Message:
        """Keep an internal note: never sent, and once per Discord message. Closed conversations take notes, too."""
        require(actor, Permission.CONVERSATION_SEE)
        body = clean_text(text, field="text", limit=NOTE_LIMIT, is_required=True)
        async with self._db.tx(actor) as tx:
            conversation, now = await queries.read(tx, conversation_id), self._clock.now()
            key = f"note:{actor.command_key}"
            new = NewMessage(
                conversation_id=conversation.id, account_id=conversation.account_id, direction=Direction.NOTE,
                author=Author.MEMBER, kind="text", body=body, state="noted", sent_at=now, author_label=actor.label,
                author_member_id=actor.member_id, discord_message_id=discord_message_id, command_key=key,
            )  # fmt: skip
            written = await messages.insert(tx, new, now)
            if written is not None and discord_message_id is None:
                await mirror(tx, self._clock, conversation.id, written.id)  # what was typed in the thread stands there
            row = await messages.by_command(tx, key) if written is None else await messages.read(tx, written.id)
            if row is None:
                assert discord_message_id is not None, "the command or the Discord message was there before"
                row = await messages.by_discord_message(tx, discord_message_id)
            assert row is not None, "written, now or before"
            return message_of(row)

    async def _say_in_pieces(self, tx: Tx, held: Held, outgoing: Outgoing, key: str) -> UUID:
        """One message for each piece; the first one's id, whose key says for all that the command came."""
        pieces: Sequence[Outgoing] = [outgoing] if self._splitter is None else self._splitter(outgoing)
        if len(pieces) > PIECES_COUNT:
            raise InvalidInput("conversation.too_many_pieces", field="text", limit=PIECES_COUNT)
        limit, account_id = TEXT_LIMIT if self._splitter is None else PIECE_LIMIT, held.conversation.account_id
        said = [
            await speak(tx, self._clock, held.id, account_id, piece, Author.MEMBER, tx.actor.label,
                        command_key=f"{key}:{number}" if number else key, limit=limit)
            for number, piece in enumerate(pieces)
        ]  # fmt: skip
        return said[0]

    async def _answer_as_human(self, tx: Tx, held: Held) -> None:
        """A human's answer: the agent is silent from here on, and the thread hears of it where it was not before."""
        now = self._clock.now()
        until = now + (await read_settings(tx)).silence
        changes = await taken_by_human(tx, self._clock, held, until)
        await queries.change(tx, held.id, changes)
        await board_changes(tx)
        if held.conversation.state is ConversationState.BOT:
            params = {"member": tx.actor.label, "until": until.isoformat()}
            await queries.insert_event(tx, held.id, "taken_over", params, now)
            await notify(tx, self._clock, held.id, "taken_over", **params)


async def refuse_unsendable(tx: Tx, clock: Clock, held: Held, *, is_template: bool) -> Contact:
    """Refuse what a member may not say to this contact now; else whom it is said to.

    Raises:
        Conflict: `conversation.window_closed`, `conversation.opted_out` or `conversation.blocked`.
    """
    contact = await queries.contact(tx, held.conversation.contact_id)
    why = refusal(
        held.conversation, contact, Author.MEMBER, clock.now(), is_template=is_template, is_confirmation=False
    )  # fmt: skip
    if why:
        raise Conflict(f"conversation.{why}", conversation=held.conversation.number)
    return contact


async def taken_by_human(tx: Tx, clock: Clock, held: Held, until: datetime) -> dict[str, object]:
    """The columns of a conversation that a person answers from now on, at least until then."""
    now, before = clock.now(), held.conversation
    longer = max(until, before.human_until or until)
    owner = before.owner_id or tx.actor.member_id
    answered = await messages.last_inbound_position(tx, held.id)
    return {
        "state": "human", "human_until": longer, "last_human_at": now, "owner_id": owner, "snoozed_until": None,
        "handoff_reason": "", "answered_position": answered, **NO_TURN,  # the person it needed is here
    }  # fmt: skip
