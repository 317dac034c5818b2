"""Discord's description, compiled once for every referee that judges by it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from jsonschema.exceptions import ValidationError

from sandbox.discord.referee_events import EventSchemas
from sandbox.discord.referee_operations import OperationIndex


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a value that the description does not allow: where in it, which rule, and its words."""

    path: tuple[str, ...]
    keyword: str
    message: str


class CompiledDescription:
    """Operations and events of a description. What was judged once is not judged again: a bot registers the same
    hundred kilobytes of commands at every start."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.operations = OperationIndex(description)
        self.events = EventSchemas(description["components"]["schemas"])
        self._judged: dict[tuple[int, bytes], tuple[Finding, ...]] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read Discord's OpenAPI description from `path`."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def judge(self, validator: Any, value: Any) -> tuple[Finding, ...]:
        """Everything wrong with `value`, by a validator of these operations or events."""
        digest = hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        key = (id(validator), digest)
        if key not in self._judged:
            self._judged[key] = tuple(_finding(error) for error in validator.iter_errors(value))
        return self._judged[key]


def _finding(error: ValidationError) -> Finding:
    return Finding(tuple(str(part) for part in error.absolute_path), str(error.validator), error.message)
