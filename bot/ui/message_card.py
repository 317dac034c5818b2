"""A message in its thread: who said it can be told at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from discord import ui

from bot.ui.cards import Card
from bot.ui.conversation_text import contact_name
from bot.ui.message_text import body_lines, in_short
from bot.ui.text import TEXT_LIMIT, block, clip, plain
from domain.conversations.dto import Author, Direction, Message
from domain.conversations.mirroring import Mirrored
from domain.conversations.policy import failure_of
from domain.i18n.reader import Reader

_SIGNS = {Author.CONTACT: "💬", Author.AGENT: "🤖", Author.MEMBER: "🧑‍💼", Author.PHONE: "📱", Author.SYSTEM: "⚙️"}
_COLOURS = {
    Author.CONTACT: 0x5865F2, Author.AGENT: 0x8E5BD0, Author.MEMBER: 0x2E9E5B, Author.PHONE: 0x1F8B9E,
    Author.SYSTEM: 0x80848E,
}  # fmt: skip
_NOTE_COLOUR, _FAILED_COLOUR = 0xC9A227, 0xD83C3E
_FORMER_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Shown:
    """A file of the message, or what to say in its stead."""

    media: Sequence[ui.Item[Any]] = ()
    line: str = ""


def message_card(read: Reader, mirrored: Mirrored, file: Shown | None = None, guild_id: int | None = None) -> Card:
    """The message as it is now: struck when deleted, with its former texts, its reactions and what went wrong."""
    message = mirrored.message
    lines = [_head(read, mirrored)]
    quote = _quote(read, mirrored, guild_id)
    lines += [quote] if quote else []
    lines += _body(read, mirrored)
    lines += _heard(read, message)
    if file is not None and file.line:
        lines.append(file.line)
    lines += _after(read, message)
    text: ui.TextDisplay[Any] = ui.TextDisplay(clip("\n".join(lines), TEXT_LIMIT))
    media = () if message.deleted_at is not None or file is None else file.media
    return Card(ui.Container(text, *media, accent_colour=_colour(message)))


def _colour(message: Message) -> int:
    if message.state == "failed":
        return _FAILED_COLOUR
    return _NOTE_COLOUR if message.direction is Direction.NOTE else _COLOURS[message.author]


def _head(read: Reader, mirrored: Mirrored) -> str:
    message = mirrored.message
    label = plain(message.author_label, 60)
    when = f"<t:{int(message.sent_at.timestamp())}:t>"
    if message.direction is Direction.NOTE:
        return f"📝 **{label}** · {read('conversation.message.note')} · {when}"
    who = contact_name(read, mirrored.contact) if message.author is Author.CONTACT else label
    shop = read(f"conversation.author.{message.author}") if message.author is not Author.CONTACT else ""
    who = "" if message.author in (Author.AGENT, Author.SYSTEM) else who  # their label is a word of ours
    parts = [f"{_SIGNS[message.author]} **{who or shop}**"]
    if who and shop:
        parts.append(shop)
    parts.append(when)
    if message.is_history:
        parts.append(read("conversation.message.history"))
    return " · ".join(parts)


def _quote(read: Reader, mirrored: Mirrored, guild_id: int | None) -> str:
    if not mirrored.message.reply_to_provider_id:
        return ""
    if mirrored.quoted is None:
        return f"> ↪️ {read('conversation.message.quote_unknown')}"
    text = in_short(read, mirrored.quoted)
    if mirrored.quoted_at is None or guild_id is None:
        return f"> ↪️ {text}"
    channel_id, message_id = mirrored.quoted_at
    return f"> ↪️ {text} https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def _body(read: Reader, mirrored: Mirrored) -> list[str]:
    message = mirrored.message
    lines = body_lines(read, message)
    if message.deleted_at is not None:
        struck = [f"~~{part}~~" for line in lines for part in line.splitlines() if part.strip()]
        return [*struck, f"🗑️ {read('conversation.message.deleted')}"]
    former = [f"-# ✏️ ~~{plain(text, _FORMER_LIMIT)}~~" for text in mirrored.earlier[-3:] if text]
    if message.edited_at is not None:
        former.append(f"-# {read('conversation.message.edited')}")
    return [*lines, *former]


def _heard(read: Reader, message: Message) -> list[str]:
    media = message.media
    if media is None or not media.transcript:
        return []
    key = "conversation.message.heard" if media.is_transcript_sure else "conversation.message.heard_unsure"
    return [read(key, text=block(media.transcript, 1200))]


def _after(read: Reader, message: Message) -> list[str]:
    lines: list[str] = []
    reactions = [
        f"{plain(emoji, 16)} {read(f'conversation.reacted.{who}')}"
        for who, emoji in message.reactions.items()
        if emoji and who in ("contact", "shop")
    ]
    if reactions:
        lines.append(f"-# {' · '.join(reactions)}")
    if message.direction is Direction.OUT:
        lines += _delivery(read, message)
    return lines


def _delivery(read: Reader, message: Message) -> list[str]:
    if message.state == "failed":
        return [f"⚠️ **{read('conversation.message.failed')}** {failure(read, message.error)}"]
    # The rest would grow old: the card is not edited again for a message that arrives as it should.
    known = ("cancelled", "unknown")
    return [f"-# {read(f'conversation.delivery.{message.state}')}"] if message.state in known else []


def failure(read: Reader, error: str | None) -> str:
    """Why a message was not sent, and what to do: in words where we know the reason, else the provider's."""
    reason = failure_of(error or "")
    if reason == "other":
        return read("conversation.failure.other", error=plain((error or "").strip(), 300) or "–")
    return read(f"conversation.failure.{reason}")
