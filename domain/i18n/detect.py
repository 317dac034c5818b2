"""In which of our languages somebody writes, from one short chat message."""

import asyncio
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from domain.i18n.catalog import LOCALES
from domain.i18n.fold import fold_words

if TYPE_CHECKING:
    from lingua import LanguageDetector as Lingua

_LONGEST = 600
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
_MARGIN = 0.12  # how far the best must stand before the second, of a score between 0 and about 2
_FEWEST_WORDS = 3  # without a tell-tale word, fewer are a guess
_SIGNS = {
    "¿": "es",
    "¡": "es",
    "ñ": "es",
    "ã": "pt-BR",
    "õ": "pt-BR",
    "œ": "fr",
    "ù": "fr",
    "è": "fr",
    "û": "fr",
    "î": "fr",
}


@dataclass(frozen=True, slots=True)
class _Words:
    neutral: frozenset[str]
    by_locale: Mapping[str, frozenset[str]]


class LanguageDetector:
    """Tells en, es, fr and pt-BR apart; the models (about 135 MB, 0.7 s) are loaded at the first doubtful text.

    Args:
        is_light: Tell-tale words only, no models: for tests and small machines.

    One instance serves the whole process and may be asked from several threads.
    """

    def __init__(self, *, is_light: bool = False) -> None:
        self._is_light = is_light
        self._lingua: Lingua | None = None
        self._loading = Lock()

    def detect(self, text: str) -> str | None:
        """The language, or None when the text does not tell: "ok", "D4", emoji, numbers, names, a mix.

        None means: keep the language the contact had.
        """
        text = _ADDRESS.sub(" ", text[:_LONGEST])
        words = _telling(text)
        votes = self._votes(text, words)
        if not words or (not any(votes.values()) and len(words) < _FEWEST_WORDS):
            return None
        scores = dict(votes)
        if not self._is_light:
            for locale, confidence in self._confidences(text).items():
                scores[locale] += confidence
        (best, first), (_, second), *_ = sorted(scores.items(), key=lambda item: -item[1])
        return best if first - second >= _MARGIN else None

    async def language_of(self, text: str) -> str | None:
        """The same on the event loop: less than a thread's turn costs, once a thread has loaded the models."""
        if self._lingua is None and not self._is_light:
            await asyncio.to_thread(self.warm)
        return self.detect(text)

    def may_be(self, text: str, locale: str) -> bool:
        """Whether at least one word or sign is of the language; a longer text without any is in none of ours."""
        words = [word for word in fold_words(text[:_LONGEST]) if word.isalpha()]
        return self._votes(text, words)[locale] > 0

    def warm(self) -> None:
        """Load the models now; blocking, so call it from a thread when the process starts."""
        self._models()

    def _votes(self, text: str, words: list[str]) -> dict[str, float]:
        """The share of words that belong to each language; a word that several have counts for each in part."""
        votes = dict.fromkeys(LOCALES, 0.0)
        for word in words:
            owners = [locale for locale in LOCALES if word in _table().by_locale[locale]]
            for locale in owners:
                votes[locale] += 1 / len(owners) ** 2
        for sign, locale in _SIGNS.items():
            votes[locale] += sign in text.lower()
        return {locale: min(1.0, vote / max(1, len(words))) for locale, vote in votes.items()}

    def _confidences(self, text: str) -> dict[str, float]:
        plain = re.sub(r"\S*\d\S*", " ", text)
        found = self._models().compute_language_confidence_values(plain)
        return {_LOCALE_OF[value.language.name]: value.value for value in found}

    def _models(self) -> "Lingua":
        with self._loading:
            if self._lingua is None:
                from lingua import Language, LanguageDetectorBuilder  # loads its models: only when needed

                languages = [Language.from_str(name.title()) for name in _LOCALE_OF]
                self._lingua = LanguageDetectorBuilder.from_languages(*languages).build()
            return self._lingua


_LOCALE_OF = {"ENGLISH": "en", "SPANISH": "es", "FRENCH": "fr", "PORTUGUESE": "pt-BR"}


def changes_language(text: str) -> bool:
    """Whether a text is enough to change the language a person is known by: "thanks" and "ok merci" are said in all."""
    return len(_telling(_ADDRESS.sub(" ", text[:_LONGEST]))) > 1


def _telling(text: str) -> list[str]:
    return [word for word in fold_words(text) if word.isalpha() and word not in _table().neutral]


@cache
def _table() -> _Words:
    source = tomllib.loads(Path(__file__).with_name("telltales.toml").read_text(encoding="utf-8"))
    return _Words(
        frozenset(source["neutral"].split()), {locale: frozenset(source[locale].split()) for locale in LOCALES}
    )
