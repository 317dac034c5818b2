"""Runs the calls of one turn: known names, valid arguments, nothing twice, every failure told truthfully."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

import orjson
from pydantic import ValidationError

from agent.echo import plain, storable
from agent.gates.hygiene import fence
from agent.models.port import ToolCall, ToolSpec
from agent.tools import catalogue, people
from agent.tools.port import Desk, Result, Tool
from domain.kernel.errors import DomainError, OutcomeUnknown, Unavailable
from domain.orders.quoting import Quote

_TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in (*catalogue.TOOLS, *people.TOOLS)})
_RESULT_CAP = 4_000
_ARGUMENTS_CAP = 4_000


class Looping(Exception):
    """The model makes the same failing call again."""


@dataclass(slots=True)
class Toolbox:
    """The tools of one turn, and what they gave.

    Attributes:
        results: Every result so far, in order of the calls.
    """

    desk: Desk
    results: list[Result] = field(default_factory=list)
    _known: dict[str, Result] = field(default_factory=dict)
    _call_count: int = 0

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is offered."""
        return all_specs()

    @property
    def last_quote(self) -> Quote | None:
        """The climb that was priced last in this turn."""
        return next((result.quote for result in reversed(self.results) if result.quote is not None), None)

    async def run(self, call: ToolCall) -> Result:
        """Run a call of the model's.

        Raises:
            Looping: The same call failed before in this turn.
            Unavailable: The database is away.
        """
        call = ToolCall(call.id, plain(call.name)[:100], plain(call.arguments))
        key = f"{call.name}:{_canonical(call.arguments)}"
        before = self._known.get(key)
        if before is not None and before.is_failure:
            raise Looping
        if before is not None:
            return before
        result = await self._call(call)
        self._known[key] = result
        self.results.append(result)
        return result

    async def _call(self, call: ToolCall) -> Result:
        tool = by_name().get(call.name)
        if tool is None:
            return _failure("unknown_tool", f"There is no such tool. There are: {', '.join(by_name())}.")
        if len(call.arguments) > _ARGUMENTS_CAP:
            return _failure("invalid_arguments", "The arguments are too long.")
        try:
            arguments = tool.arguments.model_validate_json(call.arguments or "{}")
        except ValidationError as exc:
            wrong = sorted({".".join(map(str, error["loc"])) or "JSON" for error in exc.errors(include_url=False)})
            return _failure("invalid_arguments", f"Not valid: {', '.join(wrong)[:200]}. Nothing was done.")
        self._call_count += 1
        step = self.desk.actor.for_step(f"{call.name}:{self._call_count}")
        try:
            return await tool.run(replace(self.desk, actor=step), arguments)
        except (Unavailable, OutcomeUnknown):
            raise
        except DomainError as exc:
            return _failure(exc.code, self.desk.reader(f"error.{exc.code}", **exc.params))


def by_name() -> Mapping[str, Tool]:
    """Every tool there is."""
    return _TOOLS


@cache
def all_specs() -> tuple[ToolSpec, ...]:
    """What a model is offered; the schemas are made once."""
    return tuple(tool.spec for tool in _TOOLS.values())


def shown(name: str, result: Result) -> str:
    """A result as the model reads it: data inside a fence, capped."""
    return fence(orjson.dumps(storable(result.data)).decode(), f"tool {name}", _RESULT_CAP)


def _failure(code: str, sentence: str) -> Result:
    return Result({"error": code, "message": sentence}, is_failure=True)


def _canonical(arguments: str) -> str:
    try:
        return orjson.dumps(orjson.loads(arguments), option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONDecodeError:
        return arguments[:500]
