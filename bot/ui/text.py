"""Text as Discord takes it: limits, time stamps, and people's words made harmless."""

import re
from datetime import datetime

TEXT_LIMIT = 4000
"""Characters of all texts in one Components V2 message."""
LABEL_LIMIT = 80
OPTION_LIMIT = 100
TITLE_LIMIT = 45

_MARKS = re.compile(r"([\\*_~`|>#\[\]()<:@-])")
_BREAKS = re.compile(r"[\r\n\u2028\u2029\t]+")
_INVISIBLE = re.compile("[\u0000-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SAFE_DASH = re.compile(r"(?<=\S)\\-")


def plain(text: str, limit: int = 200) -> str:
    """A person's words as one harmless line: no markdown, no mention, no link, no hidden characters.

    Use it on every name, note, reason and account that somebody typed.
    """
    one_line = _INVISIBLE.sub("", _BREAKS.sub(" ", text)).strip() or ("…" if text else "")
    escaped = _MARKS.sub(r"\\\1", clip(one_line, limit))
    escaped = _SAFE_DASH.sub("-", escaped).replace("\\@", "@\u200b").replace("\\:", ":")
    return re.sub(r"(?i)(https?|discord):(?=//)", "\\1\u200b:", escaped)


def block(text: str, limit: int = 1500) -> str:
    """The same for words of several lines: each line is harmless, empty ones at the ends go."""
    lines = [plain(line, limit) if line.strip() else "" for line in clip(text, limit).strip().splitlines()]
    return "\n".join(lines)


def bare(text: str, limit: int = 60) -> str:
    """A person's words where markdown means nothing (names of threads and files): one line, no mention."""
    one_line = _INVISIBLE.sub("", _BREAKS.sub(" ", text)).strip()
    return clip(" ".join(one_line.split()), limit).replace("@", "@\u200b")


def clip(text: str, limit: int) -> str:
    """The text, cut with an ellipsis when it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def stamp(instant: datetime) -> str:
    """The instant as each reader's local date and time."""
    return f"<t:{int(instant.timestamp())}:f>"


def stamp_relative(instant: datetime) -> str:
    """The instant as `in 3 hours`, kept up to date by the reader's client."""
    return f"<t:{int(instant.timestamp())}:R>"
