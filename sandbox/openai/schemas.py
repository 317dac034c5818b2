"""Function schemas, judged as the API judges them before any model sees them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from sandbox.openai.errors import bad
from sandbox.openai.turns import Json

_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
_NOT_STRICT = ("oneOf", "allOf", "not", "default", "patternProperties", "if", "then", "else")
_Path = tuple[str, ...]


class _Fault(Exception):
    """What is wrong with a schema."""


def check_schema(name: str, schema: Any, param: str, *, is_strict: bool, code: str, noun: str = "function") -> None:
    """Refuse a schema that the API refuses; verdicts are remembered, because the same tools come with every turn."""
    complaint = _complaint(orjson.dumps(schema), bool(is_strict))
    if complaint is not None:
        raise bad(f"Invalid schema for {noun} '{name}': {complaint}", param, code)


@lru_cache(maxsize=256)
def _complaint(raw: bytes, is_strict: bool) -> str | None:
    schema = orjson.loads(raw)
    if not isinstance(schema, dict) or schema.get("type") != "object":
        got = schema.get("type") if isinstance(schema, dict) else None
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{got}\"'."
    try:
        _walk(schema, (), schema, is_strict)
    except _Fault as fault:
        return str(fault)
    return None


def _walk(schema: Any, path: _Path, root: Json, is_strict: bool) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise _fault(path, f"{schema!r} is not of type 'object', 'boolean'.")
    if "$ref" in schema:
        _check_ref(schema["$ref"], path, root)
    kinds = schema.get("type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind not in _TYPES:
            raise _fault(path, f"{kind!r} is not valid under any of the given schemas.")
    if "enum" in schema and (not isinstance(schema["enum"], list) or not schema["enum"]):
        raise _fault(path, "enum must be a non-empty array.")
    if "array" in kinds and "items" not in schema:
        raise _fault(path, "array schema missing items.")
    if is_strict:
        _check_strict(schema, path)
    _walk_inside(schema, path, root, is_strict)


def _walk_inside(schema: Json, path: _Path, root: Json, is_strict: bool) -> None:
    for keyword in ("properties", "$defs", "definitions"):
        inner = schema.get(keyword, {})
        if not isinstance(inner, dict):
            raise _fault((*path, keyword), f"{inner!r} is not of type 'object'.")
        for key, value in inner.items():
            _walk(value, (*path, keyword, key), root, is_strict)
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise _fault((*path, "required"), f"{required!r} is not of type 'array'.")
    if "items" in schema:
        _walk(schema["items"], (*path, "items"), root, is_strict)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for number, value in enumerate(schema.get(keyword, ())):
            _walk(value, (*path, keyword, str(number)), root, is_strict)


def _check_strict(schema: Json, path: _Path) -> None:
    for keyword in _NOT_STRICT:
        if keyword in schema:
            raise _fault(path, f"'{keyword}' is not permitted.")
    if schema.get("type") != "object":
        return
    if schema.get("additionalProperties") is not False:
        raise _fault(path, "'additionalProperties' is required to be supplied and to be false.")
    absent = [key for key in schema.get("properties", ()) if key not in schema.get("required", ())]
    if absent:
        text = "'required' is required to be supplied and to be an array including every key in properties."
        raise _fault(path, f"{text} Missing '{absent[0]}'.")


def _check_ref(ref: Any, path: _Path, root: Json) -> None:
    node: Any = root
    parts = str(ref).removeprefix("#").strip("/").split("/")
    for part in [part for part in parts if part]:
        node = node.get(part) if isinstance(node, dict) else None
    if not str(ref).startswith("#") or node is None:
        raise _fault(path, f"reference can only point to definitions defined at the top level of the schema: {ref!r}.")


def _fault(path: _Path, text: str) -> _Fault:
    inside = ", ".join(f"'{part}'" for part in path) + ("," if len(path) == 1 else "")
    return _Fault(f"In context=({inside}), {text}")
