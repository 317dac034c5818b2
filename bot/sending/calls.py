"""Posts, edits and finds messages through the bot's own HTTP client, so its rate limits hold."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import discord
from discord.http import Route, handle_message_parameters

from bot.client import GuildhallBot
from bot.render import Drawn
from bot.sending.failures import failures

_CLOCK_SKEW = timedelta(seconds=60)


class Calls:
    """The calls of a message's life.

    Args:
        bot: The connected bot.
        timeout_s: How long a call may take, waiting for rate limits included.
    """

    def __init__(self, bot: GuildhallBot, timeout_s: float) -> None:
        self._bot = bot
        self.timeout_s = timeout_s

    async def post(self, channel_id: int, drawn: Drawn, nonce: str, mark: int | None = None) -> int:
        """Post a message; its id.

        The nonce is enforced by Discord for some minutes; the mark, made from it unless given, is what `find` finds.
        """
        drawn.view.children[0].id = mark_of(nonce) if mark is None else mark
        with parameters(drawn, nonce=nonce) as params:
            async with failures(self.timeout_s, may_have_been_posted=True):
                posted = await self._bot.http.send_message(channel_id, params=params)
        return int(posted["id"])

    async def post_in_forum(self, forum_id: int, drawn: Drawn, about: Mapping[str, Any]) -> tuple[int, int]:
        """Open a forum post with a message; the ids of the thread and of its first message.

        Args:
            forum_id: The forum.
            drawn: The first message.
            about: Name, tags and what else the thread has.
        """
        with parameters(drawn, channel_payload=dict(about)) as params:
            async with failures(self.timeout_s, may_have_been_posted=True):
                made: Any = await self._bot.http.start_thread_in_forum(forum_id, params=params)
        return int(made["id"]), int(made.get("message", made)["id"])

    async def edit(self, channel_id: int, message_id: int, drawn: Drawn) -> None:
        """Replace a message as a whole, files included."""
        with parameters(drawn) as params:
            async with failures(self.timeout_s, may_have_been_posted=False, is_edit=True):
                await self._bot.http.edit_message(channel_id, message_id, params=params)

    async def find(self, channel_id: int, mark: int, after_id: int | None = None) -> int | None:
        """The id of the message with a mark, among the first hundred after an id, or else the last hundred; or None."""
        query = {"limit": 100} if after_id is None else {"limit": 100, "after": after_id}
        async with failures(self.timeout_s, may_have_been_posted=False):
            route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
            posts = await self._bot.http.request(route, params=query)
        return next((int(post["id"]) for post in posts if has_mark(post, mark)), None)

    async def find_place(self, channel_id: int, mark: int, after_id: int) -> tuple[int, int] | None:
        """Where a message with a mark was posted after an id: in the channel, or as a post of the forum that it is.

        Returns:
            The ids of the channel, or of the forum's thread, and of the message.
        """
        for place in await self._places(channel_id, after_id):
            found = await self.find(place, mark, after_id)
            if found is not None:
                return place, found
        return None

    async def _places(self, channel_id: int, after_id: int) -> list[int]:
        async with failures(self.timeout_s, may_have_been_posted=False):
            channel: Any = await self._bot.http.get_channel(channel_id)
            if channel["type"] != discord.ChannelType.forum.value:
                return [channel_id]
            active = await self._bot.http.get_active_threads(int(channel["guild_id"]))
        posts = [int(post["id"]) for post in active["threads"] if int(post.get("parent_id") or 0) == channel_id]
        return [post for post in posts if post > after_id]


def parameters(drawn: Drawn, *, nonce: str | None = None, **more: Any) -> Any:
    """The body of a post or an edit; nobody is pinged but those whom the drawing names."""
    files: dict[str, Any] = {"files": list(drawn.files)} if drawn.files else {}
    return handle_message_parameters(view=drawn.view, nonce=nonce, allowed_mentions=drawn.pings, **files, **more)


def mark_of(text: str) -> int:
    """A component id that only this message's container has: 31 bits, above the ids Discord gives itself."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) & 0x3FFF_FFFF | 0x4000_0000


def since(instant: datetime) -> int:
    """An id below every message of an instant and later, whatever our clock and Discord's differ."""
    return discord.utils.time_snowflake(instant - _CLOCK_SKEW)


def has_mark(post: Any, mark: int) -> bool:
    """Whether a message, as Discord tells it, carries a mark."""
    return any(component.get("id") == mark for component in post.get("components", ()))
