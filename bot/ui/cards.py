"""Components V2 messages: one coloured container with text, rows of buttons, selects and a foot."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import discord
from discord import ui

from bot.ui.ids import make_id
from bot.ui.text import LABEL_LIMIT, TEXT_LIMIT, clip

Item = ui.Item[Any]
Button = ui.Button[Any]


class Tone(IntEnum):
    """The colour of a card's edge."""

    NEUTRAL = 0x5865F2
    GOOD = 0x2E9E5B
    WARNING = 0xE0A030
    DANGER = 0xD83C3E


class Card(ui.LayoutView):
    """A finished message. It listens to nothing: presses find their handler by custom id, for ever."""

    def __init__(self, *items: Item) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
        self.stop()  # discord.py would otherwise keep every card ever sent in memory


def card(
    title: str, lines: Sequence[str] = (), *, tone: Tone = Tone.NEUTRAL, controls: Sequence[Item] = (),
    foot: str | None = None, media: Sequence[Item] = (),
) -> Card:  # fmt: skip
    """A message with a title, lines of text, then media, controls and a small foot.

    Args:
        title: One line, shown as a heading.
        lines: Markdown; people's words inside must have gone through `plain`. Cut at Discord's limit.
        tone: Colour.
        controls: Buttons (five to a row) and selects (a row each), in order.
        foot: Small print.
        media: Galleries and files, between text and controls.
    """
    return Card(container(title, lines, tone=tone, controls=controls, foot=foot, media=media))


def container(
    title: str, lines: Sequence[str] = (), *, tone: Tone = Tone.NEUTRAL, controls: Sequence[Item] = (),
    foot: str | None = None, media: Sequence[Item] = (), text_limit: int = TEXT_LIMIT,
) -> ui.Container[Any]:  # fmt: skip
    """The container of `card`, for messages that have several; `text_limit` is its share of the text."""
    foot_text = f"-# {clip(foot, 300)}" if foot else ""
    body = clip("\n".join([f"### {title}", *lines]), text_limit - len(foot_text))
    items: list[Item] = [ui.TextDisplay(body), *media, *rows(controls)]
    if foot_text:
        items.append(ui.TextDisplay(foot_text))
    return ui.Container(*items, accent_colour=int(tone))


def rows(controls: Sequence[Item]) -> list[ui.ActionRow[Any]]:
    """Put buttons five to a row and each select in a row of its own, keeping the order."""
    found: list[ui.ActionRow[Any]] = []
    open_row: list[Item] = []
    for control in controls:
        if isinstance(control, ui.Button):
            open_row.append(control)
        if open_row and (len(open_row) == 5 or not isinstance(control, ui.Button)):
            found.append(ui.ActionRow(*open_row))
            open_row = []
        if not isinstance(control, ui.Button):
            found.append(ui.ActionRow(control))
    if open_row:
        found.append(ui.ActionRow(*open_row))
    return found


def button(
    label: str, action: str, *args: object, style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    emoji: str | None = None, disabled: bool = False,
) -> Button:  # fmt: skip
    """A button that runs `@pressed(action)` with `args`."""
    return ui.Button(
        label=clip(label, LABEL_LIMIT), custom_id=make_id(action, *args), style=style, emoji=emoji,
        disabled=disabled,
    )  # fmt: skip


def select(
    action: str, *args: object, options: Sequence[discord.SelectOption], placeholder: str | None = None
) -> ui.Select[Any]:
    """A select of one that runs `@pressed(action)`; the handler reads `visit.chosen`."""
    return ui.Select(
        custom_id=make_id(action, *args), options=list(options)[:25],
        placeholder=clip(placeholder, 150) if placeholder else None,
    )  # fmt: skip
