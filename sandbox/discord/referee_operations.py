"""Finds the described operation that a method and a path mean, and the schemas that apply to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from sandbox.discord.referee_schemas import Schema
from sandbox.discord.referee_validators import ValidatorFactory

_VERSION = re.compile(r"^/api(/v[0-9]+)?(?=/)")
_METHODS = frozenset({"get", "put", "post", "patch", "delete"})
_JSON = "application/json"


@dataclass(frozen=True)
class Operation:
    """One operation of the description, with its validators compiled at first use."""

    operation_id: str
    segments: tuple[str, ...]
    described: Mapping[str, Any] = field(repr=False)
    parameters: Mapping[tuple[str, str], Schema] = field(repr=False)
    factory: ValidatorFactory = field(repr=False)
    _answers: dict[int, Any] = field(default_factory=dict, repr=False)

    def matches(self, segments: tuple[str, ...]) -> bool:
        """Tell whether a path of these segments can mean this operation."""
        pairs = zip(self.segments, segments, strict=True)
        return all(mine.startswith("{") or mine == theirs for mine, theirs in pairs)

    def path_values(self, segments: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Yield name and decoded text of every path parameter; a template has none to check."""
        for mine, theirs in zip(self.segments, segments, strict=True):
            if mine.startswith("{") and not theirs.startswith("{"):
                yield mine[1:-1], unquote(theirs)

    @cached_property
    def body(self) -> Any:
        """The validator of the request body; None when the operation takes none."""
        content = self.described.get("requestBody", {}).get("content", {})
        media = content.get(_JSON) or next(iter(content.values()), None)
        return None if media is None else self.factory.validator(media["schema"])

    @cached_property
    def by_parameter(self) -> Mapping[tuple[str, str], Any]:
        """Validators of the parameters by place ("path" or "query") and name."""
        return {key: self.factory.validator(schema) for key, schema in self.parameters.items()}

    def is_described(self, status: int) -> bool:
        """Tell whether the operation may answer with `status`; server errors always may."""
        return status >= 500 or self._response(status) is not None

    def answer(self, status: int) -> Any:
        """Return the validator of the answer with `status`; None when that answer has no JSON body."""
        if status not in self._answers:
            media = (self._response(status) or {}).get("content", {}).get(_JSON)
            self._answers[status] = None if media is None else self.factory.validator(media["schema"])
        return self._answers[status]

    def _response(self, status: int) -> Mapping[str, Any] | None:
        responses: Mapping[str, Mapping[str, Any]] = self.described["responses"]
        return responses.get(str(status), responses.get(f"{status // 100}XX"))


class OperationIndex:
    """All operations of a description, found by method and path."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.factory = ValidatorFactory(description["components"]["schemas"])
        self._responses = description["components"]["responses"]
        self._index: dict[tuple[str, int], list[Operation]] = {}
        for path, item in description["paths"].items():
            for method in _METHODS & item.keys():
                self._add(method, path, item)
        for operations in self._index.values():
            operations.sort(key=_parameter_positions)

    def find(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
        """Return the operation and the segments of `path`, which may be a template; literals win."""
        segments = _segments(_VERSION.sub("", path))
        candidates = self._index.get((method.lower(), len(segments)), ())
        found = next((operation for operation in candidates if operation.matches(segments)), None)
        return None if found is None else (found, segments)

    def _add(self, method: str, path: str, item: Mapping[str, Any]) -> None:
        described = dict(item[method])
        described["responses"] = {code: self._response(r) for code, r in described["responses"].items()}
        listed = [*item.get("parameters", ()), *described.get("parameters", ())]
        parameters = {(parameter["in"], parameter["name"]): parameter["schema"] for parameter in listed}
        segments = _segments(path)
        operation = Operation(described["operationId"], segments, described, parameters, self.factory)
        self._index.setdefault((method, len(segments)), []).append(operation)

    def _response(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = node.get("$ref")
        return node if reference is None else self._responses[reference.rsplit("/", 1)[1]]


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _parameter_positions(operation: Operation) -> tuple[bool, ...]:
    return tuple(segment.startswith("{") for segment in operation.segments)


def coerce(text: str, schema: Schema) -> Any:
    """Read a path or query value as its schema means it; text that does not fit stays text (and fails)."""
    kinds = schema.get("type")
    if kinds == "integer" and re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if kinds == "number" and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return float(text)
    if kinds == "boolean" and text in ("true", "false"):
        return text == "true"
    if kinds == "array":
        return text.split(",")
    return text
