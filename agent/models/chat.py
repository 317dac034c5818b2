"""Chat Completions: the common denominator of OpenAI, Azure, OpenRouter, vLLM and Ollama."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.models.failures import tokens, unavailable
from agent.models.port import Answer, ChatMessage, ToolCall, ToolSpec
from agent.models.posting import post

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class ChatCompletions:
    """A `ChatModel` over `/chat/completions`.

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
            "messages": [{"role": "system", "content": system}, *map(_message, messages)],
            "max_completion_tokens": output_limit_tokens,
        }
        if tools:
            body["tools"] = [_tool(tool) for tool in tools]
        async with unavailable(timeout_s):
            return _answer(await post(self._client, "/chat/completions", body, timeout_s))


def _message(message: ChatMessage) -> dict[str, Any]:
    match message.role:
        case "client":
            return {"role": "user", "content": message.text}
        case "note":
            return {"role": "system", "content": message.text}
        case "tool":
            return {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
    # The interface refuses null where nothing is called, and some servers refuse "" where something is.
    said: dict[str, Any] = {"role": "assistant", "content": message.text or (None if message.calls else "")}
    if message.calls:
        said["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.calls
        ]
    return said


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _answer(answered: dict[str, Any]) -> Answer:
    choice = answered["choices"][0]
    message, usage = choice["message"], answered.get("usage") or {}
    calls = tuple(
        ToolCall(str(call["id"]), str(call["function"]["name"]), str(call["function"].get("arguments") or ""))
        for call in message.get("tool_calls") or ()
        if call.get("function")  # `type` is left out by some servers
    )
    return Answer(
        str(message.get("content") or ""),
        calls,
        tokens(usage.get("prompt_tokens")),
        tokens(usage.get("completion_tokens")),
        choice.get("finish_reason") in ("length", "content_filter"),
    )
