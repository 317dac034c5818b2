"""Comparing words."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """A text in lower case and without accents, for comparing words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))
