"""The catalogs: TOML files, one folder per language, read once and never changed."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any

LOCALES = ("en", "es", "fr", "pt-BR")
CATEGORIES = frozenset({"zero", "one", "two", "few", "many", "other"})
FOLDER = Path(__file__).parent / "catalogs"

Piece = tuple[str, str | None]
"""A literal, and the name of the placeholder that follows it."""
Text = tuple[Piece, ...]
Entry = Text | Mapping[str, Text]
"""A text, or one text per plural category."""


@cache
def load(locale: str) -> Mapping[str, Entry]:
    """The texts of one language by key; the file name is no part of the key.

    Raises:
        ValueError: A key stands in two files, or a text is malformed: the build is wrong.
    """
    texts: dict[str, Entry] = {}
    for path in sorted((FOLDER / locale).glob("*.toml")):
        for key, entry in _flatten("", tomllib.loads(path.read_text(encoding="utf-8"))):
            if key in texts:
                raise ValueError(f"{locale}/{path.name}: {key} is defined twice")
            texts[key] = entry
    return MappingProxyType(texts)


def parse(text: str) -> Text:
    """Split a text into literals and placeholder names.

    Raises:
        ValueError: A brace is not closed, or a placeholder has a format: values are formatted by type.
    """
    pieces: list[Piece] = []
    for literal, name, spec, conversion in Formatter().parse(text):
        if spec or conversion or name == "":
            raise ValueError(f"placeholders are bare names: {text!r}")
        pieces.append((literal, name))
    return tuple(pieces)


def placeholders(entry: Entry) -> frozenset[str]:
    """The names a text needs values for."""
    texts = entry.values() if isinstance(entry, Mapping) else (entry,)
    return frozenset(name for text in texts for _, name in text if name is not None)


def _flatten(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for name, value in table.items():
        key = f"{prefix}.{name}" if prefix else name
        if isinstance(value, str):
            yield key, parse(value)
        elif set(value) <= CATEGORIES:
            yield key, MappingProxyType({category: parse(text) for category, text in value.items()})
        else:
            yield from _flatten(key, value)
