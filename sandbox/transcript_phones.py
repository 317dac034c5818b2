"""Turns what happened on WhatsApp into lines that a person can read, one group per phone."""

from __future__ import annotations

from sandbox.transcript_lines import Line, clean
from sandbox.whatsapp.events import Event

_UNSEEN = ("status", "read", "typing")
_TICKS = {"sent": "✓", "delivered": "✓✓", "read": "✓✓ read", "played": "✓✓ played", "failed": "✗ not delivered"}
_QUOTED_LENGTH = 60


def phone_line_of(event: Event) -> Line | None:
    """Return the line for an event; None when the phone's owner would see nothing."""
    if event.kind in _UNSEEN:
        return None
    place = f"WhatsApp {clean(event.person)}"
    deed = _deed(event)
    return Line(
        at=event.at,
        channel=place,
        place=place,
        who=_who(clean(event.actor)),
        text=deed or _quoted(event) + clean(event.text).strip(),
        message_id=None if deed else event.message_id,
        has_marks=False,
    )


def ticks_of(status: str) -> str:
    """Return what WhatsApp shows beside a message in a status."""
    return _TICKS.get(status, "")


def _who(actor: str) -> str:
    return f"📱 {actor.removesuffix(' (phone app)')}" if actor.endswith(" (phone app)") else actor


def _deed(event: Event) -> str:
    text = clean(event.text)
    if event.kind == "reaction":
        return f"reacts {text}" if text else "takes the reaction back"
    return f"deleted: {text.partition(chr(10))[0]}" if event.kind == "revoke" else ""


def _quoted(event: Event) -> str:
    first = clean(event.quoted).partition("\n")[0]
    short = first if len(first) <= _QUOTED_LENGTH else f"{first[:_QUOTED_LENGTH].rstrip()}…"
    return f"│ {short}\n" if short else ""
