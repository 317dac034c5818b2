"""Turns content, embeds and components into the plain text that a person would read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

_TEXT_DISPLAY = 10
_BUTTON = 2


def read_aloud(content: str, embeds: list[dict[str, Any]], components: list[dict[str, Any]]) -> str:
    """Return every readable line from top to bottom; button and menu labels are not included."""
    lines = [content] if content else []
    for embed in embeds:
        lines.extend(_embed_lines(embed))
    lines.extend(_component_lines(components))
    return "\n".join(lines)


def _embed_lines(embed: dict[str, Any]) -> Iterator[str]:
    if author := embed.get("author"):
        yield author["name"]
    if title := embed.get("title"):
        yield title
    if description := embed.get("description"):
        yield description
    for entry in embed.get("fields", ()):
        yield entry["name"]
        yield entry["value"]
    if footer := embed.get("footer"):
        yield footer["text"]


def _component_lines(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        if component["type"] == _TEXT_DISPLAY:
            yield component["content"]
        for picture in (component, *component.get("items", ())):
            if alt := picture.get("description"):
                yield f"🖼 {' · '.join(alt.splitlines())}"
        yield from _component_lines(component.get("components", []))
        if accessory := component.get("accessory"):
            yield from _component_lines([accessory])


def with_controls(text: str, components: list[dict[str, Any]], filenames: Iterable[str] = ()) -> str:
    """Return the text with its files, buttons and menus below it, as a transcript shows them."""
    files = " ".join(f"📎 {name}" for name in filenames)
    controls = " ".join(f"[{label}]" for label in _control_labels(components))
    return "\n".join(part for part in (text, files, controls) if part)


def _control_labels(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        if component["type"] == _BUTTON:
            emoji = (component.get("emoji") or {}).get("name") or ""
            yield f"{emoji} {component.get('label') or ''}".strip()
        elif component["type"] in (3, 5, 6, 7, 8):
            yield f"{component.get('placeholder') or 'choose'} v"
        yield from _control_labels(component.get("components", []))
        if accessory := component.get("accessory"):
            yield from _control_labels([accessory])
