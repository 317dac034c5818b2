"""A message's words: what it says, whatever kind it is."""

from collections.abc import Mapping
from typing import Any

from bot.ui.text import block, plain
from domain.conversations.content import named
from domain.conversations.dto import Message
from domain.conversations.inbound import MessageKind
from domain.i18n.reader import Reader

BODY_LIMIT = 2600
"""What stands in the card of a longer text; the whole is attached."""
_SIGNS = {
    MessageKind.IMAGE: "🖼️", MessageKind.VIDEO: "🎬", MessageKind.DOCUMENT: "📄", MessageKind.AUDIO: "🎵",
    MessageKind.VOICE: "🎙️", MessageKind.STICKER: "🏷️", MessageKind.LOCATION: "📍", MessageKind.CONTACTS: "👥",
    MessageKind.CHOICE: "🔘", MessageKind.FLOW_ANSWER: "📝", MessageKind.ORDER: "🛒", MessageKind.WELCOME: "👋",
    MessageKind.UNSUPPORTED: "❔", MessageKind.TEMPLATE: "📨", MessageKind.INTERACTIVE: "🔘",
}  # fmt: skip


def body_lines(read: Reader, message: Message) -> list[str]:
    """What a message says, made harmless; its kind in a word where it is no plain text."""
    kind = MessageKind(message.kind) if message.kind in set(MessageKind) else None
    lines: list[str] = []
    if kind is None or kind in _SIGNS:
        sign = _SIGNS.get(kind, "❔") if kind else "❔"
        lines.append(f"{sign} {read(f'conversation.kind.{kind}') if kind else read('conversation.kind.unsupported')}")
    if message.body:
        lines.append(block(message.body, BODY_LIMIT))
    lines += [f"> {line}" for line in content_lines(read, message)]
    for option in _options(message.content):
        lines.append(f"-# ▫️ {plain(option, 60)}")
    return lines


def in_short(read: Reader, message: Message, limit: int = 90) -> str:
    """A message in one line, for quotes."""
    if message.body:
        return plain(message.body, limit)
    known = message.kind in {kind.value for kind in _SIGNS}
    return read(f"conversation.kind.{message.kind}") if known else read("conversation.kind.unsupported")


def content_lines(read: Reader, message: Message, limit: int = 12) -> list[str]:
    """A place, cards, a form's answers or an order as `name: value` lines; lists are followed, long ones are cut."""
    found = named(message.kind, message.content, read)[:limit]
    return [f"{plain(name, 40)}: {plain(value, 200)}" if name else plain(value, 200) for name, value in found]


def _options(content: Mapping[str, Any]) -> list[str]:
    """The titles that the person may choose from; a message's row keeps id, title and description of each."""
    return [str(title) for _, title, _ in content.get("options", ())][:10]
