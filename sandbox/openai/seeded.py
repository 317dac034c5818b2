"""A model that is mostly sensible and sometimes not, reproducibly."""

from __future__ import annotations

from random import Random

from sandbox.openai.adversarial import MISCHIEF
from sandbox.openai.dice import Dice
from sandbox.openai.sales import SalesModel
from sandbox.openai.turns import ModelRequest, Reply

_CHATTER = ("Claro.", "One moment please.", "Bien sûr.", "Com certeza.", "👍", "¿Algo más?", "Which server are you on?")
_STEPS_MAX_COUNT = 5


class SeededModel:
    """Sells in most turns, chats in some, and in the rest does one thing of the adversarial model's.

    The same seed and the same conversation give the same answers. A turn ends after a few steps.
    """

    def __init__(self, seed: int, sensible_share: float = 0.7) -> None:
        self._dice = Dice(seed)
        self._sales = SalesModel()
        self._sensible_share = sensible_share

    def answer(self, request: ModelRequest) -> Reply:
        """Return a step of a sensible or a senseless turn."""
        self._dice.begin(request)
        throw = self._dice.of_turn(request).random()
        if throw < self._sensible_share:
            return self._sales.answer(request)
        chance = self._dice.of_step(request)
        is_chatter = throw < self._sensible_share + (1 - self._sensible_share) / 3
        if is_chatter or request.step_index >= _STEPS_MAX_COUNT:
            return Reply(chance.choice(_CHATTER))
        return self._senseless(request, chance)

    def _senseless(self, request: ModelRequest, chance: Random) -> Reply:
        return MISCHIEF[chance.choice(tuple(MISCHIEF))](request, chance)
