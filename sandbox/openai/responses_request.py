"""Responses requests: refused as the API refuses them, else turned into the neutral view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.openai import checks
from sandbox.openai.chat_request import read_format, read_function, read_tool_choice, read_tools
from sandbox.openai.errors import bad, missing
from sandbox.openai.fields import RESPONSES
from sandbox.openai.turns import Json, Message, ModelRequest, Role, Tool, ToolCall

_ROLES: dict[str, Role] = {"assistant": "assistant", "system": "system", "developer": "system", "user": "client"}
_KINDS = ("message", "function_call", "function_call_output", "reasoning")
_NOT_OFFERED = ("background", "conversation", "context_management", "prompt")
_FIELDS = {
    "message": ("type", "role", "content", "id", "status", "phase"),
    "function_call": ("type", "call_id", "name", "arguments", "id", "status", "namespace", "caller", "async"),
    "function_call_output": ("type", "call_id", "output", "id", "status", "caller"),
    "reasoning": ("type", "id", "summary", "content", "encrypted_content", "status"),
}
_TOOL_FIELDS = ("type", "name", "description", "parameters", "strict")


def read_responses(body: Json, earlier: tuple[Message, ...], *, is_reasoning: bool) -> ModelRequest:
    """Return the neutral view of a request body, whose `model` was found to exist.

    Args:
        earlier: What `previous_response_id` stands for.

    Raises:
        ApiError: the API would refuse this.
    """
    _check_top(body, is_reasoning=is_reasoning)
    messages = (*earlier, *_items(body))
    _check_pairs(messages)
    if instructions := checks.typed(body.get("instructions"), str, "instructions"):
        messages = (Message("system", instructions), *messages)
    tools = read_tools(body, _tool)
    return ModelRequest(
        "responses",
        body["model"],
        messages,
        tools,
        read_tool_choice(body, tools, lambda raw: raw.get("name")),
        body.get("parallel_tool_calls") is not False,
        body.get("max_output_tokens"),
        _format(body, messages),
    )


def without_instructions(view: ModelRequest) -> tuple[Message, ...]:
    """What a later request may build on: instructions hold for one request only."""
    return tuple(m for m in view.messages if m.role != "system")


def _check_top(body: Json, *, is_reasoning: bool) -> None:
    checks.only(body, RESPONSES, "")
    checks.no_stream(body)
    for key in _NOT_OFFERED:
        if body.get(key):
            raise bad(f"'{key}' is not offered by this emulator.", key, "unsupported_parameter")
    checks.no_sampling(body, is_reasoning=is_reasoning)
    checks.ranged(body.get("max_output_tokens"), int, "max_output_tokens", 16)
    reasoning = checks.typed(body.get("reasoning"), dict, "reasoning") or {}
    if reasoning.get("effort") is not None and not is_reasoning:
        text = "'reasoning.effort' is not supported with this model."
        raise bad(f"Unsupported parameter: {text}", "reasoning.effort", "unsupported_parameter")


def _items(body: Json) -> tuple[Message, ...]:
    if "input" not in body:
        raise missing("input")
    raw = body["input"]
    if isinstance(raw, str):
        return (Message("client", raw),)
    if not isinstance(raw, list):
        text = f"expected one of an array of objects or string, but got {checks.kind_of(raw)} instead."
        raise bad(f"Invalid type for 'input': {text}", "input", "invalid_type")
    if not raw and not body.get("previous_response_id"):
        raise missing("input")
    messages: list[Message] = []
    for i, item in enumerate(raw):
        _append(messages, _item(item, f"input[{i}]"))
    return tuple(messages)


def _append(messages: list[Message], new: Message | None) -> None:
    """Add a message; what the model said in one go is one message, however many items it was."""
    if new is None:
        return
    if messages and new.role == messages[-1].role == "assistant":
        last = messages.pop()
        new = replace(last, text="\n".join(filter(None, (last.text, new.text))), calls=last.calls + new.calls)
    messages.append(new)


def _item(raw: Any, path: str) -> Message | None:
    checks.typed(raw, dict, path, is_optional=False)
    kind = checks.one_of(raw.get("type", "message"), _KINDS, path)
    checks.only(raw, _FIELDS[kind], path)
    if kind == "reasoning":
        return None
    readers: dict[str, Callable[[Json, str], Message]] = {
        "message": _message,
        "function_call": _call,
        "function_call_output": _output,
    }
    return readers[kind](raw, path)


def _message(raw: Json, path: str) -> Message:
    role = checks.one_of(checks.required(raw, "role", str, path), _ROLES, f"{path}.role")
    if "content" not in raw:
        raise missing(f"{path}.content")
    return Message(_ROLES[role], _text(raw["content"], f"{path}.content", role))


def _text(content: Any, path: str, role: str) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        text = f"expected one of an array of objects or string, but got {checks.kind_of(content)} instead."
        raise bad(f"Invalid type for '{path}': {text}", path, "invalid_type")
    allowed = ("output_text", "refusal") if role == "assistant" else ("input_text", "input_image", "input_file")
    texts = []
    for i, part in enumerate(content):
        checks.typed(part, dict, f"{path}[{i}]", is_optional=False)
        kind = checks.one_of(part.get("type"), allowed, f"{path}[{i}]")
        if kind in ("input_text", "output_text"):
            texts.append(checks.required(part, "text", str, f"{path}[{i}]"))
    return "\n".join(texts)


def _call(raw: Json, path: str) -> Message:
    name = checks.function_name(raw.get("name"), f"{path}.name")
    call_id = checks.required(raw, "call_id", str, path)
    checks.short_enough(call_id, 64, f"{path}.call_id")
    return Message("assistant", "", (ToolCall(name, checks.required(raw, "arguments", str, path), call_id),))


def _output(raw: Json, path: str) -> Message:
    call_id = checks.required(raw, "call_id", str, path)
    if "output" not in raw:
        raise missing(f"{path}.output")
    return Message("tool", _text(raw["output"], f"{path}.output", "user"), (), call_id)


def _check_pairs(messages: tuple[Message, ...]) -> None:
    made = {call.id for message in messages for call in message.calls}
    answered = {message.call_id for message in messages if message.role == "tool"}
    for message in messages:
        if message.role == "tool" and message.call_id not in made:
            raise bad(f"No tool call found for function call output with call_id {message.call_id}.", "input")
        for call in message.calls:
            if call.id not in answered:
                raise bad(f"No tool output found for function call {call.id}.", "input")


def _tool(raw: Json, path: str) -> Tool:
    checks.one_of(checks.required(raw, "type", str, path), ("function",), f"{path}.type")
    checks.required(raw, "name", str, path)
    checks.only(raw, _TOOL_FIELDS, path)
    return read_function(raw, path)


def _format(body: Json, messages: tuple[Message, ...]) -> str:
    raw = (checks.typed(body.get("text"), dict, "text") or {}).get("format")
    if raw is None:
        return "text"
    checks.typed(raw, dict, "text.format")
    return read_format(raw, raw, "text.format", messages, "input")
