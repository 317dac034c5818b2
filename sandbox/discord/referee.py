"""The referee: judges every request, answer and event of the emulator against Discord's own description."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.discord.referee_description import CompiledDescription
from sandbox.discord.referee_deviations import Deviation
from sandbox.discord.referee_operations import Operation, coerce

Direction = Literal["request", "response", "event"]


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that crossed the wire and that the description does not allow.

    `operation` is an operation id, or the name of a gateway event; `pointer` starts with the part ("path",
    "query", "body", "status") and names the field, with a number for each place in a list.
    """

    operation: str
    direction: Direction
    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.direction} {self.operation} :: {self.pointer}: {self.message}"


class OpenApiReferee:
    """Implements `ports.Referee`: it records what is wrong and never raises while the emulator serves."""

    def __init__(self, description: CompiledDescription, deviations: Iterable[Deviation] = ()) -> None:
        self._description = description
        self._deviations = tuple(deviations)
        self._used: set[Deviation] = set()
        self._found: dict[tuple[str, str, str, str], Violation] = {}

    @property
    def violations(self) -> list[Violation]:
        """What was found so far, each kind once, in order of appearance."""
        return list(self._found.values())

    @property
    def unused_deviations(self) -> list[Deviation]:
        """Entries of the allow-list that nothing needed so far."""
        return [deviation for deviation in self._deviations if deviation not in self._used]

    def assert_clean(self, *directions: Direction) -> None:
        """Raise AssertionError that lists the violations, of all directions or of those given."""
        wrong = [str(found) for found in self.violations if not directions or found.direction in directions]
        if wrong:
            raise AssertionError(f"{len(wrong)} violations of Discord's description:\n" + "\n".join(wrong))

    def request(self, method: str, route_template: str, query: Mapping[str, str], body: Any) -> None:
        """Judge a request of the bot; `route_template` may be a path of the description or a real one."""
        found = self._description.operations.find(method, route_template)
        if found is None:
            self._record(f"{method} {route_template}", "request", "path", "unknown", "Discord has no such operation")
            return
        operation, segments = found
        for name, text in operation.path_values(segments):
            self._judge_parameter(operation, "path", name, text)
        for name, text in query.items():
            self._judge_parameter(operation, "query", name, text)
        if operation.body is not None:
            self._judge(operation.body, body, operation.operation_id, "request", "body")
        elif body is not None:
            self._record(operation.operation_id, "request", "body", "unknown", "the operation takes no body")

    def response(self, method: str, route_template: str, status: int, body: Any) -> None:
        """Judge an answer of the emulator."""
        found = self._description.operations.find(method, route_template)
        if found is None or status >= 500:
            return
        name = found[0].operation_id
        if not found[0].is_described(status):
            self._record(name, "response", "status", "unknown", f"the operation does not answer {status}")
            return
        validator = found[0].answer(status)
        if validator is not None:
            self._judge(validator, body, name, "response", "body")
        elif body is not None:
            self._record(name, "response", "body", "unknown", f"an answer {status} has no body")

    def event(self, name: str, payload: Any) -> None:
        """Judge the `d` of a gateway dispatch."""
        validator = self._description.events.validator(name)
        if validator is None:
            self._record(name, "event", "body", "unknown", "no such event is described")
        else:
            self._judge(validator, payload, name, "event", "body")

    def _judge_parameter(self, operation: Operation, place: str, name: str, text: str) -> None:
        schema = operation.parameters.get((place, name))
        pointer = f"{place}/{name}"
        if schema is None:
            self._record(operation.operation_id, "request", pointer, "unknown", "no such parameter is described")
            return
        value = coerce(text, self._description.operations.factory.resolve(schema))
        self._judge(operation.by_parameter[place, name], value, operation.operation_id, "request", pointer)

    def _judge(self, validator: Any, value: Any, operation: str, direction: Direction, root: str) -> None:
        for found in self._description.judge(validator, value):
            self._record(operation, direction, "/".join([root, *found.path]), found.keyword, found.message)

    def _record(self, operation: str, direction: Direction, pointer: str, keyword: str, message: str) -> None:
        for deviation in self._deviations:
            if deviation.covers(direction, operation, pointer, keyword):
                self._used.add(deviation)
                return
        kind = (operation, direction, re.sub(r"/[0-9]+(?=/|$)", "/*", pointer), keyword)
        self._found.setdefault(kind, Violation(operation, direction, pointer, _shortened(message)))


def _shortened(message: str, length: int = 240) -> str:
    return message if len(message) <= length else f"{message[:length]}…"
