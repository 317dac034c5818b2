"""Acknowledging an interaction within Discord's three seconds."""

from enum import Enum, auto
from typing import Any

import discord

Press = discord.Interaction[Any]
"""Any interaction: a command, a button, a form, a search."""


class Answer(Enum):
    """How a press is acknowledged before any work is done."""

    UPDATE = auto()  # the message of the button will be edited; its buttons are off meanwhile if it is private
    PRIVATE = auto()  # a new message that only the presser sees
    PUBLIC = auto()  # a new message in the channel
    FORM = auto()  # nothing yet: a form opens, and Discord wants it as the first answer


async def acknowledge(interaction: Press, answer: Answer) -> None:
    """Tell Discord we are on it.

    Raises:
        discord.HTTPException: 10062 too late, 40060 another copy of this interaction was faster; both are
            expected, and the press must then do nothing.
    """
    if answer is Answer.FORM:
        return
    if answer is Answer.UPDATE and interaction.message is not None:
        if _is_own(interaction.message):
            interaction.extras["busy"] = True
            await interaction.response.edit_message(view=switched_off(interaction.message))
        else:
            await interaction.response.defer()
        return
    await interaction.response.defer(ephemeral=answer is not Answer.PUBLIC, thinking=True)


async def switch_back_on(interaction: Press) -> None:
    """Give the buttons back after a refusal; the message is as it was."""
    if interaction.extras.pop("busy", False) and interaction.message is not None:
        await interaction.edit_original_response(view=copy_of(interaction.message))


def copy_of(message: discord.Message) -> discord.ui.LayoutView:
    """The message's components again, as a view that listens to nothing.

    Pictures and files are left out: their addresses would not survive being sent back.
    """
    view = discord.ui.LayoutView.from_message(message, timeout=None)
    for item in list(view.walk_children()):
        if isinstance(item, discord.ui.MediaGallery | discord.ui.File):
            (item.parent if isinstance(item.parent, discord.ui.Container) else view).remove_item(item)
    view.stop()
    return view


def switched_off(message: discord.Message) -> discord.ui.LayoutView:
    """The same message with every button and select disabled."""
    view = copy_of(message)
    for item in view.walk_children():
        if isinstance(item, discord.ui.Button | discord.ui.Select | discord.ui.RoleSelect
                      | discord.ui.ChannelSelect | discord.ui.UserSelect):  # fmt: skip
            item.disabled = True
    return view


def _is_own(message: discord.Message) -> bool:
    """Only the presser sees it."""
    return message.flags.ephemeral and message.flags.components_v2
