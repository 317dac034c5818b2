"""What a model sees and what it may say, the same for Chat Completions and Responses."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Literal, Protocol

Json = dict[str, Any]
Role = Literal["system", "client", "assistant", "tool"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]

_OPENINGS = re.compile(r"[{\[]")
_OPENINGS_MAX_COUNT = 50


@dataclass(frozen=True)
class Tool:
    """A function that the caller offers."""

    name: str
    description: str = ""
    parameters: Json = field(default_factory=dict)

    @property
    def properties(self) -> Json:
        """The schemas of its arguments by name."""
        found = self.parameters.get("properties")
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class ToolCall:
    """A call that a model makes.

    Attributes:
        arguments: JSON text, as it goes over the wire; a model that misbehaves may put anything here.
        id: Empty: the emulator gives one.
    """

    name: str
    arguments: str = "{}"
    id: str = ""


@dataclass(frozen=True)
class ToolResult:
    """What the caller answered to a tool call."""

    name: str
    arguments: Any
    text: str

    @cached_property
    def data(self) -> Any:
        """The first JSON object or list in the text, however it is fenced; None without one."""
        return loose_json(self.text)


@dataclass(frozen=True)
class Message:
    """One message; system and developer messages are both `system`."""

    role: Role
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True)
class ModelRequest:
    """The neutral view of a request, already checked by the API's rules."""

    api: Literal["chat", "responses"]
    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: str = "auto"
    is_parallel: bool = True
    max_tokens: int | None = None
    format: str = "text"

    @cached_property
    def system(self) -> str:
        """Every instruction, joined by blank lines."""
        return "\n\n".join(m.text for m in self.messages if m.role == "system")

    @cached_property
    def tool_names(self) -> frozenset[str]:
        """The names of the tools on offer."""
        return frozenset(tool.name for tool in self.tools)

    def tool(self, name: str) -> Tool | None:
        """Return a tool on offer."""
        return next((tool for tool in self.tools if tool.name == name), None)

    @cached_property
    def _client_end(self) -> int:
        return max((i for i, m in enumerate(self.messages) if m.role == "client"), default=-1)

    @cached_property
    def client_text(self) -> str:
        """The client's last messages that nobody has answered in between, joined by line feeds."""
        texts: list[str] = []
        for message in reversed(self.messages[: self._client_end + 1]):
            if message.role == "client":
                texts.append(message.text)
            elif message.role != "system":
                break
        return "\n".join(reversed(texts))

    @cached_property
    def client_texts(self) -> tuple[str, ...]:
        """Everything the client said, oldest first."""
        return tuple(m.text for m in self.messages if m.role == "client")

    @cached_property
    def results(self) -> tuple[ToolResult, ...]:
        """The tool results since the client's last message, oldest first."""
        calls = {call.id: call for message in self.messages for call in message.calls}
        since = self.messages[self._client_end + 1 :]
        answered = [(calls[m.call_id], m.text) for m in since if m.role == "tool" and m.call_id in calls]
        return tuple(ToolResult(call.name, loose_json(call.arguments), text) for call, text in answered)

    @cached_property
    def step_index(self) -> int:
        """How often the model has already answered since the client's last message, by text or by calls."""
        since = self.messages[self._client_end + 1 :]
        return sum(m.role == "assistant" for m in since)

    def result(self, name: str) -> Any:
        """Return the data of the last result of a tool since the client's last message, or None."""
        return next((r.data for r in reversed(self.results) if r.name == name), None)


@dataclass(frozen=True)
class Usage:
    """Token counts to report instead of honest ones; a misbehaving model may put anything here."""

    prompt_tokens: Any = 0
    completion_tokens: Any = 0
    total_tokens: Any = 0


@dataclass(frozen=True)
class Reply:
    """What a model answers.

    Attributes:
        finish_reason: None: the one that fits.
        usage: None: counted from the texts.
        is_unruly: The API's promises (tool_choice, one call at a time, the token limit) are not enforced on it.
    """

    text: str | None = None
    calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    is_unruly: bool = False


class Model(Protocol):
    """Decides what to answer. It is asked in the event loop, so it must not block."""

    def answer(self, request: ModelRequest) -> Reply:
        """Return a text, tool calls, or both."""
        ...


def call(name: str, **arguments: Any) -> ToolCall:
    """Return a tool call with arguments as JSON."""
    return ToolCall(name, json.dumps(arguments, ensure_ascii=False))


def loose_json(text: str) -> Any:
    """Return the first JSON object or list in a text, or None."""
    decoder = json.JSONDecoder()
    for opening in islice(_OPENINGS.finditer(text), _OPENINGS_MAX_COUNT):
        try:
            return decoder.raw_decode(text, opening.start())[0]
        except (ValueError, RecursionError):
            continue
    return None
