"""Responses: OpenAI's own flagship interface."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agent.models.failures import tokens, unavailable
from agent.models.port import Answer, ChatMessage, ToolCall, ToolSpec
from agent.models.posting import post

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class Responses:
    """A `ChatModel` over `/responses`; nothing is kept at the provider (`store` is off).

    Args:
        client: The SDK's client, without retries of its own.
        name: The model's name at the provider.
    """

    def __init__(self, client: "AsyncOpenAI", name: str) -> None:
        self._client = client
        self.name = name

    async def complete(
        self, system: str, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec], *, timeout_s: float,
        output_limit_tokens: int,
    ) -> Answer:  # fmt: skip
        """See `ChatModel`."""
        body: dict[str, Any] = {
            "model": self.name,
            "instructions": system,
            "input": [item for message in messages for item in _items(message)],
            "max_output_tokens": output_limit_tokens,
            "store": False,
        }
        if tools:
            body["tools"] = [_tool(tool) for tool in tools]
        async with unavailable(timeout_s):
            return _answer(await post(self._client, "/responses", body, timeout_s))


def _items(message: ChatMessage) -> Iterator[dict[str, Any]]:
    match message.role:
        case "client":
            yield {"role": "user", "content": message.text}
        case "note":
            yield {"role": "developer", "content": message.text}
        case "tool":
            yield {"type": "function_call_output", "call_id": message.call_id, "output": message.text}
        case "shop":
            if message.text:
                yield {"role": "assistant", "content": message.text}
            for call in message.calls:
                yield {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.parameters,
            "strict": False}  # fmt: skip


def _answer(answered: dict[str, Any]) -> Answer:
    texts: list[str] = []
    calls: list[ToolCall] = []
    for item in answered["output"]:
        if item["type"] == "function_call":
            calls.append(ToolCall(str(item["call_id"]), str(item["name"]), str(item.get("arguments") or "")))
        elif item["type"] == "message":
            texts.extend(str(part["text"]) for part in item["content"] if part["type"] == "output_text")
    usage = answered.get("usage") or {}
    return Answer(
        "\n".join(texts),
        tuple(calls),
        tokens(usage.get("input_tokens")),
        tokens(usage.get("output_tokens")),
        answered.get("status") == "incomplete",
    )
