"""A phone's transcript reads like the chat on it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sandbox.transcript import Transcript
from sandbox.whatsapp import Event

_MORNING = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def transcript() -> Transcript:
    return Transcript(Console(file=io.StringIO(), width=100, color_system=None), UTC)


def _event(kind: str, text: str, **more: Any) -> Event:
    place = {"at": _MORNING, "number": "34911000111", "phone": "34600000001", "person": "Marta", "message_id": "w1"}
    return Event(**{**place, "actor": "Marta", "direction": "to_business", "kind": kind, "text": text, **more})


def test_a_chat_has_its_own_file_with_quotes_edits_and_ticks(transcript: Transcript, tmp_path: Path) -> None:
    transcript.show_phone(_event("text", "holaa"))
    transcript.show_phone(_event("read", ""))
    answer = {"actor": "Nova Boost", "direction": "to_phone", "message_id": "w2"}
    transcript.show_phone(_event("interactive", "*Hola*\n[Sí]", quoted="holaa", **answer))
    for status in ("sent", "read", "delivered"):
        transcript.show_phone(_event("status", status, message_id="w2"))
    transcript.show_phone(_event("edit", "hola"))
    transcript.show_phone(_event("reaction", "👍", message_id="w2"))
    transcript.show_phone(_event("revoke", "hola"))
    (path,) = transcript.save_text(tmp_path)
    rows = path.read_text(encoding="utf-8").splitlines()
    assert path.name == "whatsapp-marta.txt"
    assert rows[0].startswith("WhatsApp Marta ──")
    assert rows[1:] == [
        "08:00 Marta          holaa",
        "08:00 Nova Boost     │ holaa",
        "                     *Hola*",
        "                     [Sí] ✓✓ read",
        "08:00 Marta          hola (edited)",
        "08:00 Marta          reacts 👍",
        "08:00 Marta          deleted: hola",
    ]


def test_what_was_written_on_the_shops_own_phone_is_told_apart(transcript: Transcript) -> None:
    transcript.show_phone(_event("text", "Ya voy", actor="Nova Boost (phone app)", direction="to_phone"))
    assert transcript.lines[0].who == "📱 Nova Boost"


def test_a_name_moves_no_cursor(transcript: Transcript) -> None:
    transcript.show_phone(_event("text", "x\x1b[2J", person="@everyone {}\x1b[2J"))
    assert "\x1b" not in transcript.lines[0].channel + transcript.lines[0].text
