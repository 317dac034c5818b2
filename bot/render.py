"""Draws what leaves the house: one renderer per kind of outbound message."""

import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import discord

from bot import renderers
from bot.ui.text import stamp
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.outbox.dto import Outbound
from domain.outbox.kinds import Kind
from domain.services import Services
from domain.tenancy.dto import Tenant

_MARK = "__guildhall_draws__"
DISCORD_FILE_LIMIT_BYTES = 10 * 1024 * 1024
"""What Discord takes in a guild without boosts."""


@dataclass(frozen=True, slots=True)
class FileRoom:
    """Where files lie that may be attached, and how large they may be; no folder: nothing is attached."""

    data_dir: Path | None = None
    limit_bytes: int = DISCORD_FILE_LIMIT_BYTES


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a renderer gets; texts are in the shop's language.

    Attributes:
        message: Kind, subject and params.
        services: To look the subject up, as `actor`.
        actor: Our own worker.
        tenant: The shop.
        reader: Texts in the shop's language, instants as Discord time stamps.
        room: For files.
    """

    message: Outbound
    services: Services
    actor: Actor
    tenant: Tenant
    reader: Reader
    room: FileRoom = field(default_factory=FileRoom)


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """What a conversation's thread shows from outside: its name, and the words of its tags."""

    name: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message ready to be sent.

    Attributes:
        pings: Who is notified; nobody unless named.
        thread: Of a conversation's card: what its thread is to show.
    """

    view: discord.ui.LayoutView
    files: tuple[discord.File, ...] = ()
    pings: discord.AllowedMentions = field(default_factory=discord.AllowedMentions.none)
    thread: ThreadFacts | None = None


Renderer = Callable[[Drawing], Awaitable[Drawn | None]]
"""Returns None when there is nothing to send any more."""
R = TypeVar("R", bound=Renderer)


def draws(*kinds: Kind) -> Callable[[R], R]:
    """Marks a function in `bot/renderers/` as the renderer of these kinds."""

    def mark(renderer: R) -> R:
        setattr(renderer, _MARK, kinds)
        return renderer

    return mark


@cache
def registry() -> Mapping[Kind, Renderer]:
    """Every renderer in `bot/renderers/` by kind. Raises `ValueError` when a kind has two."""
    found: dict[Kind, Renderer] = {}
    for module_info in pkgutil.iter_modules(renderers.__path__):
        module = import_module(f"{renderers.__name__}.{module_info.name}")
        for value in vars(module).values():
            for kind in getattr(value, _MARK, ()) if callable(value) else ():
                if found.setdefault(kind, value) is not value:
                    raise ValueError(f"{kind} has two renderers")
    return MappingProxyType(found)


async def draw(message: Outbound, services: Services, room: FileRoom | None = None) -> Drawn | None:
    """Draw a message from the state of this moment; None when there is nothing to send any more."""
    tenant = await services.tenancy.tenant(message.actor)
    reader = Reader(message.recipient_locale or tenant.locale, tenant.zone, stamp=stamp)
    drawing = Drawing(message, services, message.actor, tenant, reader, room or FileRoom())
    return await registry()[message.kind](drawing)
