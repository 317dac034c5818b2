"""What goes out: every message of the shop is a row, an outbox row and a line in the thread, or none of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.conversations import early, messages, queries
from domain.conversations.calling import AFTER_STOP
from domain.conversations.changes import ConversationUseCases, mirror, notify, refresh_card
from domain.conversations.dto import Author, Conversation, Direction, Outgoing
from domain.conversations.messages import NewMessage
from domain.conversations.outgoing import TEXT_LIMIT, cleaned_text, content_of, kind_of
from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.outbox.post import post_said, post_whatsapp

CONFIRMATION = "is_confirmation"  # said even to somebody who just said STOP
HANDOFF = "is_handoff"  # the assistant's last words before a person: stale once it answers again


class Speaking(ConversationUseCases):
    """Say something to a contact."""

    async def say(
        self, tx: Tx, conversation_id: UUID, outgoing: Outgoing, author: Author, label: str,
        turn_id: UUID | None = None, command_key: str | None = None, *, is_confirmation: bool = False,
    ) -> UUID:  # fmt: skip
        """Put a message on its way; whether it may leave (window, STOP, block) is decided when it is sent.

        Args:
            tx: The business transaction.
            conversation_id: To whom.
            outgoing: What.
            author: Who says it; `label` is the name.
            label: For the thread and the transcript.
            turn_id: The agent's turn.
            command_key: The same command says it once.
            is_confirmation: The one answer to STOP, which goes out although the person is opted out.

        Returns:
            The message's id; the first one's when the command comes again.

        Raises:
            InvalidInput: Nothing to say, or too much.
        """
        conversation = await queries.read(tx, conversation_id)
        return await speak(
            tx, self._clock, conversation_id, conversation.account_id, outgoing, author, label, turn_id, command_key,
            is_confirmation=is_confirmation,
        )  # fmt: skip

    async def latest_of(self, tx: Tx, contact_id: UUID) -> Conversation | None:
        """The conversation of a contact in which something happened last, held; None when there is none."""
        row = await queries.lock_latest_of(tx, contact_id)
        return None if row is None else queries.conversation_of(row)

    async def note_once(self, tx: Tx, conversation_id: UUID, kind: str, key: str) -> bool:
        """Note in the conversation's history that something was done; False when it was done before."""
        return await queries.insert_event(tx, conversation_id, kind, {}, self._clock.now(), key)

    async def confirm_consent(
        self, tx: Tx, conversation: Conversation, outgoing: Outgoing, what: str, words: str
    ) -> None:
        """Answer STOP or START with one confirmation, and tell the thread (`opted_out` or `opted_in`)."""
        await speak(
            tx, self._clock, conversation.id, conversation.account_id, outgoing, Author.SYSTEM, "system",
            is_confirmation=True,
        )  # fmt: skip
        if what == "opted_out":
            answered = await messages.last_inbound_position(tx, conversation.id)
            nothing_waits = {"waiting_since": None, "turn_due_at": None, "turn_id": None}
            await queries.change(tx, conversation.id, {"answered_position": answered, **nothing_waits})
        elif conversation.handoff_reason == AFTER_STOP:  # the assistant may answer again, and nobody else has
            await queries.change(tx, conversation.id, {"state": "bot", "human_until": None, "handoff_reason": ""})
            await refresh_card(tx, self._clock, conversation.id)
        await notify(tx, self._clock, conversation.id, what, words=words[:200])


async def speak(
    tx: Tx, clock: Clock, conversation_id: UUID, account_id: UUID, outgoing: Outgoing, author: Author, label: str,
    turn_id: UUID | None = None, command_key: str | None = None, *, is_confirmation: bool = False,
    limit: int = TEXT_LIMIT, marks: Mapping[str, object] | None = None,
) -> UUID:  # fmt: skip
    """The same, where the conversation is known already; `limit` is the text's, `marks` say what it is said for."""
    now = clock.now()
    marks = {**(marks or {}), **({CONFIRMATION: True} if is_confirmation else {})}
    new = _written(
        tx, conversation_id, account_id, outgoing, author, label, now, turn_id, command_key, marks=marks, limit=limit
    )
    written = await messages.insert(tx, new, now)
    if written is None:
        assert command_key is not None, "only a command that came before is here already"
        row = await messages.by_command(tx, command_key)
        assert row is not None
        found: UUID = row["id"]
        return found
    await _keep_file(tx, written.id, account_id, outgoing, now)
    await _send(tx, clock, conversation_id, account_id, written.id, outgoing, now)
    return written.id


async def speak_all(
    tx: Tx, clock: Clock, conversation_id: UUID, account_id: UUID, said: Sequence[Outgoing], author: Author, label: str,
    turn_id: UUID, changes: Mapping[str, object],
) -> None:  # fmt: skip
    """Say several things of the assistant's in their order, and set columns of the conversation, which is held."""
    now = clock.now()
    last = {"last_outbound_at": now, "last_activity_at": now} if said else {}
    await queries.change(tx, conversation_id, {**changes, **last})
    ids = []
    for outgoing in said:
        written = await messages.insert(
            tx, _written(tx, conversation_id, account_id, outgoing, author, label, now, turn_id), now
        )
        assert written is not None, "it has no key that could be there already"
        ids.append(written.id)
        await _keep_file(tx, written.id, account_id, outgoing, now)
    if ids:
        await post_said(tx, clock, conversation_id, ids)


def _written(
    tx: Tx, conversation_id: UUID, account_id: UUID, outgoing: Outgoing, author: Author, label: str, now: datetime,
    turn_id: UUID | None, command_key: str | None = None, *, marks: Mapping[str, object] | None = None,
    limit: int = TEXT_LIMIT,
) -> NewMessage:  # fmt: skip
    content = {**content_of(outgoing), **(marks or {})}
    return NewMessage(
        conversation_id=conversation_id, account_id=account_id, direction=Direction.OUT, author=author,
        kind=kind_of(outgoing), body=cleaned_text(outgoing, limit), state="queued", sent_at=now, content=content,
        reply_to=outgoing.reply_to, author_label=label,
        author_member_id=tx.actor.member_id if author is Author.MEMBER else None, turn_id=turn_id,
        command_key=command_key,
    )  # fmt: skip


async def _keep_file(tx: Tx, message_id: UUID, account_id: UUID, outgoing: Outgoing, now: datetime) -> None:
    if outgoing.media_path:
        await messages.insert_media(
            tx, message_id, account_id, now, mime=outgoing.media_mime, file_name=outgoing.file_name,
            path=outgoing.media_path,
        )  # fmt: skip


async def _send(
    tx: Tx, clock: Clock, conversation_id: UUID, account_id: UUID, message_id: UUID, outgoing: Outgoing, now: datetime
) -> None:  # fmt: skip
    if outgoing.reaction is not None:
        await post_whatsapp(tx, clock, conversation_id, message_id)
        news = {"who": "shop", "emoji": outgoing.reaction}
        target = await early.apply_one(tx, account_id, outgoing.reply_to, "reaction", news, now)
        if target is not None and not target["is_history"]:
            await mirror(tx, clock, target["conversation_id"], target["id"])
        return
    await queries.change(tx, conversation_id, {"last_outbound_at": now, "last_activity_at": now})
    await post_said(tx, clock, conversation_id, [message_id])
