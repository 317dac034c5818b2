import json
from typing import Any

from openai import AsyncOpenAI

from sandbox.openai import OpenAIEmulator

QUOTE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"start": {"type": "string"}, "target": {"type": "string"}},
    "required": ["start", "target"],
    "additionalProperties": False,
}


def client_of(emulator: OpenAIEmulator, timeout_s: float = 30.0, **more: Any) -> AsyncOpenAI:
    options = {"base_url": emulator.base_url, "api_key": emulator.api_key, **more}
    return AsyncOpenAI(timeout=timeout_s, max_retries=0, **options)


def chat_tool(name: str = "quote_order", schema: dict[str, Any] | None = None, **more: Any) -> Any:
    function = {"name": name, "description": "What it does", "parameters": schema or QUOTE_SCHEMA, **more}
    return {"type": "function", "function": function}


def flat_tool(name: str = "quote_order", schema: dict[str, Any] | None = None, *, strict: bool = False) -> Any:
    return {"type": "function", "name": name, "parameters": schema or QUOTE_SCHEMA, "strict": strict}


def user(text: str) -> Any:
    return {"role": "user", "content": text}


async def talk(
    client: AsyncOpenAI, messages: list[Any], tools: list[Any], results: dict[str, str]
) -> tuple[str, list[tuple[str, Any]]]:
    """Run a tool loop as a caller does: what was said in the end, and the calls made."""
    messages = list(messages)
    made: list[tuple[str, Any]] = []
    for _ in range(8):
        answer = await client.chat.completions.create(model="gpt-sandbox", messages=messages, tools=tools)
        message = answer.choices[0].message
        if not message.tool_calls:
            return message.content or "", made
        messages.append(message.model_dump())
        for call in message.tool_calls:
            assert call.type == "function"
            made.append((call.function.name, json.loads(call.function.arguments)))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": results[call.function.name]})
    raise AssertionError("the loop does not end")
