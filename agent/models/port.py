"""What a turn needs from a model, whoever serves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What the model wants called; `arguments` is what it wrote, JSON or not."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of the exchange with the model.

    Attributes:
        role: `client` and `shop` are the conversation; `tool` is a tool's result; `note` is a remark of the house's
            code to the model.
        calls: What the model called in this message (role `shop`).
        call_id: Which call a result answers (role `tool`).
    """

    role: Literal["client", "shop", "tool", "note"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as the model sees it; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: text, calls, or both; tokens as the provider counted them, never negative."""

    text: str
    calls: tuple[ToolCall, ...]
    input_tokens: int
    output_tokens: int
    is_cut: bool = False


class ModelUnavailable(Exception):
    """The model did not answer; `reason` is one word for the trace, e.g. timeout, unreachable, overloaded, garbled."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s


class ChatModel(Protocol):
    """Answers a conversation."""

    name: str

    async def complete(
        self, system: str, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec], *, timeout_s: float,
        output_limit_tokens: int,
    ) -> Answer:  # fmt: skip
        """One call, no retries, within `timeout_s`.

        Raises:
            ModelUnavailable: No usable answer came.
        """
        ...
