"""What the doctor finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; only `MISSING` keeps the house from working."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's table."""

    level: Level
    what: str
    found: str
    remedy: str = ""
