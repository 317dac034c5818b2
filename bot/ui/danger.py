"""Asking before what cannot be taken back."""

from collections.abc import Sequence

import discord

from bot.ui.cards import Card, Tone, button, card
from domain.i18n.reader import Reader


def confirm_danger(
    reader: Reader, title: str, effects: Sequence[str], confirm_label: str, action: str, *args: object,
) -> Card:  # fmt: skip
    """A red card that states the exact effect; the red button runs `@pressed(action)` with `args`.

    Where the effect depends on figures, one of `args` is the hash of what was shown, and the service
    refuses when it has changed.
    """
    return card(
        title, effects, tone=Tone.DANGER,
        controls=[
            button(confirm_label, action, *args, style=discord.ButtonStyle.danger),
            button(reader("button.cancel"), "card.dismiss"),
        ],
    )  # fmt: skip
