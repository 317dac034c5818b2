"""Prints a day on both doors while it happens, and keeps it as text and as a picture."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from sandbox.discord.events import Event
from sandbox.transcript_lines import Line, heading, line_of, rendered
from sandbox.transcript_phones import phone_line_of, ticks_of
from sandbox.whatsapp.events import Event as PhoneEvent

_WIDTH = 100
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


class Transcript:
    """A readable record of everything that people and the house do, one group of lines per channel and phone.

    Hand `show` to Discord's emulator, ``discord.on_event(transcript.show)``, and `show_phone` to WhatsApp's.
    Times are printed in `zone`; `read` turns a text into what a client shows (`sandbox.mentions`). When one
    message is edited again and again, the first edit is printed at once and the others as one line with the
    final state, as soon as something else happens; `flush` prints it now.
    """

    def __init__(
        self, console: Console, zone: tzinfo, read: Callable[[str, datetime], str] = lambda text, _: text
    ) -> None:
        self._zone = zone
        self._read = read
        self._lines: list[Line] = []
        self._texts: dict[int | str, str] = {}
        self._channels: dict[int, str] = {}
        self._held: Line | None = None
        self._printer = _Printer(console, zone)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What has happened so far; edits of one message that follow one another are one line."""
        return tuple(self._lines)

    def show(self, event: Event) -> None:
        """Print and keep one event; an edit that changes no text is left out."""
        line = line_of(replace(event, text=self._read(event.text, event.at)))
        if line is not None and event.guild and event.channel_id:  # a thread that is renamed stays one channel
            line = replace(line, channel=self._channels.setdefault(event.channel_id, line.channel))
        self._keep(line)

    def show_phone(self, event: PhoneEvent) -> None:
        """Print and keep what happened on a phone; a status becomes the ticks of the line it is about, unprinted."""
        if event.kind == "status":
            self._tick(event.message_id, ticks_of(event.text))
        else:
            self._keep(phone_line_of(event))

    def _tick(self, message_id: str, ticks: str) -> None:
        for index in reversed(range(len(self._lines))):
            line = self._lines[index]
            if line.message_id == message_id:
                self._lines[index] = replace(line, ticks=max(line.ticks, ticks, key=len))  # later ones are longer
                return

    def _keep(self, found: Line | None) -> None:
        line = self._compared(found)
        if line is None:
            return
        last = self._lines[-1] if self._lines else None
        if last is None or not _continues(last, line):
            self.flush()
            self._lines.append(line)
            self._printer.print(line)
        else:
            self._held = self._lines[-1] = replace(line, edit_count=last.edit_count + 1)

    def flush(self) -> None:
        """Print the state of a message that was still changing."""
        held, self._held = self._held, None
        if held is not None:
            self._printer.print(held)

    def save_text(self, folder: Path) -> list[Path]:
        """Write one text file per channel and phone into `folder`, in place of an earlier day's; their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.txt"):
            old.unlink()
        written: list[Path] = []
        for channel in dict.fromkeys(line.channel for line in self._lines):
            drawn = self._drawn(line for line in self._lines if line.channel == channel).export_text()
            path = folder / f"{_slug(channel)}.txt"
            path.write_text("".join(f"{row.rstrip()}\n" for row in drawn.splitlines()), encoding="utf-8")
            written.append(path)
        return written

    def save_svg(self, path: Path, title: str, *, only: Callable[[Line], bool] | None = None) -> None:
        """Write the day, or the lines that `only` chooses, as a picture that fetches nothing."""
        console = self._drawn(line for line in self._lines if only is None or only(line))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_local(console.export_svg(title=title, theme=MONOKAI)), encoding="utf-8")

    def _compared(self, line: Line | None) -> Line | None:
        """Tell a first state from an edit; None for what shows nothing new, a placeholder included."""
        if line is None or line.message_id is None:
            return line
        before = self._texts.get(line.message_id, "")
        self._texts[line.message_id] = line.text
        if line.text == before:
            return None
        return replace(line, edit_count=1 if before else 0)

    def _drawn(self, lines: Iterable[Line]) -> Console:
        console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
        printer = _Printer(console, self._zone)
        for line in lines:
            printer.print(line)
        return console


class _Printer:
    """Prints lines, with a heading whenever the place changes."""

    def __init__(self, console: Console, zone: tzinfo) -> None:
        self._console = console
        self._zone = zone
        self._place: str | None = None
        self._orders: dict[str, int] = {}

    def print(self, line: Line) -> None:
        order = self._orders.setdefault(line.channel, len(self._orders))
        width = min(self._console.width, _WIDTH)
        if line.place != self._place:
            self._place = line.place
            self._console.print(heading(line.place, line.channel, order), width=width)
        clock = line.at.astimezone(self._zone).strftime("%H:%M")
        self._console.print(rendered(line, clock, order), width=width)


def _continues(last: Line, line: Line) -> bool:
    same = last.message_id is not None and last.message_id == line.message_id
    return same and bool(last.edit_count) and bool(line.edit_count)


def _slug(channel: str) -> str:
    return re.sub(r"[^\w-]+", "-", channel).strip("-").lower() or "channel"


def _local(svg: str) -> str:
    """Take out the fonts that a picture would fetch, and name those that readers have."""
    return _FONT_FACE.sub("", _COMMENT.sub("", svg, count=1)).replace("Fira Code, monospace", _FONTS)
