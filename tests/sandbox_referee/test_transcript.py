"""A transcript reads like the channel it was taken from, and trusts nothing that people wrote."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from sandbox.discord.events import (
    ChannelChanged,
    DirectMessage,
    EphemeralReply,
    Event,
    InteractionAnswered,
    InteractionStarted,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionChanged,
)
from sandbox.transcript import Transcript

MORNING = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
Say = Callable[..., None]


@pytest.fixture
def printed() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def transcript(printed: io.StringIO) -> Transcript:
    return Transcript(Console(file=printed, width=100, color_system=None), ZoneInfo("Europe/Madrid"))


@pytest.fixture
def say(transcript: Transcript) -> Say:
    def show(kind: type[Event], actor: str, action: str, text: str, **more: Any) -> None:
        place = {"at": MORNING, "guild": "Shop", "channel": "orders", "channel_id": 1}
        transcript.show(kind(**{**place, "actor": actor, "action": action, "text": text, **more}))

    return show


def test_lines_show_the_local_time_and_stand_below_their_channel(say: Say, printed: io.StringIO) -> None:
    say(MessagePosted, "Guildhall", "posted", "Order 4821\n[Claim]", message_id=1)
    say(InteractionStarted, "ana", "command", "/claim 4821", interaction_id=5, at=MORNING + timedelta(minutes=4))
    rows = [row.rstrip() for row in printed.getvalue().splitlines()]
    assert rows[0].startswith("#orders ───")
    assert rows[1:] == [
        "10:00 Guildhall      Order 4821",
        "                     [Claim]",
        "10:04 ana            /claim 4821",
    ]


def test_presses_and_private_replies_are_told_apart(say: Say, printed: io.StringIO) -> None:
    say(InteractionStarted, "ana", "click", "[Claim]", interaction_id=5)
    say(InteractionAnswered, "Guildhall", "deferred", "", interaction_id=5)
    say(EphemeralReply, "Guildhall", "posted", "It is yours.", message_id=2, seen_by="ana")
    text = printed.getvalue()
    assert "ana            presses [Claim]" in text
    assert "#orders, only ana sees ──" in text
    assert "deferred" not in text


def test_a_direct_message_names_the_person(say: Say, printed: io.StringIO) -> None:
    say(DirectMessage, "Guildhall", "posted", "Hola", message_id=7, seen_by="ana", guild="", channel="")
    assert printed.getvalue().startswith("DM ana ──")


def test_a_placeholder_is_left_out_and_its_first_text_is_no_edit(say: Say, transcript: Transcript) -> None:
    say(MessagePosted, "Guildhall", "posted", "", message_id=1)
    say(MessageEdited, "Guildhall", "edited", "Done.", message_id=1)
    assert [(line.text, line.edit_count) for line in transcript.lines] == [("Done.", 0)]


def test_an_edit_that_changes_no_text_is_left_out(say: Say, transcript: Transcript) -> None:
    say(MessagePosted, "Guildhall", "posted", "Done.", message_id=1)
    say(MessageEdited, "Guildhall", "edited", "Done.", message_id=1)
    assert len(transcript.lines) == 1


def test_repeated_edits_become_one_line_with_the_final_state(
    say: Say, transcript: Transcript, printed: io.StringIO
) -> None:
    say(MessagePosted, "Guildhall", "posted", "0 of 9", message_id=1)
    for done in range(1, 10):
        say(MessageEdited, "Guildhall", "edited", f"{done} of 9", message_id=1)
    assert [(line.text, line.edit_count) for line in transcript.lines] == [("0 of 9", 0), ("9 of 9", 9)]
    assert "9 of 9" not in printed.getvalue()
    say(MessagePosted, "ana", "posted", "nice", message_id=2)
    shown = [row[21:].rstrip() for row in printed.getvalue().splitlines()[1:]]
    assert shown == ["0 of 9", "1 of 9 (edited)", "9 of 9 (edited 9×)", "nice"]


def test_flush_prints_the_state_that_was_held_back_once(say: Say, transcript: Transcript, printed: io.StringIO) -> None:
    for state in ("a", "b", "c"):
        say(MessagePosted if state == "a" else MessageEdited, "bot", "posted", state, message_id=1)
    transcript.flush()
    transcript.flush()
    assert printed.getvalue().count("c (edited 2×)") == 1


def test_suggestions_are_left_out_and_silence_is_told(say: Say, transcript: Transcript) -> None:
    say(InteractionStarted, "ana", "autocomplete", "/order game:el", interaction_id=5)
    say(InteractionStarted, "ana", "submit", "New order (Customer: Mia)", interaction_id=6)
    say(InteractionAnswered, "ana", "failed", "The application did not respond", interaction_id=6)
    texts = [line.text for line in transcript.lines]
    assert texts == ["submits New order (Customer: Mia)", "sees: The application did not respond"]


def test_deletions_reactions_and_channels_are_named(say: Say, transcript: Transcript) -> None:
    say(MessageDeleted, "ana", "deleted", "Old words\nmore", message_id=1)
    say(ReactionChanged, "leo", "reacted", "👍", message_id=1)
    say(ChannelChanged, "", "created", "order-4821")
    say(EphemeralReply, "bot", "deleted", "Secret", message_id=9, seen_by="ana")
    texts = [line.text for line in transcript.lines]
    assert texts == ["deleted: Old words", "reacted 👍", "created order-4821", "deleted: Secret"]


def test_what_people_write_is_data(say: Say, printed: io.StringIO) -> None:
    say(MessagePosted, "[red]ana", "posted", "[bold]x[/bold] \x1b[2J\u202eabc", message_id=1)
    assert "[red]ana       [bold]x[/bold] [2Jabc" in printed.getvalue()


def test_long_text_wraps_inside_a_hundred_columns(say: Say, printed: io.StringIO) -> None:
    say(MessagePosted, "ana", "posted", "word " * 60 + "x" * 150, message_id=1)
    rows = printed.getvalue().splitlines()
    assert len(rows) > 5
    assert max(len(row) for row in rows) <= 100


def test_the_text_files_hold_one_channel_each(say: Say, transcript: Transcript, tmp_path: Path) -> None:
    say(MessagePosted, "ana", "posted", "hello", message_id=1)
    say(EphemeralReply, "bot", "posted", "psst", message_id=2, seen_by="ana")
    say(DirectMessage, "bot", "posted", "hola", message_id=3, seen_by="leo", guild="")
    paths = transcript.save_text(tmp_path / "day")
    assert [path.name for path in paths] == ["orders.txt", "dm-leo.txt"]
    orders = paths[0].read_text(encoding="utf-8")
    assert "hello" in orders
    assert "#orders, only ana sees" in orders
    assert "hola" not in orders


def test_nothing_of_an_earlier_day_stays_beside_it(say: Say, transcript: Transcript, tmp_path: Path) -> None:
    (tmp_path / "c-2-tom.txt").write_text("yesterday", encoding="utf-8")
    say(MessagePosted, "ana", "posted", "hello", message_id=1)
    assert transcript.save_text(tmp_path) == list(tmp_path.iterdir()) == [tmp_path / "orders.txt"]


def test_the_picture_fetches_nothing_and_shows_what_was_chosen(
    say: Say, transcript: Transcript, tmp_path: Path
) -> None:
    say(MessagePosted, "ana", "posted", "kept", message_id=1)
    say(DirectMessage, "bot", "posted", "left-out", message_id=3, seen_by="leo", guild="")
    path = tmp_path / "day.svg"
    transcript.save_svg(path, "One day", only=lambda line: line.channel == "#orders")
    svg = path.read_text(encoding="utf-8")
    assert "kept" in svg
    assert "left-out" not in svg
    assert "One&#160;day" in svg
    assert "@font-face" not in svg
    assert "url(http" not in svg
    assert svg.count("http") == 1  # the namespace
