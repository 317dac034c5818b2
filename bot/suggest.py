"""Suggestions while somebody types a code or a name."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import aiohttp
import discord
from discord import app_commands

from bot.answers import Answer, Press
from bot.errors import error_text
from bot.ui.text import OPTION_LIMIT, clip
from bot.visit import Visit, enter
from bot.words import locale_of
from domain.i18n.reader import Reader
from domain.kernel.errors import DomainError

log = logging.getLogger("guildhall")
T = TypeVar("T")
V = TypeVar("V", str, int)


async def suggest(
    interaction: Press, search: Callable[[Visit], Awaitable[Sequence[T]]],
    label: Callable[[Visit, T], tuple[str, V]], nothing: V,
) -> list[app_commands.Choice[V]]:  # fmt: skip
    """Up to 25 choices, or one that says why there are none.

    Args:
        interaction: The typing.
        search: Runs the service's own search, in its order.
        label: The text and value of a row; the text is cut at Discord's limit and is shown as it is.
        nothing: The value of the choice that explains; no row ever has it, so the command refuses it.
    """
    choices = await _choices(interaction, search, label, nothing)
    await _answer(interaction, choices)
    return choices


async def _choices(
    interaction: Press, search: Callable[[Visit], Awaitable[Sequence[T]]],
    label: Callable[[Visit, T], tuple[str, V]], nothing: V,
) -> list[app_commands.Choice[V]]:  # fmt: skip
    try:
        visit = await enter(interaction, Answer.FORM)
        found = await search(visit)
    except DomainError as error:
        return [_choice(error_text(Reader(locale_of(interaction)), error), nothing)]
    if not found:
        return [_choice(visit.reader("suggest.nothing"), nothing)]
    return [_choice(*label(visit, row)) for row in found[:25]]


async def _answer(interaction: Press, choices: list[app_commands.Choice[V]]) -> None:
    """Answer here, not in the library: who types fast leaves most searches behind, and that is no error."""
    try:
        await interaction.response.autocomplete(choices)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as exc:
        log.info("suggestion.lost", extra={"interaction_id": interaction.id, "why": str(exc)})
        # The library would otherwise answer again, and log an error.
        interaction.response._response_type = discord.InteractionResponseType.autocomplete_result


def _choice(text: str, value: V) -> app_commands.Choice[V]:
    return app_commands.Choice(name=clip(text, OPTION_LIMIT) or "-", value=value)
