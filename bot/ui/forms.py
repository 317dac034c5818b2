"""Forms (modals): two to five labelled fields. They keep no state, so they survive a restart of the bot."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.ui.ids import make_id
from bot.ui.text import OPTION_LIMIT, TITLE_LIMIT, clip

Field = ui.Label[Any]


def form(title: str, fields: Sequence[Field], action: str, *args: object) -> ui.Modal:
    """A form that runs `@submitted(action)` with `args`; the handler reads `visit.text(name)`."""
    modal = ui.Modal(title=clip(title, TITLE_LIMIT), custom_id=make_id(action, *args), timeout=None)
    for field in fields:
        modal.add_item(field)
    modal.stop()  # the router takes the answer; discord.py need not remember it
    return modal


def text_field(
    name: str, label: str, *, hint: str | None = None, value: str | None = None, placeholder: str | None = None,
    required: bool = True, max_length: int = 200, is_long: bool = False,
) -> Field:  # fmt: skip
    """A line (or a paragraph) of text, prefilled with `value`."""
    style = discord.TextStyle.paragraph if is_long else discord.TextStyle.short
    component: ui.TextInput[Any] = ui.TextInput(
        custom_id=name, style=style, default=clip(value, max_length) if value else None, required=required,
        max_length=max_length, placeholder=clip(placeholder, OPTION_LIMIT) if placeholder else None,
    )  # fmt: skip
    return _labelled(label, hint, component)


def select_field(
    name: str, label: str, options: Sequence[discord.SelectOption], *, hint: str | None = None,
    required: bool = True, is_multiple: bool = False,
) -> Field:  # fmt: skip
    """A choice of one, or of any number; the handler reads `visit.choices(name)`."""
    offered = list(options)[:25]
    component: ui.Select[Any] = ui.Select(
        custom_id=name, options=offered, required=required, min_values=1 if required else 0,
        max_values=len(offered) if is_multiple else 1,
    )  # fmt: skip
    return _labelled(label, hint, component)


def checkbox_field(name: str, label: str, *, hint: str | None = None, ticked: bool = False) -> Field:
    """A box to tick; the handler reads `visit.flag(name)`."""
    component: ui.Checkbox[Any] = ui.Checkbox(custom_id=name, default=ticked)
    return _labelled(label, hint, component)


def file_field(name: str, label: str, *, hint: str | None = None) -> Field:
    """One file to attach, which Discord asks for; the handler reads `visit.attachment(name)`."""
    return _labelled(label, hint, ui.FileUpload(custom_id=name, min_values=1, max_values=1))


def _labelled(label: str, hint: str | None, component: ui.Item[Any]) -> Field:
    return ui.Label(
        text=clip(label, TITLE_LIMIT), description=clip(hint, OPTION_LIMIT) if hint else None, component=component
    )
