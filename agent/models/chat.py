"""Chat Completions: the common denominator of OpenAI, Azure, OpenRouter, vLLM and Ollama."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.models.failures import tokens, unavailable
from agent.models.port import Answer, ChatMessage, ModelUnavailable, ToolCall, ToolSpec

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
            answered = await self._client.chat.completions.create(**body, timeout=timeout_s)
            return _answer(answered)


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


def _answer(answered: Any) -> Answer:
    if not answered.choices:
        raise ModelUnavailable("garbled")
    choice = answered.choices[0]
    calls = tuple(
        ToolCall(str(call.id), str(call.function.name), str(call.function.arguments or ""))
        for call in choice.message.tool_calls or ()
        if call.function is not None  # `type` is left out by some servers
    )
    usage = answered.usage
    return Answer(
        str(choice.message.content or ""),
        calls,
        tokens(usage and usage.prompt_tokens),
        tokens(usage and usage.completion_tokens),
        choice.finish_reason in ("length", "content_filter"),
    )
