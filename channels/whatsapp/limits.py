"""What fits into a WhatsApp message, and how a choice is put to a person.

The figures are the Cloud API's (its reference for text, interactive and media messages, v26.0, November 2026), in
characters. Duplicate ids or titles are refused by Meta with error 131009.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.conversations.dto import Option as Option
from domain.i18n.cutting import grapheme_cut

TEXT = 4096
CAPTION = 1024
TEMPLATE_BODY = 1024
BUTTONS_BODY = 1024
LIST_BODY = 4096
HEADER = 60
FOOTER = 60
BUTTONS_COUNT = 3
BUTTON_TITLE = 20
BUTTON_ID = 256
ROWS_COUNT = 10
ROW_TITLE = 24
ROW_DESCRIPTION = 72
ROW_ID = 200
LIST_LABEL = 20
ELLIPSIS = "…"


class Shape(StrEnum):
    """How options are shown."""

    BUTTONS = "button"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Interactive:
    """A message with buttons or a list; titles and descriptions are cut to their limits. `label` opens the list."""

    shape: Shape
    body: str
    options: tuple[Option, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Numbered:
    """The same choice as plain text; it may exceed one message (`split_text`)."""

    text: str
    options: tuple[Option, ...]


def fit(body: str, options: Sequence[Option], *, label: str, has_buttons: bool = True) -> Interactive | Numbered:
    """Buttons, else a list, else numbered text. Titles are cut only when neither takes them whole.

    Args:
        body: The question, shown above the options.
        label: What the button that opens a list says, in the reader's language.
        has_buttons: False for channels without interactive messages (QR-paired numbers).
    """
    if not has_buttons:
        return numbered(body, options)
    for may_cut in (False, True):
        found = fit_buttons(body, options, may_cut=may_cut) or fit_list(body, options, label=label, may_cut=may_cut)
        if found is not None:
            return found
    return numbered(body, options)


def fit_buttons(body: str, options: Sequence[Option], *, may_cut: bool = True) -> Interactive | None:
    """Up to 3 reply buttons, or None: too many, too long, a description would be lost, or titles no longer differ."""
    if any(option.description for option in options):
        return None
    shown = _shown(options, BUTTONS_COUNT, BUTTON_TITLE, BUTTON_ID, may_cut=may_cut)
    if shown is None or not 0 < len(body.strip()) <= BUTTONS_BODY:
        return None
    return Interactive(Shape.BUTTONS, body, shown)


def fit_list(body: str, options: Sequence[Option], *, label: str, may_cut: bool = True) -> Interactive | None:
    """A list of up to 10 rows, or None. A cut title stands whole in the description, if that is free."""
    shown = _shown(options, ROWS_COUNT, ROW_TITLE, ROW_ID, may_cut=may_cut)
    if shown is None or not 0 < len(body.strip()) <= LIST_BODY or not label.strip():
        return None
    rows = tuple(
        replace(
            row, description=_cut(row.description or (whole.title if row.title != whole.title else ""), ROW_DESCRIPTION)
        )
        for row, whole in zip(shown, map(_tidy, options), strict=True)
    )
    return Interactive(Shape.LIST, body, rows, _cut(label, LIST_LABEL))


def numbered(body: str, options: Sequence[Option]) -> Numbered:
    """The options as lines "1. title - description" under the body."""
    tidy = tuple(map(_tidy, options))
    lines = [f"{n}. {o.title}" + (f" - {o.description}" if o.description else "") for n, o in enumerate(tidy, 1)]
    return Numbered("\n\n".join(filter(None, (body.strip(), "\n".join(lines)))), tidy)


def _shown(
    options: Sequence[Option], count: int, title: int, id_length: int, *, may_cut: bool
) -> tuple[Option, ...] | None:
    shown = tuple(replace(o, title=_cut(o.title, title)) for o in map(_tidy, options))
    is_cut = any(len(o.title) > title for o in map(_tidy, options))
    fits = 0 < len(shown) <= count and all(o.title and 0 < len(o.id) <= id_length for o in shown)
    is_unique = len({o.id for o in shown}) == len({o.title for o in shown}) == len(shown)
    return shown if fits and is_unique and (may_cut or not is_cut) else None


def _tidy(option: Option) -> Option:
    """Titles and descriptions are one line."""
    return replace(option, title=" ".join(option.title.split()), description=" ".join(option.description.split()))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: grapheme_cut(text, limit - 1)].rstrip() + ELLIPSIS
