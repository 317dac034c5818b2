"""Ids that look like the API's, count up, and repeat from run to run."""

from __future__ import annotations

import itertools


class Ids:
    """Gives every thing its id, unique within one emulator."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def next(self, prefix: str, joint: str = "_") -> str:
        """Return the next id: the prefix, the joint, and 24 digits."""
        return f"{prefix}{joint}{next(self._numbers):024d}"
