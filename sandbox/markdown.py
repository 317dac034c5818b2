"""Sets Discord's marks as a terminal shows them: bold, headings, small print, code."""

from __future__ import annotations

import re

from rich.style import Style
from rich.text import Text

_HEADING = re.compile(r"^#{1,3} ")
_ESCAPED = re.compile(r"\\([^\w\s])")
_TOKEN = re.compile(r"\\(?P<escaped>[^\w\s])|\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*|`(?P<code>[^`]+)`")
_BOLD, _SMALL, _CODE = Style(bold=True), Style(dim=True, italic=True), Style(color="bright_white")


def as_shown(text: str) -> Text:
    """Return the text with its marks turned into styles; what was escaped is shown as itself."""
    lines: list[Text] = []
    is_code = False
    for line in text.split("\n"):
        if line.strip().startswith("```"):
            is_code = not is_code
        else:
            lines.append(Text(line, _CODE) if is_code else _line(line))
    return Text("\n").join(lines)


def _line(line: str) -> Text:
    style = Style()
    if _HEADING.match(line):
        line, style = _HEADING.sub("", line), _BOLD
    elif line.startswith("-# "):
        line, style = line[3:], _SMALL
    shown, end = Text(style=style), 0
    for token in _TOKEN.finditer(line):
        shown.append(line[end : token.start()])
        if token["bold"]:
            shown.append(_ESCAPED.sub(r"\1", token["bold"]), _BOLD)
        else:
            shown.append(token["escaped"] or token["code"])
        end = token.end()
    return shown.append(line[end:])
