"""Turns what happened on Discord into lines that a person can read."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from rich.console import RenderableType
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from sandbox.discord.events import (
    DirectMessage,
    EphemeralReply,
    Event,
    InteractionAnswered,
    InteractionStarted,
    MemberChanged,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
)
from sandbox.markdown import as_shown

_BREAK = "\n"
_KEPT = "\n\t\u200d"  # the last one holds composed emoji together
_MESSAGES = (MessagePosted, MessageEdited, EphemeralReply, DirectMessage)
_VERBS = {"command": "", "click": "presses", "choose": "chooses", "submit": "submits", "menu": "picks"}
_COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_red", "bright_cyan", "bright_green")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody did: when, where, and what it looked like.

    `place` is what stands above a group of lines ("#orders", "DM ana", "#orders, only ana sees");
    `channel` is the place without the audience. `message_id` is None for what is not the state of a message.
    `ticks` is what WhatsApp shows beside a message of the business; `has_marks` whether the text has Discord's marks.
    """

    at: datetime
    channel: str
    place: str
    who: str
    text: str
    message_id: int | str | None = None
    edit_count: int = 0
    ticks: str = ""
    has_marks: bool = True


def line_of(event: Event) -> Line | None:
    """Return the line for an event; None when nobody on Discord would see anything."""
    if event.action == "autocomplete" or (isinstance(event, InteractionAnswered) and event.action != "failed"):
        return None
    channel = _channel(event)
    audience = f", only {clean(event.seen_by)} sees" if isinstance(event, EphemeralReply) else ""
    is_state = isinstance(event, _MESSAGES) and event.action != "deleted"
    return Line(
        at=event.at,
        channel=channel,
        place=channel + audience,
        who=clean(event.actor),
        text=clean(event.text).strip(_BREAK) if is_state else _deed(event),
        message_id=event.message_id if isinstance(event, _MESSAGES) and is_state else None,
    )


def clean(text: str) -> str:
    """Drop what could move the cursor or reverse the reading direction; line breaks stay."""
    return "".join(sign for sign in text if sign in _KEPT or unicodedata.category(sign) not in ("Cc", "Cf"))


def heading(place: str, channel: str, order: int) -> RenderableType:
    """Return what stands above the lines of one place."""
    colour = _COLOURS[order % len(_COLOURS)]
    title = Text(place, Style(color=colour, bold=True, italic=place != channel))
    return Rule(title, align="left", style=Style(color=colour, dim=True), characters="─")


def rendered(line: Line, clock: str, order: int) -> RenderableType:
    """Return one line with its time and its author; longer text keeps to its own column."""
    colour = _COLOURS[order % len(_COLOURS)]
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=len(clock), no_wrap=True)
    grid.add_column(width=14, no_wrap=True, overflow="ellipsis")
    grid.add_column(ratio=1, overflow="fold")
    body = _body(line)
    if line.edit_count:
        times = f" {line.edit_count}×" if line.edit_count > 1 else ""
        body.append(f" (edited{times})", Style(italic=True, dim=True))
    if line.ticks:
        body.append(f" {line.ticks}", Style(color="bright_cyan" if "read" in line.ticks else None, dim=True))
    grid.add_row(Text(clock, Style(dim=True)), Text(line.who, Style(color=colour)), body)
    return grid


def _body(line: Line) -> Text:
    if line.message_id is None:
        return Text(line.text, Style(dim=True))
    return as_shown(line.text) if line.has_marks else Text(line.text)


def _channel(event: Event) -> str:
    if isinstance(event, MemberChanged):
        return "members"
    if isinstance(event, DirectMessage) or not event.guild:
        return f"DM {clean(getattr(event, 'seen_by', '') or event.channel or event.actor)}"
    return f"#{clean(event.channel).removeprefix('#')}"


def _deed(event: Event) -> str:
    text, action = clean(event.text).strip(_BREAK), clean(event.action)
    if isinstance(event, InteractionAnswered):
        return f"sees: {text}"
    if isinstance(event, InteractionStarted):
        return f"{_VERBS.get(action, action)} {text}".strip()
    if isinstance(event, MessageDeleted) or action == "deleted":
        return f"deleted: {text.partition(_BREAK)[0]}"
    return f"{action} {text}".strip()
