"""What is kept of a turn, so that it can be understood and played again."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from agent.echo import storable
from agent.limits import TurnLimits
from agent.loop import Outcome
from agent.models.port import ChatMessage
from domain.conversations.turn_dto import TurnTrace

_SYSTEM_CAP = 8_000
_MESSAGES_CAP = 24_000


@dataclass(slots=True)
class Story:
    """Collects a turn's trace; `began_s` is monotonic."""

    began_s: float
    _model: str = ""
    _version: str = ""
    _steps: list[dict[str, Any]] = field(default_factory=list)
    _spent: tuple[int, int, int] = (0, 0, 0)

    def name(self, answerer: str) -> None:
        """Who answers where no model does."""
        self._model = self._version = answerer

    def ask(self, model: str, version: str, system: str, messages: Sequence[ChatMessage]) -> None:
        """What the model is told at first: whole within a cap, oldest messages left out, and a hash of all of it."""
        self._model, self._version = model, version
        told = [{"role": message.role, "text": message.text} for message in messages]
        digest = hashlib.sha256(orjson.dumps(storable([system, told]))).hexdigest()
        kept: list[dict[str, str]] = []
        room = _MESSAGES_CAP
        for one in reversed(told):
            room -= len(one["text"])
            if room < 0:
                break
            kept.insert(0, one)
        self._steps.append(
            {"system": system[:_SYSTEM_CAP], "messages": kept, "message_count": len(told), "sha256": digest}
        )

    def spend(self, outcome: Outcome, limits: TurnLimits) -> None:
        """What the exchange was, and what it used."""
        cost = limits.cost_micros(outcome.input_tokens, outcome.output_tokens)
        self._spent = (outcome.input_tokens, outcome.output_tokens, cost)
        self._steps.extend(outcome.steps)

    def tell(self, **what: object) -> None:
        """One more step."""
        self._steps.append(dict(what))

    def trace(self, **decision: object) -> TurnTrace:
        """The trace with what was decided; whether it was still wanted is kept beside it."""
        steps = [*self._steps, {**decision, "ms": round((time.monotonic() - self.began_s) * 1000, 1)}]
        return TurnTrace(self._model, self._version, *self._spent, storable(steps))
