"""How much a turn may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """Bounds of one turn.

    Attributes:
        step_count: Calls to the model.
        turn_s: From the turn's begin to its end; a contact never waits longer for a sentence.
        call_s: For one call to the model.
        calls_per_step: Tool calls taken from one answer; the rest is refused.
        output_tokens: Asked of one answer.
        input_price_micros, output_price_micros: Millionths of the budget's currency per million tokens.
    """

    step_count: int = 8
    turn_s: float = 30
    call_s: float = 20
    calls_per_step: int = 4
    output_tokens: int = 800
    input_price_micros: int = 0
    output_price_micros: int = 0

    def cost_micros(self, input_tokens: int, output_tokens: int) -> int:
        """What tokens cost, rounded up."""
        parts = input_tokens * self.input_price_micros + output_tokens * self.output_price_micros
        return -(-parts // 1_000_000)
