"""What a person may always say, matched before any model: stop, start again, and "I want a person".

English, Spanish, French and Portuguese at once, whatever language the contact is known by: who switches language
to say stop means it. The table is `words.toml`. One mistyped letter in a long word is forgiven.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from domain.i18n.fold import fold_words

_LONGEST = 2_000  # characters looked at: a wish stands in a short message, and regexes stay cheap on a long one
_SHOUTED = re.compile(r"(?<![\w'’-])(STOP|BAJA|SAIR|PARAR|ARRET|ARRÊT)(?![\w'’-])")
_BORROWED = re.compile(r"\b(?:stop|start)\b")
_LOCALES = {"pt": "pt-BR"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class _Wish:
    whole: frozenset[str]
    sentences: re.Pattern[str]
    unless: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Table:
    fillers: frozenset[str]
    typos: dict[str, str]
    wishes: dict[str, _Wish]
    languages: dict[str, str]  # of what is said in one language only


def opt_out(text: str) -> bool:
    """Whether the person wants no more messages: STOP, BAJA, or a plain sentence ("ne m'écrivez plus").

    A word that only contains or mentions stopping ("non-stop", "no quiero parar hasta D1", "baja de D4 a E1") is no
    such wish. CANCEL is none either: here it may mean an order.
    """
    return _says("opt_out", text) or _shouts_stop(text)


def language_of_wish(text: str) -> str | None:
    """The language of a bare STOP or START word that belongs to one language: BAJA es, SAIR pt-BR, ARRÊT fr.

    STOP and START themselves are said in every language; PARAR in two. Both, and everything longer, tell nothing.
    """
    table = _table()
    words = [word for word in fold_words(text[:_LONGEST]) if word not in table.fillers]
    core = " ".join(_without_repeats(words))
    return table.languages.get(core)


def opt_in(text: str) -> bool:
    """Whether the person asks for messages again: START, ALTA, or a plain sentence."""
    return _says("opt_in", text) and not opt_out(text)


def wants_person(text: str) -> bool:
    """Whether the person asks for a human. Asking whether they talk to a bot is not asking for a human."""
    return _says("wants_person", text)


def _says(name: str, text: str) -> bool:
    table = _table()
    wish = table.wishes[name]
    words = [table.typos.get(word, word) for word in fold_words(text[:_LONGEST])]
    core = " ".join(_without_repeats([word for word in words if word not in table.fillers]))
    if core in wish.whole or " ".join(words) in wish.whole:
        return True
    return wish.sentences.search(wish.unless.sub(" | ", " ".join(words))) is not None


def _shouts_stop(text: str) -> bool:
    """STOP in capitals inside a message that is not in capitals throughout: "amigo STOP, no me interesa"."""
    text = text[:_LONGEST]
    rest = _SHOUTED.sub("", text)
    if rest == text or not any(c.islower() for c in rest):
        return False
    unless = _table().wishes["opt_out"].unless
    return re.search(r"\b(stop|baja|sair|parar|arret)\b", unless.sub(" ", " ".join(fold_words(text)))) is not None


def _without_repeats(words: list[str]) -> list[str]:
    return [word for i, word in enumerate(words) if i == 0 or word != words[i - 1]]


@cache
def _table() -> _Table:
    """The table, read once and never changed."""
    source = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    wishes = {name: _wish(source[name]) for name in ("opt_out", "opt_in", "wants_person")}
    typos = _typos(source["long_words"], source["not_typos"])
    return _Table(frozenset(source["fillers"]), typos, wishes, _languages(source))


def _languages(source: dict[str, Any]) -> dict[str, str]:
    """Whole wishes that one language has alone; English words are understood, and borrowed, everywhere."""
    found: dict[str, set[str]] = {}
    for name in ("opt_out", "opt_in"):
        for language, words in source[name]["whole"].items():
            for word in words:
                found.setdefault(word, set()).add(language)
    only = {word: next(iter(languages)) for word, languages in found.items() if len(languages) == 1}
    borrowed = {word for word in only if only[word] == "en" or _BORROWED.search(word) or word in source["shared"]}
    return {word: _LOCALES.get(only[word], only[word]) for word in only if word not in borrowed}


def _wish(entry: dict[str, Any]) -> _Wish:
    def any_of(name: str) -> re.Pattern[str]:
        return re.compile(r"\b(?:" + "|".join(p for patterns in entry[name].values() for p in patterns) + r")\b")

    return _Wish(frozenset(w for words in entry["whole"].values() for w in words), any_of("sentences"),
                 any_of("unless"))  # fmt: skip


def _typos(words: list[str], known: list[str]) -> dict[str, str]:
    """Every spelling one letter away from a long word; a spelling near two of them, or a word itself, is left alone."""
    near: dict[str, set[str]] = {}
    for word in words:
        for spelling in _one_away(word):
            near.setdefault(spelling, set()).add(word)
    kept = {*words, *known}
    return {spelling: min(found) for spelling, found in near.items() if spelling not in kept}


def _one_away(word: str) -> set[str]:
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    lost = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    wrong = {a + c + b[1:] for a, b in cuts if b for c in _LETTERS}
    extra = {a + c + b for a, b in cuts for c in _LETTERS}
    return lost | swapped | wrong | extra
