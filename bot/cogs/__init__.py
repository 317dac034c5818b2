"""One cog per area: a command is an actor, one service call, and a card."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.router import DoorCog


def cog_classes() -> "Iterator[type[DoorCog]]":
    """Every cog in this package, in the order of their modules; a new module needs no registration."""
    from bot.router import DoorCog  # the router knows the visit, which knows the cards: not at import

    for module_info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = import_module(f"{__name__}.{module_info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, DoorCog) and value.__module__ == module.__name__:
                yield value
