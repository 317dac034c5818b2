"""Reading tool results and filling tool arguments without knowing their exact shape."""

from __future__ import annotations

import json
from typing import Any

from sandbox.openai.turns import Json, Tool, ToolCall, ToolResult

_AMOUNTS = ("total_text", "total", "price_text", "price", "amount_text", "amount", "quote")
_FAILED = ("error", "refused", "problem")


def has_failed(result: ToolResult) -> bool:
    """Whether a tool result says that the call did not work."""
    data = result.data
    if not isinstance(data, dict):
        return data is None
    return any(data.get(key) for key in _FAILED) or data.get("ok") is False or data.get("status") == "error"


def amount_in(data: Any) -> str | None:
    """The amount that a result shows, in its own characters: a text as it is, else number and currency."""
    if isinstance(data, str):
        return data if any(c.isdigit() for c in data) else None
    if not isinstance(data, dict):
        return None
    currency = str(data.get("currency", ""))
    for key in _AMOUNTS:
        if isinstance(value := data.get(key), (int, float)) and not isinstance(value, bool):
            return f"{value} {currency}".strip()
        if found := amount_in(value):
            return (
                found if currency in found or any(c.isalpha() or c in "$€£" for c in found) else f"{found} {currency}"
            )
    for key, value in data.items():
        if key.endswith("_minor") and isinstance(value, int):
            return f"{value // 100}.{value % 100:02d} {currency}".strip()
    inner = (amount_in(data[key]) for key in ("result", "data") if key in data)
    return next((found for found in inner if found), None)


def rows_in(data: Any) -> list[Any]:
    """The list that a result holds, at its top or one level below."""
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        return next((value for value in data.values() if isinstance(value, list)), [])
    return []


def fill(tool: Tool, wanted: Json) -> ToolCall:
    """Call a tool with those of the wanted arguments that its schema knows; an enum gets its nearest value."""
    known = tool.properties
    arguments = {key: _fitting(known[key], value) for key, value in wanted.items() if key in known} if known else wanted
    for name in tool.parameters.get("required", ()):
        if name not in arguments and isinstance(schema := known.get(name), dict):
            arguments[name] = _blank(schema)
    return ToolCall(tool.name, json.dumps(arguments, ensure_ascii=False))


def _fitting(schema: Any, value: Any) -> Any:
    allowed = schema.get("enum") if isinstance(schema, dict) else None
    if not allowed or value in allowed:
        return value
    words = sorted((word for word in str(value).lower().split() if len(word) > 2), key=len, reverse=True)
    near = (choice for word in words for choice in allowed if word in str(choice).lower())
    return next(near, allowed[0])


def _blank(schema: Json) -> Any:
    kinds = schema.get("type", "null")
    if "anyOf" in schema or (isinstance(kinds, list) and "null" in kinds):
        return None
    if schema.get("enum"):
        return schema["enum"][0]
    kind = kinds[0] if isinstance(kinds, list) else kinds
    return {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}.get(kind)
