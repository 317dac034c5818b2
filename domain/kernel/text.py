"""Text that people type: without control characters, within its bounds."""

import unicodedata

from domain.kernel.errors import InvalidInput

_KEPT = frozenset("\n\t")


def clean_text(text: str, *, field: str, limit: int, is_required: bool = False) -> str:
    """Trimmed, without control characters (line breaks stay) and lone surrogates.

    Raises:
        InvalidInput: `text.required` when nothing is left, or `text.too_long`; nothing is cut silently.
    """
    kept = "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cs")).strip()
    if is_required and not kept:
        raise InvalidInput("text.required", field=field)
    if len(kept) > limit:
        raise InvalidInput("text.too_long", field=field, limit=limit, length=len(kept))
    return kept


def clean_name(text: str, *, field: str, limit: int, is_required: bool = True) -> str:
    """The same on one line: every run of white space is one space."""
    return clean_text(" ".join(text.split()), field=field, limit=limit, is_required=is_required)
