"""What a handler of the REST API receives and returns, and how it says which route it serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.discord import permissions as perm
from sandbox.discord.drafts import Upload
from sandbox.discord.errors import missing_access, missing_permissions, unknown
from sandbox.discord.guild import Guild
from sandbox.discord.messages import Json, Message
from sandbox.discord.state import Channel
from sandbox.discord.world import World


@dataclass(frozen=True)
class Answer:
    """A status and a JSON body; None is an empty body."""

    status: int
    body: Any = None


@dataclass(frozen=True)
class Call:
    """One request, parsed."""

    world: World
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    uploads: Sequence[Upload]

    def number(self, name: str) -> int:
        """Return a path parameter as an id."""
        return int(self.params[name])

    @property
    def form(self) -> Json:
        """The body as an object; empty when there is none."""
        return self.body if isinstance(self.body, dict) else {}

    def channel(self, *needs: int) -> Channel:
        """Return the channel of the path, in which the bot must see and may need more.

        Raises:
            ApiError: 10003 unknown, 50001 not visible, 50013 not permitted.
        """
        channel = self.world.channels.get(self.number("channel_id"))
        if channel is None:
            raise unknown("Channel")
        bits = channel.permissions_of(self.world.bot)
        if not bits & perm.VIEW_CHANNEL:
            raise missing_access()
        for need in needs:
            if not bits & need:
                raise missing_permissions()
        return channel

    def message(self, channel: Channel) -> Message:
        """Return the message of the path, or raise 10008."""
        message = self.world.message(channel, self.number("message_id"))
        if message is None:
            raise unknown("Message")
        return message

    def guild(self, *needs: int) -> Guild:
        """Return the guild of the path, in which the bot must be and may need permissions.

        Raises:
            ApiError: 10004 unknown, 50001 the bot is not in it, 50013 not permitted.
        """
        guild = self.world.guilds.get(self.number("guild_id"))
        if guild is None:
            raise unknown("Guild")
        if self.world.bot.id not in guild.members:
            raise missing_access()
        bits = perm.base_permissions(guild, self.world.bot.id)
        for need in needs:
            if not bits & need:
                raise missing_permissions()
        return guild


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """One operation: its handler and whether it needs the bot's token."""

    method: str
    template: str
    handler: Handler
    needs_token: bool = True


class Routes:
    """Collects the routes of one module."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def add(self, method: str, template: str, *, needs_token: bool = True) -> Callable[[Handler], Handler]:
        """Serve `method` on a template spelled as in Discord's OpenAPI description."""

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method, template, handler, needs_token))
            return handler

        return register
