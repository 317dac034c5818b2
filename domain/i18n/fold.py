"""Text as it is compared: without case, accents, styled letters and invisible characters."""

import unicodedata
from functools import lru_cache

_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ`´′＇"), "'")
_IGNORED = frozenset({"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"})


@lru_cache(maxsize=4096)
def fold_char(char: str) -> str:
    """One character folded: nothing for marks and invisible ones, a space for white space, else lower-case letters."""
    if char.isspace():
        return " "
    plain = unicodedata.normalize("NFKD", char.translate(_APOSTROPHES))
    return "".join(c for c in plain if unicodedata.category(c) not in _IGNORED).casefold()


def fold(text: str) -> str:
    """The text in lower case without accents; `Ça  VA` and `ca va` are the same. White space runs become one space."""
    return " ".join("".join(map(fold_char, text)).split())


def fold_words(text: str) -> list[str]:
    """The folded words: letters and digits; all else separates (`m'écris-tu?` is m, ecris, tu)."""
    return "".join(c if c.isalnum() else " " for c in fold(text)).split()
