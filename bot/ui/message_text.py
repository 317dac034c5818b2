"""A message's words: what it says, whatever kind it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.ui.text import block, plain
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
_SHOWN_CONTENT = (MessageKind.LOCATION, MessageKind.CONTACTS, MessageKind.FLOW_ANSWER, MessageKind.ORDER)


def body_lines(read: Reader, message: Message) -> list[str]:
    """What a message says, made harmless; its kind in a word where it is no plain text."""
    kind = MessageKind(message.kind) if message.kind in set(MessageKind) else None
    lines: list[str] = []
    if kind is None or kind in _SIGNS:
        sign = _SIGNS.get(kind, "❔") if kind else "❔"
        lines.append(f"{sign} {read(f'conversation.kind.{kind}') if kind else read('conversation.kind.unsupported')}")
    if message.body:
        lines.append(block(message.body, BODY_LIMIT))
    if kind in _SHOWN_CONTENT:
        lines += [f"> {line}" for line in content_lines(message.content)]
    for option in _options(message.content):
        lines.append(f"-# ▫️ {plain(option, 60)}")
    return lines


def in_short(read: Reader, message: Message, limit: int = 90) -> str:
    """A message in one line, for quotes."""
    if message.body:
        return plain(message.body, limit)
    known = message.kind in {kind.value for kind in _SIGNS}
    return read(f"conversation.kind.{message.kind}") if known else read("conversation.kind.unsupported")


def content_lines(content: Mapping[str, Any], limit: int = 12) -> list[str]:
    """Structured content as `name: value` lines; lists and tables are followed, long ones are cut."""
    return [f"{plain(name, 40)}: {plain(value, 200)}" for name, value in _leaves("", content)][:limit]


def _leaves(name: str, value: Any, depth: int = 0) -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and depth < 4:
        return [leaf for key, inner in value.items() for leaf in _leaves(str(key), inner, depth + 1)]
    if isinstance(value, Sequence) and not isinstance(value, str) and depth < 4:
        return [leaf for inner in value for leaf in _leaves(name, inner, depth + 1)]
    return [(name, str(value))] if value not in (None, "") else []


def _options(content: Mapping[str, Any]) -> list[str]:
    options = content.get("options")
    if not isinstance(options, list):
        return []
    return [str(option["title"]) for option in options if isinstance(option, dict) and option.get("title")][:10]
