"""Chat Completions requests: refused as the API refuses them, else turned into the neutral view."""

from __future__ import annotations

from typing import Any

from sandbox.openai import checks
from sandbox.openai.errors import ApiError, bad, missing
from sandbox.openai.fields import CHAT, CHAT_MESSAGE
from sandbox.openai.schemas import check_schema
from sandbox.openai.turns import Json, Message, ModelRequest, Role, Tool, ToolCall

_ROLES: dict[str, Role] = {
    "system": "system",
    "assistant": "assistant",
    "user": "client",
    "function": "tool",
    "tool": "tool",
    "developer": "system",
}
_NOT_OFFERED = ("functions", "function_call", "audio", "web_search_options", "prediction")
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")


def read_chat(body: Json, *, is_reasoning: bool) -> ModelRequest:
    """Return the neutral view of a request body, whose `model` was found to exist.

    Raises:
        ApiError: the API would refuse this.
    """
    _check_top(body, is_reasoning=is_reasoning)
    if "messages" not in body:
        raise missing("messages")
    raw = checks.typed(body["messages"], list, "messages", is_optional=False)
    checks.not_empty(raw, "messages")
    messages = tuple(_message(item, f"messages[{i}]") for i, item in enumerate(raw))
    _check_pairs(messages)
    if body.get("tools") is not None:
        checks.not_empty(checks.typed(body["tools"], list, "tools"), "tools")
    tools = read_tools(body, _tool)
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    return ModelRequest(
        "chat",
        body["model"],
        messages,
        tools,
        read_tool_choice(body, tools, lambda raw: raw.get("function", {}).get("name")),
        body.get("parallel_tool_calls") is not False,
        limit,
        _format(body, messages),
    )


def _check_top(body: Json, *, is_reasoning: bool) -> None:
    for key in body:
        if key not in CHAT:
            raise bad(f"Unrecognized request argument supplied: {key}")
    checks.no_stream(body)
    for key in _NOT_OFFERED:
        if body.get(key) is not None:
            raise bad(f"'{key}' is not offered by this emulator.", key, "unsupported_parameter")
    checks.no_sampling(body, is_reasoning=is_reasoning)
    for key in ("max_completion_tokens", "max_tokens"):
        checks.ranged(body.get(key), int, key, 1)
    if is_reasoning and body.get("max_tokens") is not None:
        text = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        raise bad(f"Unsupported parameter: {text}", "max_tokens", "unsupported_parameter")
    checks.ranged(body.get("n"), int, "n", 1, 1)
    if (effort := body.get("reasoning_effort")) is not None:
        checks.one_of(effort, _EFFORTS, "reasoning_effort")
        if not is_reasoning:
            raise bad("Unrecognized request argument supplied: reasoning_effort")


def _message(raw: Any, path: str) -> Message:
    checks.typed(raw, dict, path, is_optional=False)
    role = checks.one_of(checks.required(raw, "role", str, path), _ROLES, f"{path}.role")
    checks.only(raw, CHAT_MESSAGE, path)
    calls = _calls(raw, f"{path}.tool_calls") if role == "assistant" else ()
    content = raw.get("content")
    if content is None and not calls:
        shown = path.replace("[", ".[")
        raise bad("Invalid value for 'content': expected a string, got null.", f"{shown}.content")
    call_id = checks.required(raw, "tool_call_id", str, path) if role == "tool" else ""
    return Message(_ROLES[role], _text(content, f"{path}.content"), calls, call_id)


def _text(content: Any, path: str) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        text = f"expected one of a string or array of objects, but got {checks.kind_of(content)} instead."
        raise bad(f"Invalid type for '{path}': {text}", path, "invalid_type")
    checks.not_empty(content, path)
    texts = []
    for i, part in enumerate(content):
        checks.typed(part, dict, f"{path}[{i}]", is_optional=False)
        kind = checks.one_of(
            part.get("type"), ("text", "image_url", "input_audio", "refusal", "file"), f"{path}[{i}].type"
        )
        if kind in ("text", "refusal"):
            texts.append(checks.required(part, kind, str, f"{path}[{i}]"))
    return "\n".join(texts)


def _calls(raw: Json, path: str) -> tuple[ToolCall, ...]:
    if raw.get("tool_calls") is None:
        return ()
    items = checks.typed(raw["tool_calls"], list, path)
    checks.not_empty(items, path)
    found = []
    for i, item in enumerate(items):
        here = f"{path}[{i}]"
        checks.typed(item, dict, here, is_optional=False)
        checks.one_of(checks.required(item, "type", str, here), ("function",), f"{here}.type")
        call_id = checks.required(item, "id", str, here)
        checks.short_enough(call_id, 40, f"{here}.id")
        function = checks.required(item, "function", dict, here)
        name = checks.function_name(function.get("name"), f"{here}.function.name")
        arguments = checks.required(function, "arguments", str, f"{here}.function")
        found.append(ToolCall(name, arguments, call_id))
    return tuple(found)


