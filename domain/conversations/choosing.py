"""Which option a typed answer means: people type "2" or "la segunda" under buttons as well."""

import re
from collections.abc import Sequence

from domain.conversations.dto import Option
from domain.i18n.fold import fold_words

_ORDINALS = {
    1: "1st first one uno una primero primera primer premier premiere un une um uma primeiro primeira",
    2: "2nd second two dos segundo segunda deuxieme deux seconde dois duas",
    3: "3rd third three tres tercero tercera tercer troisieme trois terceiro terceira",
    4: "4th fourth four cuatro cuarto cuarta quatrieme quatre quatro quarto quarta",
    5: "5th fifth five cinco quinto quinta cinquieme cinq",
    6: "6th sixth six seis sexto sexta sixieme",
    7: "7th seventh seven siete septimo septima septieme sept sete setimo setima",
    8: "8th eighth eight ocho octavo octava huitieme huit oito oitavo oitava",
    9: "9th ninth nine nueve noveno novena neuvieme neuf nove nono nona",
    10: "10th tenth ten diez decimo decima dixieme dix dez",
}
_LAST = ("last", "ultimo", "ultima", "dernier", "derniere")
_FILLERS = (
    "the el la lo los las le les l o a option opcion opcao choice number numero please por favor porfa pls svp stp"
    " i want quiero quero je veux prefiero prefiro prefere me quedo con fico with d ok si yes oui sim"
)
_NEGATIVE = re.compile(r"(?<!\w)[-−–]\d")
_NUMBER = re.compile(r"(\d{1,2})(?:a|o|e|er|ere|eme|st|nd|rd|th)?")


def chosen(text: str, options: Sequence[Option]) -> str | None:
    """The id of the option meant by a typed answer, or None when none or more than one is meant.

    Case, accents and punctuation do not count. In this order: a whole title; the number or its name ("2.", "2️⃣", "la
    segunda", "the last one"); words that only one title holds.
    """
    said = fold_words(text)
    if not said or len(said) > 12 or _NEGATIVE.search(text):  # "-1" is no place in a list
        return None
    titles = [fold_words(option.title.removesuffix("…")) for option in options]
    core = [word for word in said if word not in _FILLERS.split()] or said
    for meant in (
        [n for n, t in enumerate(titles) if t == said],
        _by_number(core, len(options)),
        _by_words(core, titles),
    ):
        if meant:
            return options[meant[0]].id if len(meant) == 1 else None
    return None


def _by_number(core: list[str], count: int) -> list[int]:
    """The index of the option whose number is the only thing said; "the second one" is 2, "one" alone is 1."""
    if len(core) == 2 and core[1] in ("one", "un", "una", "uno"):
        core = core[:1]
    if len(core) != 1:
        return []
    if core[0] in _LAST:
        return [count - 1] if count else []
    match = _NUMBER.fullmatch(core[0])
    number = int(match[1]) if match else next((n for n, names in _ORDINALS.items() if core[0] in names.split()), 0)
    return [number - 1] if 1 <= number <= count else []


def _by_words(core: list[str], titles: list[list[str]]) -> list[int]:
    """Titles that hold every word said; else titles said whole within a short answer."""
    if all(len(word) < 2 for word in core):
        return []
    within = [n for n, title in enumerate(titles) if set(core) <= set(title)]
    return within or [n for n, title in enumerate(titles) if title and f" {' '.join(title)} " in f" {' '.join(core)} "]
