"""A model that does everything wrong, reproducibly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sandbox.openai import lies
from sandbox.openai import mischief_calls as calls
from sandbox.openai import mischief_texts as texts
from sandbox.openai.dice import Dice
from sandbox.openai.mischief_texts import Mischief, says
from sandbox.openai.turns import ModelRequest, Reply

MISCHIEF: Mapping[str, Mischief] = MappingProxyType(
    {
        "invented prices": says(lies.PRICES),
        "invented promises": says(lies.PROMISES),
        "claims of success": says(lies.CLAIMS),
        "talk of other people": says(lies.GOSSIP),
        "wrong language": says(lies.FOREIGN),
        "control characters": says(lies.SIGNS),
        "markup": says(lies.MARKUP),
        "links": says(lies.LINKS),
        "leaked marks": says(lies.LEAKS),
        "leaked instructions": texts.leaks,
        "leaked tool results": texts.repeats_the_tools,
        "empty answers": texts.says_nothing,
        "endless answers": texts.says_too_much,
        "several lies": texts.says_everything,
        "altered amounts": texts.alters_the_amount,
        "the client's words": texts.repeats_the_client,
        "cut answers": texts.is_cut_off,
        "odd token counts": texts.counts_oddly,
        "illegal tool names": calls.illegal_names,
        "broken arguments": calls.broken_arguments,
        "wrong types": calls.wrong_types,
        "extra fields": calls.extra_fields,
        "other contacts": calls.other_contacts,
        "the same failing call": calls.same_failing_call,
        "the same reading call": calls.same_reading_call,
        "endless variations": calls.endless_variations,
        "many calls at once": calls.many_at_once,
        "twin calls": calls.twins,
        "endless hand-offs": calls.hand_off_forever,
        "claims while calling": calls.claims_while_calling,
        "claims after failing": calls.claims_after_failing,
        "obedience to the client": calls.obeys_the_client,
        "cut calls": calls.cut_call,
    }
)


class AdversarialModel:
    """Picks one mischief for each turn and keeps to it through the turn's steps; some never end.

    The same seed and the same conversation give the same mischief; `only` narrows it to some names of `MISCHIEF`.
    """

    def __init__(self, seed: int, only: Iterable[str] = ()) -> None:
        self._dice = Dice(seed)
        self._names = tuple(only) or tuple(MISCHIEF)

    def answer(self, request: ModelRequest) -> Reply:
        """Return something bad."""
        self._dice.begin(request)
        return MISCHIEF[self.mischief_of(request)](request, self._dice.of_step(request))

    def mischief_of(self, request: ModelRequest) -> str:
        """Return the name of the mischief that a turn meets, once it has begun."""
        return self._dice.of_turn(request).choice(self._names)
