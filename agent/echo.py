"""What a model said, as it may be shown to a model again and be kept: a provider refuses its own model's oddities."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from agent.models.port import ToolCall

_ILLEGAL = re.compile(r"[^a-zA-Z0-9_-]")  # OpenAI's rule for function names, 64 characters at most
_NAME_LIMIT = 64
_TEXT_LIMIT = 2_000
_ARGUMENTS_LIMIT = 4_000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DEEPEST = 8
_MOST_ITEMS = 200


@dataclass(slots=True)
class Echo:
    """Repeats the calls of one turn under legal names and ids of our own: a model may use one id twice."""

    _call_count: int = 0

    def call(self, call: ToolCall) -> ToolCall:
        """The call with what the interface accepts; arguments that are no JSON object become an empty one."""
        self._call_count += 1
        name = _ILLEGAL.sub("_", call.name)[:_NAME_LIMIT] or "unknown"
        return ToolCall(f"call_{self._call_count}", name, _object(call.arguments))

    def text(self, text: str) -> str:
        """The text, capped."""
        return plain(text[:_TEXT_LIMIT])


def plain(text: str) -> str:
    """Text that JSON and PostgreSQL take: without NUL and lone surrogates."""
    return _UNSTORABLE.sub("", text)


def storable(value: Any, depth: int = 0) -> Any:
    """The same of a whole structure; what is deeper, longer or of another kind than we write is cut."""
    match value:
        case str():
            return plain(value)
        case dict() if depth < _DEEPEST:
            return {plain(str(key)): storable(item, depth + 1) for key, item in islice(value.items(), _MOST_ITEMS)}
        case list() | tuple() if depth < _DEEPEST:
            return [storable(item, depth + 1) for item in value[:_MOST_ITEMS]]
        case None | bool() | float():
            return value
        case int() if abs(value) < 2**63:
            return value
    return plain(str(value))[:_TEXT_LIMIT]


def _object(arguments: str) -> str:
    text = plain(arguments)
    try:
        is_object = len(text) <= _ARGUMENTS_LIMIT and isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        is_object = False
    return text if is_object else "{}"
