"""SQL of messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.conversations.dto import Author, Direction, MediaInfo, Message
from domain.kernel.db import Row, Tx
from domain.kernel.ids import uuid7

REACTION = "reaction"  # an outgoing reaction: a row to send, shown on the message it is about
_BEFORE_ALL_MS = 10**14
_MEDIA = (
    "mime", "file_name", "size_bytes", "path", "is_voice", "transcript", "is_transcript_sure", "provider_media_id",
    "sha256",
)  # fmt: skip
COLUMNS = "m.*, f.message_id AS has_media, f.state AS media_state, f.error AS media_error, " + ", ".join(
    f"f.{name}" for name in _MEDIA
)
TABLES = "messages m LEFT JOIN media f ON f.message_id = m.id"
_SAME = (
    "id", "conversation_id", "position", "author_label", "author_member_id", "kind", "body", "content", "provider_id",
    "reply_to_provider_id", "reactions", "state", "error", "is_history", "sent_at", "edited_at", "deleted_at",
)  # fmt: skip
_INSERT = """
INSERT INTO messages (id, tenant_id, conversation_id, account_id, direction, author, author_member_id, author_label,
                      kind, body, content, provider_id, reply_to_provider_id, state, turn_id, discord_message_id,
                      sent_at, command_key, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
ON CONFLICT DO NOTHING
RETURNING position, EXISTS (SELECT 1 FROM early_news e WHERE e.account_id = $4 AND e.provider_id = $12) AS has_news
"""
# History lies before everything that was said since, in the order of its own time.
_INSERT_OLD = """
INSERT INTO messages (id, tenant_id, conversation_id, account_id, position, direction, author, kind, body, content,
                      provider_id, reply_to_provider_id, state, is_history, sent_at, created_at)
OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, true, $14, $15)
ON CONFLICT DO NOTHING RETURNING position
"""
LAST = f"""
SELECT {COLUMNS} FROM {TABLES} WHERE m.conversation_id = $1 AND m.kind <> '{REACTION}'
ORDER BY m.position DESC LIMIT {{}}
"""  # noqa: S608 - our own words
_LAST_SAID = LAST.replace("WHERE", "WHERE m.direction <> 'note' AND")
_ONE = f"SELECT {COLUMNS} FROM {TABLES} WHERE m.tenant_id = $1 AND m.id = $2"  # noqa: S608 - our own words
_BY_PROVIDER = f"SELECT {COLUMNS} FROM {TABLES} WHERE m.account_id = $1 AND m.provider_id = $2"  # noqa: S608 - our own words
_BY_COMMAND = f"SELECT {COLUMNS} FROM {TABLES} WHERE m.tenant_id = $1 AND m.command_key = $2"  # noqa: S608 - our own words
_INSERT_MEDIA = """
INSERT INTO media (message_id, tenant_id, account_id, provider_media_id, mime, sha256, file_name, path, is_voice,
                   state, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as it is written down."""

    conversation_id: UUID
    account_id: UUID
    direction: Direction
    author: Author
    kind: str
    body: str
    state: str
    sent_at: datetime
    content: Mapping[str, Any] = field(default_factory=dict)
    provider_id: str | None = None
    reply_to: str | None = None
    author_label: str = ""
    author_member_id: UUID | None = None
    turn_id: UUID | None = None
    discord_message_id: int | None = None
    command_key: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """Where a message was written.

    Attributes:
        has_news: Something about it came before it; exact while its provider's id is held.
    """

    id: UUID
    position: int
    has_news: bool = True


def message_of(row: Row) -> Message:
    """A row of `COLUMNS` as a message."""
    same = {name: row[name] for name in _SAME}
    return Message(direction=Direction(row["direction"]), author=Author(row["author"]), media=media_of(row), **same)


def media_of(row: Row) -> MediaInfo | None:
    """The file of a message's row, where it has one."""
    if row["has_media"] is None:
        return None
    same = {name: row[name] for name in (*_MEDIA, "account_id")}
    return MediaInfo(state=row["media_state"], error=row["media_error"], **same)


async def insert(tx: Tx, new: NewMessage, now: datetime) -> Written | None:
    """Write a message; None when its provider's id, its command or its Discord message is here already."""
    new_id = uuid7()
    row = await tx.row(
        _INSERT, new_id, tx.tenant_id, new.conversation_id, new.account_id, new.direction.value, new.author.value,
        new.author_member_id, new.author_label, new.kind, new.body, dict(new.content), new.provider_id or None,
        new.reply_to or None, new.state, new.turn_id, new.discord_message_id, new.sent_at, new.command_key, now,
    )  # fmt: skip
    return None if row is None else Written(new_id, row["position"], row["has_news"])


async def insert_old(tx: Tx, new: NewMessage, now: datetime) -> Written | None:
    """Write a message of the history: before all that was said since; None when it is here already."""
    new_id, position = uuid7(), int(new.sent_at.timestamp() * 1000) - _BEFORE_ALL_MS
    found = await tx.value(
        _INSERT_OLD, new_id, tx.tenant_id, new.conversation_id, new.account_id, position, new.direction.value,
        new.author.value, new.kind, new.body, dict(new.content), new.provider_id or None, new.reply_to or None,
        new.state, new.sent_at, now,
    )  # fmt: skip
    return None if found is None else Written(new_id, position)


async def insert_media(
    tx: Tx, message_id: UUID, account_id: UUID, now: datetime, *, mime: str, provider_media_id: str = "",
    sha256: str = "", file_name: str = "", path: str | None = None, is_voice: bool = False,
) -> None:  # fmt: skip
    """Note a message's file: at the provider still, or below the data folder already (`path`)."""
    state = "stored" if path else "waiting"
    values = (provider_media_id, mime, sha256, file_name[:255], path, is_voice, state, now)
    await tx.run(_INSERT_MEDIA, message_id, tx.tenant_id, account_id, *values)


async def read(tx: Tx, message_id: UUID) -> Row | None:
    """A message's row by its id."""
    return await tx.row(_ONE, tx.tenant_id, message_id)


async def by_provider_id(tx: Tx, account_id: UUID, provider_id: str) -> Row | None:
    """A message's row by the provider's id."""
    return await tx.row(_BY_PROVIDER, account_id, provider_id)


async def by_command(tx: Tx, command_key: str) -> Row | None:
    """The message a command wrote, if it did."""
    return await tx.row(_BY_COMMAND, tx.tenant_id, command_key)


async def last(tx: Tx, conversation_id: UUID, count: int, *, has_notes: bool = True) -> list[Message]:
    """The newest messages, oldest first; what the staff notes among them, or only what was said."""
    sql = LAST if has_notes else _LAST_SAID
    rows = await tx.rows(sql.format(int(count)), conversation_id)  # a number in the text is planned once
    return [message_of(row) for row in reversed(rows)]


async def last_inbound_position(tx: Tx, conversation_id: UUID) -> int:
    """Where the newest message of the contact stands; 0 when there is none."""
    sql = """SELECT coalesce((SELECT position FROM messages WHERE conversation_id = $1 AND direction = 'in'
             ORDER BY position DESC LIMIT 1), 0)"""
    return int(await tx.value(sql, conversation_id))


def held_as(account_id: UUID, provider_id: str) -> str:
    """Under which name a message is kept from the provider's news about it, and they from it."""
    return f"{account_id}:{provider_id}"


async def hold_provider_id(tx: Tx, account_id: UUID, provider_id: str) -> UUID | None:
    """Keep news about a message and the message itself from passing each other; the message's id, if it is here.

    The id may be stale when somebody else held the lock; what is written afterwards is not.
    """
    sql = """WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($3, 4)))
             SELECT (SELECT id FROM messages WHERE account_id = $1 AND provider_id = $2) FROM held"""
    found: UUID | None = await tx.value(sql, account_id, provider_id, held_as(account_id, provider_id))
    return found


async def by_discord_message(tx: Tx, discord_message_id: int) -> Row | None:
    """The note a staff member's Discord message became."""
    sql = f"SELECT {COLUMNS} FROM {TABLES} WHERE m.tenant_id = $1 AND m.discord_message_id = $2"  # noqa: S608 - our own words
    return await tx.row(sql, tx.tenant_id, discord_message_id)


async def all_of(tx: Tx, conversation_id: UUID) -> Sequence[Row]:
    """Every message and note, oldest first."""
    sql = f"SELECT {COLUMNS} FROM {TABLES} WHERE m.conversation_id = $1 AND m.kind <> '{REACTION}' ORDER BY m.position"  # noqa: S608 - our own words
    return await tx.rows(sql, conversation_id)
