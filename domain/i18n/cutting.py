"""Where a text may be cut: after a paragraph, a line, a sentence, a word, or at least never inside a grapheme."""

import re
import unicodedata

_BREAKS = tuple(map(re.compile, (r"\n\s*\n", r"\n", r"[.!?…]+[\"'»”’)\]*_~]*(?=\s)", r"\s")))
_JOINER = "\u200d"


def best_cut(text: str, limit: int) -> int:
    """Where to end the first piece of `text`, 1 to `limit` (characters, i.e. code points); all of it when it fits.

    A coarser break is taken when it fills a third of the limit or more, so that one short paragraph before a long one
    does not become a message of its own.
    """
    if len(text) <= limit:
        return len(text)
    window = text[: limit + 1]
    for pattern in _BREAKS:
        cut = max((m.end() if m[0].strip() else m.start() for m in pattern.finditer(window)), default=0)
        if limit // 3 < cut <= limit:
            return cut
    return grapheme_cut(text, limit)


def sentence_cut(text: str, limit: int) -> int | None:
    """The end of the last whole sentence or line within `limit`, or None when not even one fits."""
    if len(text) <= limit:
        return len(text)
    ends = (
        m.end() if m[0].strip() else m.start() for pattern in _BREAKS[1:3] for m in pattern.finditer(text[: limit + 1])
    )
    return max((end for end in ends if 0 < end <= limit), default=None)


def grapheme_cut(text: str, limit: int) -> int:
    """The last grapheme boundary at or before `limit`; `limit` itself when one grapheme is longer than that."""
    cut = min(limit, len(text))
    while cut > 0 and not _is_boundary(text, cut):
        cut -= 1
    return cut or min(limit, len(text))


def _is_boundary(text: str, at: int) -> bool:
    if at in (0, len(text)):
        return True
    before, after = text[at - 1], text[at]
    if after == _JOINER or before == _JOINER or before + after == "\r\n" or _extends(after):
        return False
    if _is_flag_half(before) and _is_flag_half(after):
        start = at
        while start > 0 and _is_flag_half(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 0
    return True


def _extends(char: str) -> bool:
    """Whether the character belongs to the one before: marks, skin tones, vowel and final jamo, tag letters."""
    code = ord(char)
    return (
        unicodedata.category(char).startswith("M")
        or 0x1F3FB <= code <= 0x1F3FF
        or 0x1160 <= code <= 0x11FF
        or 0xE0020 <= code <= 0xE007F
    )


def _is_flag_half(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF
