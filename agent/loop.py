"""The bounded loop between model and tools; it ends with a reply, a hand-off or a reason why there is neither."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agent.echo import Echo, plain
from agent.limits import TurnLimits
from agent.models.port import Answer, ChatMessage, ChatModel, ModelUnavailable, ToolCall
from agent.tools.port import Result
from agent.tools.toolbox import Looping, Toolbox, shown
from domain.conversations.profile import Allowance

_MOMENT_S = 0.3  # less is no time for a call
_CHARACTERS_PER_TOKEN = 4
_TRACED = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gates say of a reply: the bubbles that may be sent, or what is wrong with it."""

    bubbles: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()


Judge = Callable[[Answer, list[Result]], Verdict]


@dataclass(slots=True)
class Outcome:
    """How the loop ended; exactly one of `bubbles`, `handoff` and `failure` is set.

    Attributes:
        handoff: Reason and summary, as the model gave them.
        failure: One word: timeout, overloaded, looping, vetoed, steps, tokens, money, ...
        steps: The trace: calls, results, gates, each with its time.
    """

    bubbles: tuple[str, ...] = ()
    handoff: tuple[str, str] | None = None
    failure: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def is_over(self) -> bool:
        """Whether the loop has ended."""
        return bool(self.bubbles or self.handoff or self.failure)


class Loop:
    """One turn's exchange with the model.

    Args:
        model: The model.
        limits: Steps, time and size.
        allowance: What the turn may use; one call may exceed it, the next is not made.
        judge: The gates.
    """

    def __init__(self, model: ChatModel, limits: TurnLimits, allowance: Allowance, judge: Judge) -> None:
        self._model = model
        self._limits = limits
        self._allowance = allowance
        self._judge = judge
        self._ends_at_s = time.monotonic() + limits.turn_s
        self._veto_count = 0
        self._echo = Echo()

    async def run(self, system: str, messages: list[ChatMessage], toolbox: Toolbox) -> Outcome:
        """Go on until there is a reply that may be sent, a hand-off, or no way on; `messages` grows on the way."""
        outcome = Outcome()
        for _ in range(self._limits.step_count):
            answer = await self._ask(system, messages, toolbox, outcome)
            if answer is not None and answer.calls:
                await self._call(answer, messages, toolbox, outcome)
            elif answer is not None:
                self._weigh(answer, messages, toolbox, outcome)
            if outcome.is_over:
                return outcome
        outcome.failure = "steps"
        return outcome

    async def _ask(self, system: str, messages: list[ChatMessage], toolbox: Toolbox, outcome: Outcome) -> Answer | None:
        began_s = time.monotonic()
        left_s = self._ends_at_s - began_s
        if left_s < _MOMENT_S:
            outcome.failure = "timeout"
        elif outcome.input_tokens + outcome.output_tokens >= self._allowance.tokens:
            outcome.failure = "tokens"
        elif self._limits.cost_micros(outcome.input_tokens, outcome.output_tokens) >= self._allowance.cost_micros:
            outcome.failure = "money"
        if outcome.failure:
            return None
        try:
            answer = await self._model.complete(
                system, messages, toolbox.specs, timeout_s=min(self._limits.call_s, left_s),
                output_limit_tokens=self._limits.output_tokens,
            )  # fmt: skip
        except ModelUnavailable as exc:
            outcome.failure = exc.reason
            outcome.steps.append({"failed": exc.reason, "ms": _ms(began_s)})
            return None
        self._count(answer, system, messages, outcome)
        outcome.steps.append({"answered": len(answer.text), "calls": len(answer.calls), "ms": _ms(began_s)})
        return answer

    def _count(self, answer: Answer, system: str, messages: list[ChatMessage], outcome: Outcome) -> None:
        """Add what the call used; a server that does not say is counted by the length of what was said."""
        sent = len(system) + sum(len(message.text) for message in messages)
        got = len(answer.text) + sum(len(call.arguments) for call in answer.calls)
        outcome.input_tokens += answer.input_tokens or sent // _CHARACTERS_PER_TOKEN
        outcome.output_tokens += answer.output_tokens or got // _CHARACTERS_PER_TOKEN

    async def _call(self, answer: Answer, messages: list[ChatMessage], toolbox: Toolbox, outcome: Outcome) -> None:
        """Run the calls of an answer; those over the limit are not run, and the model is told."""
        taken = [self._echo.call(call) for call in answer.calls[: self._limits.calls_per_step]]
        messages.append(ChatMessage("shop", self._echo.text(answer.text), tuple(taken)))
        for asked, call in zip(answer.calls, taken, strict=False):
            result = await self._run(asked, toolbox, outcome)
            if result is None:
                return
            messages.append(ChatMessage("tool", shown(call.name, result), call_id=call.id))
            if result.handoff is not None:
                outcome.handoff = result.handoff
                return
        if len(answer.calls) > len(taken):
            messages.append(ChatMessage("note", f"Only the first {len(taken)} calls were run: too many at once."))

    async def _run(self, call: ToolCall, toolbox: Toolbox, outcome: Outcome) -> Result | None:
        began_s = time.monotonic()
        step: dict[str, Any] = {"call": plain(call.name)[:64], "arguments": plain(call.arguments)[:_TRACED]}
        outcome.steps.append(step)
        try:
            result = await toolbox.run(call)
        except Looping:
            outcome.failure = "looping"
            step["looping"] = True
            return None
        step |= {"result": result.data, "ms": _ms(began_s)} | ({"refused": True} if result.is_failure else {})
        return result

    def _weigh(self, answer: Answer, messages: list[ChatMessage], toolbox: Toolbox, outcome: Outcome) -> None:
        began_s = time.monotonic()
        verdict = self._judge(answer, toolbox.results)
        step = {"reply": plain(answer.text)[:_TRACED], "objections": list(verdict.objections), "ms": _ms(began_s)}
        outcome.steps.append(step)
        if verdict.bubbles:
            outcome.bubbles = verdict.bubbles
            return
        self._veto_count += 1
        if self._veto_count > 1:
            outcome.failure = "vetoed"
            return
        messages.append(ChatMessage("shop", self._echo.text(answer.text)))
        messages.append(ChatMessage("note", _again(verdict)))


def _again(verdict: Verdict) -> str:
    wrong = "; ".join(verdict.objections)
    return (
        f"That reply was not sent. What is wrong with it: {wrong}. Write it again: state only what a tool returned in "
        "this turn, call the tool you need first, or call hand_off."
    )


def _ms(began_s: float) -> float:
    return round((time.monotonic() - began_s) * 1000, 1)
