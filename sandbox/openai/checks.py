"""Checks that both APIs make alike; each raises the API's own complaint."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from sandbox.openai.errors import bad, missing, unknown
from sandbox.openai.turns import Json

NAME_PATTERN = "^[a-zA-Z0-9_-]+$"
_NAME = re.compile(r"[a-zA-Z0-9_-]+\Z")
_NAMES = {
    str: "a string",
    int: "an integer",
    float: "a decimal",
    bool: "a boolean",
    dict: "an object",
    list: "an array",
}


def kind_of(value: Any) -> str:
    """The words with which the API calls a JSON value's type."""
    return "null" if value is None else _NAMES.get(type(value), "an unknown value")


def typed(value: Any, kind: type, param: str, *, is_optional: bool = True) -> Any:
    """Return a value of the right type; None only when optional."""
    if value is None and is_optional:
        return None
    fits = isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
    if fits and (kind is bool or not isinstance(value, bool)):
        return value
    text = f"Invalid type for '{param}': expected {_NAMES[kind]}, but got {kind_of(value)} instead."
    raise bad(text, param, "invalid_type")


def required(holder: Json, key: str, kind: type, path: str = "") -> Any:
    """Return a field that must be there."""
    param = f"{path}.{key}" if path else key
    if key not in holder:
        raise missing(param)
    return typed(holder[key], kind, param, is_optional=False)


def ranged(value: Any, kind: type, param: str, least: float, most: float | None = None) -> Any:
    """Return a number between its bounds, or None."""
    if typed(value, kind, param) is None:
        return None
    word = "integer" if kind is int else "decimal"
    if value < least:
        text = f"Invalid '{param}': {word} below minimum value. Expected a value >= {least}, but got {value} instead."
        raise bad(text, param, f"{word}_below_min_value")
    if most is not None and value > most:
        text = f"Invalid '{param}': {word} above maximum value. Expected a value <= {most}, but got {value} instead."
        raise bad(text, param, f"{word}_above_max_value")
    return value


def one_of(value: Any, allowed: Collection[str], param: str) -> Any:
    """Return a value that is one of the allowed."""
    if value not in allowed:
        names = [f"'{name}'" for name in allowed]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, and {names[-1]}"
        raise bad(f"Invalid value: '{value}'. Supported values are: {listed}.", param, "invalid_value")
    return value


def not_empty(values: list[Any], param: str) -> None:
    """Refuse an empty list."""
    if not values:
        text = (
            f"Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty array instead."
        )
        raise bad(text, param, "empty_array")


def only(holder: Json, allowed: Collection[str], path: str) -> None:
    """Refuse fields that the API does not know."""
    for key in holder:
        if key not in allowed:
            raise unknown(f"{path}.{key}" if path else key)


def short_enough(text: str, most: int, param: str) -> None:
    """Refuse a text beyond its limit."""
    if len(text) > most:
        text = (
            f"string too long. Expected a string with maximum length {most}, but got a string with length {len(text)}"
        )
        raise bad(f"Invalid '{param}': {text} instead.", param, "string_above_max_length")


def function_name(name: Any, param: str) -> str:
    """Return a function's name; the API checks it in definitions and in the history."""
    found: str = typed(name, str, param, is_optional=False)
    short_enough(found, 64, param)
    if not _NAME.match(found):
        text = f"string does not match pattern. Expected a string that matches the pattern '{NAME_PATTERN}'."
        raise bad(f"Invalid '{param}': {text}", param, "invalid_value")
    return found


def no_stream(body: Json) -> None:
    """Refuse streaming, which this emulator does not offer."""
    if typed(body.get("stream"), bool, "stream"):
        raise bad("Streaming is not offered by this emulator.", "stream", "unsupported_value")


def no_sampling(body: Json, *, is_reasoning: bool) -> None:
    """Check the sampling numbers; reasoning models take their defaults only."""
    for param, most in (("temperature", 2), ("top_p", 1)):
        value = ranged(body.get(param), float, param, 0, most)
        if is_reasoning and value not in (None, 1):
            text = f"'{param}' does not support {value} with this model. Only the default (1) value is supported."
            raise bad(f"Unsupported value: {text}", param, "unsupported_value")
