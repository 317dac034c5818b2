"""What a reply says was done, or promises to do: booked, paid, sent, handed over.

Participles count wherever they stand, unless the clause denies them, makes them a condition ("once it is paid") or
asks. Promises count in the first person only: "a person will confirm" promises nothing for the agent.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path

from agent.gates.claims import Claim, Deed, Kind
from agent.gates.folded import Folded

_DENIED = (
    r"\b(?:no|not|nao|ne|never|nunca|jamais|sin|sem|sans|without|nada|nothing|nadie|ninguem|cannot|unable|imposible"
    r"|impossible|yet to)\b|n't\b|\bn'"
)
_SUPPOSED = (
    r"\b(?:if|when|once|until|unless|after|before|as soon as|whether|cuando|si|una vez|hasta que|apenas|antes de"
    r"|despues de|en cuanto|quando|se|assim que|depois|antes|quand|une fois|des que|apres|avant|lorsque|jusqu'a"
    r"|para (?:que|ser)|to be|can be|could be|must be|may be|might be|needs? to|puede ser|pueden ser|debe ser|pode ser"
    r"|peut etre|doit etre|quieres que|quiere que|want me to|shall i|should i|quer que|voulez-vous que|veux-tu que"
    r"|gostaria que|gustaria que|has to be|sera que)\b"
)
_HEDGE = re.compile(f"(?=({_DENIED}|{_SUPPOSED}))")  # every one, those inside another, too
_CLAUSE_END = re.compile(r"[,;:()]")
_ASKING = re.compile(
    r"^[\s*_]*(?:¿|(?:do|did|does|have|has|is|are|was|were|shall|should|would|could|can|may|want|what|which|when|how|who"
    r"|where)\b|(?:est-ce|avez|as-tu|voulez|souhaitez|veux|quel|quelle|quand|comment)\b"
    r"|(?:quer|voce|ja |posso|pode|gostaria|deseja|qual|como)\b)"
)
_TAGGED = re.compile(
    r"[,;:.] ?(?:ok|okay|d'accord|non|n'est-ce pas|ca marche|ca vous va|entendu|certo|ne|ta|ta bom|combinado|beleza"
    r"|vale|si|no|nao|right|alright|deal|yes|oui|sim)[\s?!.*_]*$"
)
_ACCENTED = "accented"
_OFFERS = frozenset({"infinitive", "present", "offer"})
_ORDER = re.compile(r"#\s?(\d{1,9})\b")


def find_deeds(reply: Folded) -> Iterator[Claim]:
    """Every deed said to be done or promised in the first person; each sentence is looked at once for all of them."""
    sentences: dict[int, _Sentence] = {}
    for action, patterns in _patterns().items():
        for frame, pattern in patterns:
            for match in pattern.finditer(reply.text):
                number = reply.sentence_number(match.start())
                sentence = sentences.get(number) or sentences.setdefault(number, _Sentence.of(reply.sentences[number]))
                claim = reply.claim(Kind.DEED, *match.span(), Deed(action, sentence.order))
                if frame == _ACCENTED and "é" not in claim.text:
                    continue  # "confirme, por favor" asks; "confirmé" says it is done
                if not sentence.is_harmless(reply.within(match.start()), is_offer=frame in _OFFERS):
                    yield claim


@dataclass(frozen=True, slots=True)
class _Sentence:
    """What decides about the deeds of one sentence.

    Attributes:
        order: The first order number in it.
        asks: It is a question by its form.
        offers: It is a question, if only by its tone, that does not say "..., ok?" behind what is done anyway.
        clauses: Where its clauses begin.
        hedged_from: Of each clause, from where on it is denied or only supposed.
    """

    order: int | None
    asks: bool
    offers: bool
    clauses: Sequence[int]
    hedged_from: Sequence[float]

    @classmethod
    def of(cls, text: str) -> "_Sentence":
        """Look at a sentence once."""
        clauses = [0, *(match.end() for match in _CLAUSE_END.finditer(text))]
        hedged_from = [inf] * len(clauses)
        for match in _HEDGE.finditer(text):
            clause = bisect_right(clauses, match.start()) - 1
            hedged_from[clause] = min(hedged_from[clause], match.end(1))
        order, is_question = _ORDER.search(text), text.rstrip().endswith("?")
        # "Je vous passe un collègue ?" asks by its tone alone; "..., d'accord ?" says what is done anyway.
        return cls(
            int(order[1]) if order else None, is_question and _ASKING.search(text) is not None,
            is_question and _TAGGED.search(text) is None, clauses, hedged_from,
        )  # fmt: skip

    def is_harmless(self, at: int, *, is_offer: bool) -> bool:
        """Whether a deed that begins there is denied, supposed, or asked."""
        clause = bisect_right(self.clauses, at) - 1
        return self.hedged_from[clause] <= at or self.asks or (is_offer and self.offers)


@cache
def _patterns() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """The patterns by action, each with its frame: those that stand for themselves, then those that need an accent."""
    table = tomllib.loads(Path(__file__).with_name("deeds.toml").read_text(encoding="utf-8"))
    frames: dict[str, str] = table["frames"]
    return {action: _compiled(entry, frames) for action, entry in table["actions"].items()}


def _compiled(entry: dict[str, str], frames: dict[str, str]) -> list[tuple[str, re.Pattern[str]]]:
    plain = [(name, frame.replace("{}", f"(?:{entry[name]})")) for name, frame in frames.items() if name in entry]
    if "any" in entry:
        plain.append(("any", entry["any"]))
    compiled = [(name, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")) for name, pattern in plain]
    if "french" in entry:
        alone = rf"(?:^|(?<=[.!?\n] )|(?<=\n))\W*(?:{entry['french']})(?!\w)"
        compiled.append((_ACCENTED, re.compile(alone)))
    return compiled
