"""The bounded loop between model and tools; it ends with a reply, a hand-off or a reason why there is neither."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agent.limits import TurnLimits
from agent.models.port import Answer, ChatMessage, ChatModel, ModelUnavailable, ToolCall
from agent.tools.port import Result
from agent.tools.toolbox import Looping, Toolbox, shown

_MOMENT_S = 0.5  # less is no time for a call
_SHOWN_CAP = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gates say of a reply: the bubbles that may be sent, or what is wrong with it."""

    bubbles: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()


Judge = Callable[[str, list[Result]], Verdict]


@dataclass(slots=True)
class Outcome:
    """How the loop ended; exactly one of `bubbles`, `handoff` and `failure` is set.

    Attributes:
        handoff: Reason and summary, as the model gave them.
        failure: One word: timeout, overloaded, looping, vetoed, steps, tokens, ...
        steps: The trace: calls, results, gates.
    """

    bubbles: tuple[str, ...] = ()
    handoff: tuple[str, str] | None = None
    failure: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    input_tokens: int = 0
    output_tokens: int = 0


class Loop:
    """One turn's exchange with the model.

    Args:
        model: The model.
        limits: Steps, time and size.
        token_budget: What the turn may use at most.
        judge: The gates.
    """

    def __init__(self, model: ChatModel, limits: TurnLimits, token_budget: int, judge: Judge) -> None:
        self._model = model
        self._limits = limits
        self._token_budget = token_budget
        self._judge = judge
        self._ends_at_s = time.monotonic() + limits.turn_s
        self._veto_count = 0

    async def run(self, system: str, messages: list[ChatMessage], toolbox: Toolbox) -> Outcome:
        """Go on until there is a reply that may be sent, a hand-off, or no way on."""
        outcome = Outcome()
        for _ in range(self._limits.step_count):
            answer = await self._ask(system, messages, toolbox, outcome)
            if answer is None:
                return outcome
            if answer.calls:
                await self._call(answer, messages, toolbox, outcome)
            else:
                self._weigh(answer, messages, toolbox, outcome)
            if outcome.bubbles or outcome.handoff or outcome.failure:
                return outcome
        outcome.failure = "steps"
        return outcome

    async def _ask(self, system: str, messages: list[ChatMessage], toolbox: Toolbox, outcome: Outcome) -> Answer | None:
        left_s = self._ends_at_s - time.monotonic()
        if left_s < _MOMENT_S:
            outcome.failure = "timeout"
            return None
        if outcome.input_tokens + outcome.output_tokens >= self._token_budget:
            outcome.failure = "tokens"
            return None
        try:
            answer = await self._model.complete(
                system, messages, toolbox.specs, timeout_s=min(self._limits.call_s, left_s),
                output_limit_tokens=self._limits.output_tokens,
            )  # fmt: skip
        except ModelUnavailable as exc:
            outcome.failure = exc.reason
            outcome.steps.append({"failed": exc.reason})
            return None
        outcome.input_tokens += answer.input_tokens
        outcome.output_tokens += answer.output_tokens
        return answer

    async def _call(self, answer: Answer, messages: list[ChatMessage], toolbox: Toolbox, outcome: Outcome) -> None:
        taken, refused = answer.calls[: self._limits.calls_per_step], answer.calls[self._limits.calls_per_step :]
        messages.append(ChatMessage("shop", answer.text[:_SHOWN_CAP], tuple(map(_capped, answer.calls))))
        for call in map(_capped, taken):
            try:
                result = await toolbox.run(call)
            except Looping:
                outcome.failure = "looping"
                outcome.steps.append({"call": call.name[:60], "looping": True})
                return
            text = shown(call, result)
            messages.append(ChatMessage("tool", text, call_id=call.id))
            step = {"call": call.name[:60], "arguments": call.arguments[:_SHOWN_CAP], "result": result.data}
            outcome.steps.append(step | ({"refused": True} if result.is_failure else {}))
            if result.handoff is not None:
                outcome.handoff = result.handoff
                return
        for call in map(_capped, refused):
            messages.append(ChatMessage("tool", "Not done: too many calls at once.", call_id=call.id))

    def _weigh(self, answer: Answer, messages: list[ChatMessage], toolbox: Toolbox, outcome: Outcome) -> None:
        verdict = self._judge(answer.text, toolbox.results)
        outcome.steps.append({"reply": answer.text[:_SHOWN_CAP], "objections": list(verdict.objections)})
        if verdict.bubbles:
            outcome.bubbles = verdict.bubbles
            return
        self._veto_count += 1
        if self._veto_count > 1:
            outcome.failure = "vetoed"
            return
        messages.append(ChatMessage("shop", answer.text[:_SHOWN_CAP]))
        messages.append(ChatMessage("note", _again(verdict)))


def _again(verdict: Verdict) -> str:
    wrong = "; ".join(verdict.objections)
    return (
        f"That reply was not sent. What is wrong with it: {wrong}. Write it again: state only what a tool returned in "
        "this turn, call the tool you need first, or call hand_off."
    )


def _capped(call: ToolCall) -> ToolCall:
    """A call that can be shown to the model again; some providers refuse their own oversized or empty ids."""
    return ToolCall(call.id[:64] or "call", call.name[:64] or "unknown", call.arguments)
