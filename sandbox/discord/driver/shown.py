"""How a value that a person gives looks to onlookers."""

from __future__ import annotations

from typing import Any

from sandbox.discord.drafts import Upload
from sandbox.discord.state import User


def shown(value: Any) -> str:
    """Return a name instead of an object: people with @, files by their name, lists with commas."""
    if isinstance(value, User):
        return f"@{value.username}"
    if isinstance(value, Upload):
        return value.filename
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], bytes):
        return str(value[0])
    if isinstance(value, list | tuple):
        return ", ".join(shown(each) for each in value)
    return str(getattr(value, "name", value))
