"""The options of `/order`: named and described by the catalogs, with suggestions where something would be typed."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar

from discord import app_commands

from bot.answers import Press
from bot.cogs.orders_flow import suggest_divisions, suggest_games, suggest_orders
from bot.words import words
from domain.orders.dto import OrderState

F = TypeVar("F", bound=Callable[..., Any])
Subcommand = app_commands.Command[Any, ..., None]
Suggestions = Callable[[Press, str], Awaitable[list[app_commands.Choice[int]]]]

group = app_commands.Group(
    name=words("command.order.name"), description=words("command.order.description"), guild_only=True
)


def subcommand(name: str) -> Callable[[Callable[..., Any]], Subcommand]:
    """A subcommand of `/order`, named and described by the catalogs."""
    area = f"command.order.{name}"
    return group.command(name=words(f"{area}.name"), description=words(f"{area}.description"))


def described(*options: str, codes: Collection[OrderState] = ()) -> Callable[[F], F]:
    """Names, descriptions and suggestions of options.

    Args:
        options: The parameters.
        codes: Which states `code` suggests; all when empty.
    """
    named = {option: words(f"command.order.option.{option}.name") for option in options}
    said: dict[str, Any] = {option: words(f"command.order.option.{option}.description") for option in options}
    known: dict[str, Any] = {"code": codes_in(codes), "division": suggest_divisions, "game": suggest_games}
    suggests = {option: known[option] for option in options if option in known}

    def mark(callback: F) -> F:
        described_callback = app_commands.rename(**named)(app_commands.describe(**said)(callback))
        return app_commands.autocomplete(**suggests)(described_callback) if suggests else described_callback

    return mark


def codes_in(states: Collection[OrderState]) -> Suggestions:
    """Suggests orders in some states."""
    wanted = frozenset(states)

    async def suggestions(interaction: Press, current: str) -> list[app_commands.Choice[int]]:
        return await suggest_orders(interaction, current, wanted)

    return suggestions
