"""What a few words to the menu mean, in four languages at once: divisions, yes, no, thanks, back."""

import re
from difflib import get_close_matches

from domain.i18n.fold import fold, fold_words
from domain.orders.dto import Tariff

_NO = "no nao non nope nah nada rien nothing none ninguno ninguna nenhum nenhuma aucun aucune"
_THANKS = "gracias thanks thank thx ty merci obrigado obrigada obg"
_BESIDE = f"{_THANKS} muchas mil you beaucoup bien muito por favor please pls svp mas mais more else de del"
_YES = (
    "si sip yes yeah yep yup sure oui ouais sim claro dale vale venga ok okay oki listo perfecto perfect parfait"
    " perfeito adelante ahead bora fechado beleza blz combinado deal acuerdo accord quiero kiero want quero prends"
    " veux take allez"
)
_BESIDE_YES = (
    f"{_BESIDE} lo la le el je i ya it that this eu o a me do let s go d vas y va muy tres then pues alors bueno"
)
_BACK = "volver atras regresar menu inicio back retour arriere voltar volta accueil"
_BESIDE_BACK = f"{_BESIDE} al a el la go to the au en o ao para pra principal main quiero quero i want"
_TIERS = {
    "D": "diamante diamond diamant diam",
    "E": "esmeralda emerald emeraude esme",
    "P": "platino platinum platine platina plat",
    "G": "oro gold ouro",
    "S": "plata silver argent prata",
    "B": "bronce bronze",
    "I": "hierro iron fer ferro",
}
_INITIALS = {name: initial for initial, names in _TIERS.items() for name in names.split()}
_FORGIVEN = [name for name in _INITIALS if len(name) >= 5]  # a short word with another letter is another word
_LIKENESS = 0.85
_STEPS = {"iv": "4", "iii": "3", "ii": "2", "i": "1"}
# "platinum I want" is a wish, "platinum I to" a division
_SPELLED = r"([^\W\d_]{3,12})[\s.-]*([1-4]|iv|i{1,3}(?!['’]|\s+(?:want|need|would|am|have|will)\b))(?!\w)"


def divisions_in(words: str, tariff: Tariff) -> list[str]:
    """The tariff's divisions that are named, in the order they are named, each once.

    As the tariff names them ("D2", in any case), or spelled ("diamante 2", "Emerald IV", "plat 4", "esmerlda 3").
    """
    names = sorted((line.division.upper() for line in tariff.lines), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:({'|'.join(map(re.escape, names))})(?!\w)|{_SPELLED})", re.IGNORECASE)
    found = (match[1].upper() if match[1] else _spelled(match[2], match[3]) for match in pattern.finditer(words))
    return list(dict.fromkeys(name for name in found if name in names))


def _spelled(tier: str, step: str) -> str:
    """The short name of a tier and a step; empty when there is no such tier."""
    word = fold(tier)
    near = [word] if word in _INITIALS else get_close_matches(word, _FORGIVEN, 1, _LIKENESS)
    return _INITIALS[near[0]] + _STEPS.get(step.lower(), step) if near else ""


def declines(words: str) -> bool:
    """Whether the answer is only a no: "no gracias", "non merci", "nothing else"."""
    return _is_only(words, _NO, _BESIDE)


def thanks(words: str) -> bool:
    """Whether somebody only says thanks: "muchas gracias", "thx"."""
    return _is_only(words, _THANKS, _BESIDE)


def agrees(words: str) -> bool:
    """Whether the answer is only a yes: "sí, dale", "ok", "la quiero", "go ahead please"."""
    return _is_only(words, _YES, _BESIDE_YES)


def goes_back(words: str) -> bool:
    """Whether somebody wants the menu again: "volver", "go back", "menu"."""
    return _is_only(words, _BACK, _BESIDE_BACK)


def _is_only(words: str, meant: str, beside: str) -> bool:
    """Whether a word that means it is said, and none but those that may stand beside it."""
    said = set(fold_words(words))
    return not said.isdisjoint(meant.split()) and said <= {*meant.split(), *beside.split()}
