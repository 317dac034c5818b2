"""Chance that repeats: the same seed and the same conversation give the same throws."""

from __future__ import annotations

import hashlib
import random
from collections import Counter

from sandbox.openai.turns import ModelRequest

_REMEMBERED_MAX_COUNT = 10_000


class Dice:
    """Gives every turn its own chance, however many conversations run at once.

    A turn is known by what the client has said; a second conversation with the same words gets other throws.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._begun: Counter[bytes] = Counter()

    def of_turn(self, request: ModelRequest) -> random.Random:
        """Return the chance of the whole turn: the same throws at each of its steps."""
        return random.Random(self._name(request))

    def of_step(self, request: ModelRequest) -> random.Random:
        """Return the chance of this step of the turn."""
        return random.Random(f"{self._name(request)}:{len(request.messages)}")

    def begin(self, request: ModelRequest) -> None:
        """Notice that a turn begins; to be called once for each request, before the throws."""
        if request.step_index == 0:
            if len(self._begun) >= _REMEMBERED_MAX_COUNT:
                self._begun.clear()
            self._begun[_key(request)] += 1

    def _name(self, request: ModelRequest) -> str:
        key = _key(request)
        return f"{self._seed}:{key.hex()}:{self._begun[key]}"


def _key(request: ModelRequest) -> bytes:
    return hashlib.sha256("\0".join(request.client_texts).encode("utf-8", "replace")).digest()[:12]
