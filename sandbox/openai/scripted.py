"""A model that says what a script tells it to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.openai.turns import Model, ModelRequest, Reply, ToolCall
from sandbox.openai.words import folded

Said = str | Reply | ToolCall | Sequence[ToolCall]
Step = Said | Callable[[ModelRequest], Said]
Trigger = str | tuple[str, ...] | Callable[[ModelRequest], bool]


@dataclass(frozen=True)
class _Rule:
    trigger: Trigger
    steps: tuple[Step, ...]


class ScriptedModel:
    """Follows the first rule that fits the client's last messages; without one it asks `fallback`, or says "Ok.".

    It keeps no state: which step of a rule comes next follows from how often the model has answered since the client's
    last message, so any number of conversations may run at once. The last step repeats.
    """

    def __init__(self, fallback: Model | None = None) -> None:
        self._fallback = fallback
        self._rules: list[_Rule] = []

    def when(self, trigger: Trigger, *steps: Step) -> None:
        """Add a rule behind the others.

        Args:
            trigger: Words in the client's last messages (case and accents aside), several words of which one is
                enough, or a predicate over the request.
            steps: In order: a text, a tool call or several, a `Reply`, or a function of the request that returns one of
                these (`request.result("quote_order")` is the data that a tool gave in this turn).
        """
        self._rules.append(_Rule(trigger, steps))

    def answer(self, request: ModelRequest) -> Reply:
        """Return the step that is due."""
        rule = next((rule for rule in self._rules if _fits(rule.trigger, request)), None)
        if rule is not None:
            return as_reply(rule.steps[min(request.step_index, len(rule.steps) - 1)], request)
        return Reply("Ok.") if self._fallback is None else self._fallback.answer(request)


def as_reply(step: Step, request: ModelRequest) -> Reply:
    """Turn a step into what it says."""
    said = step(request) if callable(step) else step
    if isinstance(said, Reply):
        return said
    if isinstance(said, str):
        return Reply(said)
    return Reply(calls=(said,) if isinstance(said, ToolCall) else tuple(said))


def _fits(trigger: Trigger, request: ModelRequest) -> bool:
    if callable(trigger):
        return trigger(request)
    words = (trigger,) if isinstance(trigger, str) else trigger
    text = folded(request.client_text)
    return any(folded(word) in text for word in words)
