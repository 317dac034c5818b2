"""What a message holds besides its words (a place, cards, a form's answers, an order), as `name: value` pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.conversations.inbound import MessageKind
from domain.i18n.reader import Reader

_DEEPEST = 4
_PARTS = {
    MessageKind.LOCATION: "place", MessageKind.CONTACTS: "cards", MessageKind.FLOW_ANSWER: "answers",
    MessageKind.ORDER: "order",
}  # fmt: skip
_TOKEN = "flow_token"  # noqa: S105 - a key in a form's answer: the provider's own mark, no answer of the person's
_TOLD_COUNT = 20


def pairs(value: Any, name: str = "", depth: int = 0) -> list[tuple[str, str]]:
    """The values with the name that stands nearest, in their order; lists and objects are followed, empty ones go."""
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return [pair for key, inner in value.items() for pair in pairs(inner, str(key), depth + 1)]
    if isinstance(value, Sequence) and not isinstance(value, str) and depth < _DEEPEST:
        return [pair for inner in value for pair in pairs(inner, name, depth + 1)]
    return [(name, str(value))] if value not in (None, "") else []


def named(kind: str, content: Mapping[str, Any], read: Reader | None = None) -> list[tuple[str, str]]:
    """What was sent instead of words, as names and values; none for kinds that say it in words. Untrusted.

    With a reader the names that are ours are in its language; a form's are its own. Without one they are the fields'.
    """
    part = content.get(_PARTS[MessageKind(kind)]) if kind in _PARTS else None
    found = [pair for pair in pairs(part) if pair[0] != _TOKEN][:_TOLD_COUNT]
    if read is None or kind == MessageKind.FLOW_ANSWER:
        return found
    return [(read(f"content.{name}") if read.has(f"content.{name}") else name, value) for name, value in found]


def told(kind: str, content: Mapping[str, Any], read: Reader | None = None) -> str:
    """The same in one line."""
    return ", ".join(f"{name}: {value}" if name else value for name, value in named(kind, content, read))
