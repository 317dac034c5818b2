"""Replies that are no sentences for a client: empty, marked up, or made of our own instructions."""

import re
import unicodedata
from collections.abc import Collection

_RUN = 8  # so many words in a row are no coincidence
_ODD = re.compile(
    r"</?[a-z!][^>\n]{0,200}>|```|^[^\S\n]*\|.*\||^#{1,6} |\{\{|\{%|\$\{|%\(|@everyone\b|@here\b|<[@#]"
    r"|\bjavascript:\S|[\u0300-\u036f]{3}|\S{120}",
    re.IGNORECASE | re.MULTILINE,
)
_JSON = re.compile(r"^\s*[\[{]|[{,]\s*\"[a-z_]+\"\s*:")
_WORDS = re.compile(r"\w+")


def says_something(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(map(str.isalnum, text))


def odd_signs(text: str) -> bool:
    """Whether it holds markup, code, a table, a mention, a placeholder, or heaps of signs."""
    return _ODD.search(text) is not None or _JSON.search(text) is not None


def tool_names_in(text: str, names: Collection[str]) -> bool:
    """Whether it names one of our tools."""
    return any(name in text for name in names)


def is_of_prompt(text: str, prompt: str) -> bool:
    """Whether it repeats a run of words of the instructions, however they are written."""
    said = _words(text)
    if len(said) < _RUN:
        return False
    told = f" {' '.join(_words(prompt))} "
    return any(f" {' '.join(said[at : at + _RUN])} " in told for at in range(len(said) - _RUN + 1))


def _words(text: str) -> list[str]:
    """The words without case and accents; the house's own folding is thorough and too slow for a whole prompt."""
    return _WORDS.findall(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold())
