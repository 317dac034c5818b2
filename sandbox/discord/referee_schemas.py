"""Turns Discord's published schemas into closed ones that can be checked fast.

Three rewrites, none of which lets anything through that the description forbids:

* an object schema that does not speak of additional properties forbids them;
* a union of objects that carry a ``type`` number is decided by that number, so that the error names the field
  that is wrong instead of "matches none of eleven";
* a list of constants becomes an enumeration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]

PREFIX = "#/components/schemas/"
URI = "discord:"
_LISTS = ("oneOf", "anyOf", "allOf")
_DROPPED = frozenset({"description", "title", "x-discord-union"})


@dataclass(frozen=True, slots=True)
class Case:
    """One branch of a union: which JSON types and which values of ``type`` it can accept (None: any)."""

    schema: Schema = field(repr=False)
    types: frozenset[str] | None
    tags: frozenset[Any] | None

    def admits(self, kind: str, tag: Any) -> bool:
        """Tell whether an instance of JSON type `kind`, tagged `tag`, can belong to this branch."""
        if self.types is not None and kind not in self.types:
            return False
        return self.tags is None or kind != "object" or tag in self.tags


class SchemaCloser:
    """Rewrites the schemas of one OpenAPI description; named schemas are looked up as ``discord:Name``."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._named = named

    def close(self, node: Schema) -> Schema:
        """Return a closed copy of one schema."""
        if len(node.get("allOf", ())) > 1:
            return self._closed_composition(node)
        constants = _constants(node)
        if constants is not None:
            return {**{k: v for k, v in node.items() if k not in _DROPPED | {"oneOf"}}, "enum": constants}
        closed = self._rewritten(node)
        if "properties" in node and "additionalProperties" not in node:
            closed["additionalProperties"] = False
        return closed

    def _rewritten(self, node: Schema) -> Schema:
        return dict(self._rewritten_items(node))

    def _rewritten_items(self, node: Schema) -> Iterator[tuple[str, Any]]:
        for key, value in node.items():
            if key in _DROPPED:
                continue
            if key == "$ref":
                yield key, URI + value.removeprefix(PREFIX)
            elif key == "properties":
                yield key, {name: self.close(schema) for name, schema in value.items()}
            elif key in ("oneOf", "anyOf"):
                yield "choice", [self._case(branch) for branch in value]
            elif key == "allOf":
                yield key, [self.close(branch) for branch in value]
            elif key in ("items", "additionalProperties") and isinstance(value, dict):
                yield key, self.close(value)
            else:
                yield key, value

    def _closed_composition(self, node: Schema) -> Schema:
        """Close an `allOf` of several objects as a whole: each part must allow what the others bring."""
        parts = [self._open(self.resolve(part)) for part in node["allOf"]]
        rest = {key: value for key, value in node.items() if key != "allOf"}
        return {**self._rewritten(rest), "allOf": parts, "unevaluatedProperties": False}

    def _open(self, node: Schema) -> Schema:
        opened = self._rewritten({key: value for key, value in node.items() if key not in _LISTS})
        for key in _LISTS:
            if key in node:
                opened[key] = [self._open(self.resolve(branch)) for branch in node[key]]
        return opened

    def _case(self, branch: Schema) -> Case:
        schema = self.resolve(branch)
        kind = schema.get("type", "object" if "properties" in schema else None)
        types = None if kind is None else frozenset([kind] if isinstance(kind, str) else kind)
        tag = schema.get("properties", {}).get("type")
        return Case(self.close(branch), types, None if tag is None else self._tags(tag))

    def _tags(self, tag: Schema) -> frozenset[Any] | None:
        schema = self.resolve(tag)
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        return None if values is None else frozenset(values)

    def resolve(self, node: Schema) -> Schema:
        """Follow references to named schemas until there is none."""
        while "$ref" in node:
            node = self._named[node["$ref"].removeprefix(PREFIX)]
        return node


def _constants(node: Schema) -> list[Any] | None:
    branches = node.get("oneOf")
    if not branches or not all("const" in branch for branch in branches):
        return None
    return [branch["const"] for branch in branches]
