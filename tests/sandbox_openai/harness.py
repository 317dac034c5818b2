from typing import Any

from openai import AsyncOpenAI

from sandbox.openai import OpenAIEmulator

QUOTE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"start": {"type": "string"}, "target": {"type": "string"}},
    "required": ["start", "target"],
    "additionalProperties": False,
}


def client_of(emulator: OpenAIEmulator, timeout_s: float = 5.0, **more: Any) -> AsyncOpenAI:
    options = {"base_url": emulator.base_url, "api_key": emulator.api_key, **more}
    return AsyncOpenAI(timeout=timeout_s, max_retries=0, **options)


def chat_tool(name: str = "quote_order", schema: dict[str, Any] | None = None, **more: Any) -> Any:
    function = {"name": name, "description": "What it does", "parameters": schema or QUOTE_SCHEMA, **more}
    return {"type": "function", "function": function}


def flat_tool(name: str = "quote_order", schema: dict[str, Any] | None = None, *, strict: bool = False) -> Any:
    return {"type": "function", "name": name, "parameters": schema or QUOTE_SCHEMA, "strict": strict}


def user(text: str) -> Any:
    return {"role": "user", "content": text}