def _check_pairs(messages: tuple[Message, ...]) -> None:
    """Every call needs its answer before anything else is said, and every answer its call."""
    waiting: dict[str, None] = {}
    known: set[str] = set()
    for i, message in enumerate(messages):
        if message.role == "tool":
            if message.call_id not in known:
                text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
                raise bad(f"Invalid parameter: {text}", f"messages.[{i}].role")
            waiting.pop(message.call_id, None)
            continue
        if waiting:
            raise _unanswered(waiting, i)
        known = {call.id for call in message.calls}
        waiting = dict.fromkeys(call.id for call in message.calls)
    if waiting:
        raise _unanswered(waiting, len(messages))


def _unanswered(waiting: dict[str, None], i: int) -> ApiError:
    text = "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."
    ids = ", ".join(waiting)
    return bad(f"{text} The following tool_call_ids did not have response messages: {ids}", f"messages.[{i}].role")


def read_tools(body: Json, read: Any) -> tuple[Tool, ...]:
    """Return the tools on offer; `read` takes one and its path."""
    raw = checks.typed(body.get("tools"), list, "tools")
    if raw is None:
        return ()
    if len(raw) > 128:
        text = f"array too long. Expected an array with maximum length 128, but got an array with length {len(raw)}"
        raise bad(f"Invalid 'tools': {text} instead.", "tools", "array_above_max_length")
    return tuple(
        read(checks.typed(item, dict, f"tools[{i}]", is_optional=False), f"tools[{i}]") for i, item in enumerate(raw)
    )


def _tool(raw: Json, path: str) -> Tool:
    checks.one_of(checks.required(raw, "type", str, path), ("function",), f"{path}.type")
    checks.only(raw, ("type", "function"), path)
    function = checks.required(raw, "function", dict, path)
    checks.only(function, ("name", "description", "parameters", "strict"), f"{path}.function")
    return read_function(function, f"{path}.function")


def read_function(raw: Json, path: str) -> Tool:
    """Return a function's definition, its schema judged."""
    name = checks.function_name(checks.required(raw, "name", str, path), f"{path}.name")
    description = checks.typed(raw.get("description"), str, f"{path}.description") or ""
    strict = checks.typed(raw.get("strict"), bool, f"{path}.strict") or False
    schema = checks.typed(raw.get("parameters"), dict, f"{path}.parameters") or {"type": "object", "properties": {}}
    if strict and "parameters" not in raw:
        raise missing(f"{path}.parameters")
    check_schema(name, schema, f"{path}.parameters", is_strict=strict, code="invalid_function_parameters")
    return Tool(name, description, schema)


def read_tool_choice(body: Json, tools: tuple[Tool, ...], name_of: Any) -> str:
    """Return auto, none, required, or the name of the tool that must be called."""
    choice = body.get("tool_choice")
    if not tools:
        for param in ("tool_choice", "parallel_tool_calls"):
            if body.get(param) is not None and (param, choice) != ("tool_choice", "none"):
                text = f"Invalid value for '{param}': '{param}' is only allowed when 'tools' are specified."
                raise bad(text, param)
        return "none"
    checks.typed(body.get("parallel_tool_calls"), bool, "parallel_tool_calls")
    if isinstance(choice, dict):
        name = name_of(choice)
        if name not in {tool.name for tool in tools}:
            raise bad(
                f"Invalid value for 'tool_choice': no function named '{name}' was specified in 'tools'.", "tool_choice"
            )
        return str(name)
    return str(checks.one_of(choice or "auto", ("none", "auto", "required"), "tool_choice"))


def _format(body: Json, messages: tuple[Message, ...]) -> str:
    raw = checks.typed(body.get("response_format"), dict, "response_format")
    if raw is None:
        return "text"
    inner = raw.get("json_schema") if raw.get("type") == "json_schema" else raw
    return read_format(raw, inner, "response_format", messages, "messages")


def read_format(raw: Json, inner: Any, param: str, messages: tuple[Message, ...], where: str) -> str:
    """Return text, json_object or json_schema; `inner` is what holds the schema."""
    kind = str(checks.one_of(raw.get("type"), ("json_object", "json_schema", "text"), f"{param}.type"))
    if kind == "json_object" and not any("json" in m.text.lower() for m in messages):
        text = f"'{where}' must contain the word 'json' in some form, to use '{param}' of type 'json_object'."
        raise bad(text, where)
    if kind == "json_schema":
        if not isinstance(inner, dict):
            raise missing(f"{param}.json_schema")
        name = checks.function_name(checks.required(inner, "name", str, param), f"{param}.name")
        schema = checks.required(inner, "schema", dict, param)
        code, strict = "invalid_json_schema", bool(inner.get("strict"))
        check_schema(name, schema, param, is_strict=strict, code=code, noun="response_format")
    return kind
