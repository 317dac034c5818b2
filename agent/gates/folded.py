"""A reply folded for matching, which still knows where each character stood."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from agent.gates.claims import Claim, Kind, Reading
from domain.i18n.fold import fold_char

_SENTENCE_END = re.compile(r"[!?;\n]|\.(?=\s|$)")


class Folded:
    """One reply: `text` is lower case without accents; positions lead back to the original."""

    __slots__ = ("_at", "original", "text")

    def __init__(self, original: str) -> None:
        self.original = original
        pieces = [(char, at) for at, raw in enumerate(original) for char in _folded_char(raw)]
        self.text = "".join(char for char, _ in pieces)
        self._at = [at for _, at in pieces]

    def claim(self, kind: Kind, start: int, end: int, *readings: Reading) -> Claim:
        """A claim about the folded characters `start` to `end`."""
        first, last = self._at[start], self._at[end - 1] + 1
        return Claim(kind, self.original[first:last], first, last, readings)

    def covers(self, claim: Claim, at: int) -> bool:
        """Whether the folded position lies in the claim."""
        return claim.start <= self._at[at] < claim.end

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Start and end of every sentence, its end mark included."""
        start = 0
        for match in _SENTENCE_END.finditer(self.text):
            yield start, match.end()
            start = match.end()
        if start < len(self.text):
            yield start, len(self.text)

    def sentence_at(self, at: int) -> str:
        """The sentence around a position."""
        return next((self.text[a:b] for a, b in self.sentences() if a <= at < b), "")

    def before(self, at: int) -> str:
        """What stands before a position in its sentence."""
        return next((self.text[a:at] for a, b in self.sentences() if a <= at < b), "")


def _folded_char(raw: str) -> str:
    return "\n" if raw in "\n\r" else fold_char(raw)


@cache
def words() -> dict[str, Any]:
    """The word table `claims.toml`, read once and never changed."""
    table: dict[str, Any] = tomllib.loads(Path(__file__).with_name("claims.toml").read_text(encoding="utf-8"))
    return table


def any_of(*names: str) -> str:
    """A pattern for any entry of the lists of the table; the longest first, so that it wins."""
    entries = {entry for name in names for entry in words()["lists"][name]}
    return "(?:" + "|".join(sorted(entries, key=lambda entry: (-len(entry), entry))) + ")"
