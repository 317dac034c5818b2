"""What a reply says was done, or promises to do: booked, paid, sent, handed over.

Participles count wherever they stand, unless the clause denies them, makes them a condition ("once it is paid") or
asks. Promises count in the first person only: "a person will confirm" promises nothing for the agent.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from agent.gates.claims import Claim, Deed, Kind
from agent.gates.folded import Folded

_DENIED = re.compile(
    r"(?:\b(?:no|not|nao|ne|never|nunca|jamais|sin|sem|sans|without|nada|nothing|nadie|ninguem|cannot|unable|imposible"
    r"|impossible|yet to)\b|n't\b|\bn')[^,;:()]*$"
)
_SUPPOSED = re.compile(
    r"\b(?:if|when|once|until|unless|after|before|as soon as|whether|cuando|si|una vez|hasta que|apenas|antes de"
    r"|despues de|en cuanto|quando|se|assim que|depois|antes|quand|une fois|des que|apres|avant|lorsque|jusqu'a"
    r"|para (?:que|ser)|to be|can be|could be|must be|may be|might be|needs? to|puede ser|pueden ser|debe ser|pode ser"
    r"|peut etre|doit etre|quieres que|quiere que|want me to|shall i|should i|quer que|voulez-vous que|veux-tu que"
    r"|gostaria que|gustaria que|has to be|sera que)\b[^,;:()]*$"
)
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
    """Every deed said to be done or promised in the first person."""
    for action, patterns in _patterns().items():
        for frame, pattern in patterns:
            for match in pattern.finditer(reply.text):
                claim = _claim(reply, match, action)
                if frame == _ACCENTED and "é" not in claim.text:
                    continue  # "confirme, por favor" asks; "confirmé" says it is done
                if not _is_harmless(reply, match, is_offer=frame in _OFFERS):
                    yield claim


def _claim(reply: Folded, match: re.Match[str], action: str) -> Claim:
    orders = _ORDER.findall(reply.sentence_at(match.start()))
    return reply.claim(
        Kind.DEED,
        *match.span(),
        *(Deed(action, int(n)) for n in orders[:1] or ()),
        *(() if orders else (Deed(action),)),
    )


def _is_harmless(reply: Folded, match: re.Match[str], *, is_offer: bool) -> bool:
    before = reply.before(match.start())
    if _DENIED.search(before) or _SUPPOSED.search(before):
        return True
    sentence = reply.sentence_at(match.start())
    if not sentence.rstrip().endswith("?"):
        return False
    # "Je vous passe un collègue ?" asks by its tone alone; "..., d'accord ?" says what is done anyway.
    return _ASKING.search(sentence) is not None or (is_offer and _TAGGED.search(sentence) is None)


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
