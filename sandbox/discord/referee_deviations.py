"""The allow-list: what a client is known to send against the description, and why that does no harm."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

LISTED = Path(__file__).with_name("deviations.json")


@dataclass(frozen=True, slots=True)
class Deviation:
    """One entry: ``operation :: pointer``, where ``*`` is any operation or any one segment of the pointer.

    `keyword` is the rule that is broken, so that an allowed field is still checked in every other way. Answers
    are excused only where the description is known to lack what Discord's documentation promises.
    """

    pattern: str
    keyword: str
    reason: str
    direction: str = "request"

    def covers(self, direction: str, operation: str, pointer: str, keyword: str) -> bool:
        """Tell whether `keyword`, broken at `pointer` in the traffic of `operation`, is this deviation."""
        if (direction, keyword) != (self.direction, self.keyword):
            return False
        known_operation, known_pointer = self.pattern.split(" :: ")
        return known_operation in ("*", operation) and _expression(known_pointer).fullmatch(pointer) is not None


def load_deviations(path: Path = LISTED) -> tuple[Deviation, ...]:
    """Read the allow-list; an entry without a reason is an error."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Deviation(**entry) for entry in entries)


def _expression(pointer: str) -> re.Pattern[str]:
    segments = ("[^/]+" if segment == "*" else re.escape(segment) for segment in pointer.split("/"))
    return re.compile("/".join(segments))
