"""Finds the handler of a button, a select or a form by its custom id, whenever and wherever it was posted."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import discord
from discord.ext import commands

from bot.answers import Answer, Press
from bot.ui.ids import VERSION, OutOfDate, PressedId, bind, read_id
from bot.visit import enter
from domain.services import Services

Handler = Callable[..., Awaitable[None]]
H = TypeVar("H", bound=Handler)
SHOW_CURRENT = "card.fresh"
_MARK = "__guildhall_route__"


@dataclass(frozen=True, slots=True)
class Route:
    """Which presses a handler takes, and how they are acknowledged."""

    kind: str
    action: str
    answer: Answer
    needs_shop: bool


def pressed(action: str, answer: Answer = Answer.UPDATE, *, needs_shop: bool = True) -> Callable[[H], H]:
    """Marks a cog's method as the handler of buttons and selects: `async def f(self, visit, *args)`.

    The arguments come from the custom id and are converted to the annotations (str, int, UUID, date).
    """
    return _mark(Route("pressed", action, answer, needs_shop))


def submitted(action: str, answer: Answer = Answer.UPDATE, *, needs_shop: bool = True) -> Callable[[H], H]:
    """Marks a cog's method as the handler of a form; `visit.text(name)` reads a field.

    With `Answer.UPDATE` a form opened from a message edits it; one opened by a command answers privately.
    """
    return _mark(Route("submitted", action, answer, needs_shop))


def fresh(area: str) -> Callable[[H], H]:
    """Marks the method that shows the current card of an area (the action's first word), privately.

    It runs when somebody presses a card of an earlier version and then *Show the current one*.
    """
    return _mark(Route("fresh", area, Answer.PRIVATE, True))


def _mark(route: Route) -> Callable[[H], H]:
    def mark(handler: H) -> H:
        setattr(handler, _MARK, route)
        return handler

    return mark


class Router:
    """The handlers of every custom id; filled when cogs are added."""

    def __init__(self) -> None:
        self._handlers: dict[tuple[str, str], tuple[Route, Handler]] = {}

    def collect(self, cog: object) -> None:
        """Take the marked methods of a cog. Raises `ValueError` when an action has two handlers."""
        for name in dir(cog):
            handler = getattr(cog, name)
            route = getattr(handler, _MARK, None)
            if not isinstance(route, Route):
                continue
            key = (route.kind, route.action)
            if key in self._handlers or ":" in route.action:
                raise ValueError(f"{key} cannot be handled by {name}")
            self._handlers[key] = (route, handler)

    def drop(self, cog: object) -> None:
        """Forget a cog's methods."""
        for key, (_, handler) in list(self._handlers.items()):
            if getattr(handler, "__self__", None) is cog:
                del self._handlers[key]

    async def dispatch(self, interaction: Press) -> None:
        """Run the handler of a press or a form.

        Raises:
            OutOfDate: Nobody handles this id, or not with these arguments.
        """
        kind = "pressed" if interaction.type is discord.InteractionType.component else "submitted"
        pressed_id = read_id(interaction.custom_id or "")
        route, handler, args = self._find(kind, pressed_id)
        visit = await enter(interaction, route.answer, needs_shop=route.needs_shop)
        await handler(visit, *args)

    def _find(self, kind: str, pressed_id: PressedId) -> tuple[Route, Handler, list[object]]:
        if pressed_id.action == SHOW_CURRENT and pressed_id.args:
            return self._find_fresh(*pressed_id.args)
        found = self._handlers.get((kind, pressed_id.action))
        area = pressed_id.action.split(".")[0]
        out_of_date = OutOfDate(area if ("fresh", area) in self._handlers else "", pressed_id.args)
        if found is None or pressed_id.version != VERSION:
            raise out_of_date
        try:
            return *found, bind(found[1], pressed_id)
        except OutOfDate:
            raise out_of_date from None

    def _find_fresh(self, area: str, *args: str) -> tuple[Route, Handler, list[object]]:
        """The handler of an area's current card, with as many of the old card's arguments as it takes."""
        found = self._handlers.get(("fresh", area))
        if found is None:
            raise OutOfDate
        taken_count = len(inspect.signature(found[1]).parameters) - 1
        return *found, bind(found[1], PressedId(VERSION, area, args[:taken_count]))


class DoorCog(commands.Cog):
    """Base of every cog: its marked methods take presses and forms.

    Attributes:
        bot: The bot it serves.
        services: The use cases.
    """

    def __init__(self, bot: Any) -> None:
        self.bot = bot
        self.services: Services = bot.services

    async def cog_load(self) -> None:
        """Offer the handlers to the router."""
        self.bot.router.collect(self)

    async def cog_unload(self) -> None:
        """Take them back."""
        self.bot.router.drop(self)
