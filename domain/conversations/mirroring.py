"""What the thread shows of a message: the message, whom it is with, and what it answers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.contacts.dto import Contact
from domain.conversations import messages, queries
from domain.conversations.dto import Conversation, Message
from domain.kernel.actor import Actor
from domain.kernel.db import Database, Row, Tx
from domain.kernel.errors import NotFound
from domain.outbox.kinds import Kind
from domain.tenancy.policy import Permission, require

_PLACE = "SELECT channel_id, message_id FROM posted_cards WHERE tenant_id = $1 AND kind = $2 AND subject_id = $3"


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A message for its thread.

    Attributes:
        earlier: Its texts before edits, oldest first.
        quoted: The message it answers, where we have it.
        quoted_at: Discord channel and message in which that one stands.
    """

    message: Message
    conversation: Conversation
    contact: Contact
    earlier: tuple[str, ...] = ()
    quoted: Message | None = None
    quoted_at: tuple[int, int] | None = None


async def read_mirrored(db: Database, actor: Actor, message_id: UUID) -> Mirrored:
    """A message as it is now, in one transaction.

    Raises:
        NotFound: `conversation.unknown_message`; another tenant's is just as unknown.
    """
    require(actor, Permission.CONVERSATION_SEE)
    async with db.tx(actor) as tx:
        row = await messages.read(tx, message_id)
        if row is None:
            raise NotFound("conversation.unknown_message")
        conversation = await queries.read(tx, row["conversation_id"])
        quoted = await _quoted(tx, row)
        return Mirrored(
            messages.message_of(row), conversation, await queries.contact(tx, conversation.contact_id),
            tuple(_text(entry) for entry in row["earlier"]), quoted, await _place(tx, quoted.id) if quoted else None,
        )  # fmt: skip


async def _quoted(tx: Tx, row: Row) -> Message | None:
    if not row["reply_to_provider_id"]:
        return None
    found = await messages.by_provider_id(tx, row["account_id"], row["reply_to_provider_id"])
    return messages.message_of(found) if found is not None else None


async def _place(tx: Tx, message_id: UUID) -> tuple[int, int] | None:
    found = await tx.row(_PLACE, tx.tenant_id, Kind.CONVERSATION_MESSAGE.value, message_id)
    return (found["channel_id"], found["message_id"]) if found is not None else None


def _text(entry: Any) -> str:
    """One earlier text, kept alone or with when it was replaced."""
    return str(entry.get("body", entry.get("text", ""))) if isinstance(entry, dict) else str(entry)
