"""A reply folded for matching, which still knows where each character stood."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from agent.gates.claims import Claim, Kind, Reading
from domain.i18n.fold import fold_char

_SENTENCE_END = re.compile(r"[!?;\n]|\.(?=\s|$)")


class Folded:
    """One reply: `text` is lower case without accents; positions lead back to the original.

    Attributes:
        sentences: The sentences in order, each with its end mark.
    """

    __slots__ = ("_at", "_starts", "original", "sentences", "text")

    def __init__(self, original: str) -> None:
        self.original = original
        pieces = [(char, at) for at, raw in enumerate(original) for char in _folded_char(raw)]
        self.text = "".join(char for char, _ in pieces)
        self._at = [at for _, at in pieces]
        # Found once: a reply may hold as many claims as words, and each asks for its sentence.
        self._starts = [0, *(match.end() for match in _SENTENCE_END.finditer(self.text))]
        self.sentences = [self.text[a:b] for a, b in zip(self._starts, [*self._starts[1:], None], strict=True)]

    def claim(self, kind: Kind, start: int, end: int, *readings: Reading) -> Claim:
        """A claim about the folded characters `start` to `end`."""
        first, last = self._at[start], self._at[end - 1] + 1
        return Claim(kind, self.original[first:last], first, last, readings)

    def place(self, at: int) -> int:
        """Where a folded position stands in the original."""
        return self._at[at]

    def sentence_number(self, at: int) -> int:
        """Which sentence a folded position stands in: an index of `sentences`."""
        return bisect_right(self._starts, at) - 1

    def sentence_at(self, at: int) -> str:
        """The sentence around a folded position."""
        return self.sentences[self.sentence_number(at)]

    def within(self, at: int) -> int:
        """How far into its sentence a folded position stands."""
        return at - self._starts[self.sentence_number(at)]


class Covered:
    """Which characters of a reply claims take up already."""

    __slots__ = ("_marks",)

    def __init__(self, length: int, claims: Iterable[Claim] = ()) -> None:
        self._marks = bytearray(length)
        for claim in claims:
            self.add(claim)

    def __contains__(self, at: int) -> bool:
        return bool(self._marks[at])

    def add(self, claim: Claim) -> None:
        """Take up the claim's characters."""
        self._marks[claim.start : claim.end] = b"\1" * (claim.end - claim.start)

    def meets(self, claim: Claim) -> bool:
        """Whether any character of the claim is taken."""
        return 1 in self._marks[claim.start : claim.end]


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
