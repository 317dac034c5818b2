"""The tags of a forum: looked up by their words, made when they are missing and that is allowed."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord

from bot.client import GuildhallBot

log = logging.getLogger("guildhall")
TAG_NAME_LIMIT = 20
_FORUM_LIMIT, _POST_LIMIT = 20, 5
_TIMEOUT_S = 3.0


class Tags:
    """Ids of tags by forum; what Discord refuses is not asked for again in this process."""

    def __init__(self, bot: GuildhallBot) -> None:
        self._bot = bot
        self._known: dict[int, dict[str, int]] = {}
        self._refused: set[int] = set()

    async def ids(self, forum_id: int, words: Sequence[str], raw: Any = None) -> list[int]:
        """The ids of the tags with these words, at most five; those that cannot be had are left out.

        Args:
            forum_id: The forum.
            words: What the tags are called.
            raw: The forum as Discord just told it, where it is at hand.
        """
        if raw is not None:
            self._known[forum_id] = _by_name(raw)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await self._complete(forum_id, words)
        except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError) as exc:
            self._refused.add(forum_id)
            log.info("tags.refused", extra={"forum_id": forum_id, "why": type(exc).__name__})
        known = self._known.get(forum_id, {})
        return [known[word.casefold()] for word in words if word.casefold() in known][:_POST_LIMIT]

    def forget(self, forum_id: int) -> None:
        """Somebody changed the forum's tags."""
        self._known.pop(forum_id, None)

    async def _complete(self, forum_id: int, words: Sequence[str]) -> None:
        if forum_id not in self._known:
            self._known[forum_id] = _by_name(await self._bot.http.get_channel(forum_id))
        missing = [word for word in words if word.casefold() not in self._known[forum_id]]
        if not missing or forum_id in self._refused:
            return
        raw: Any = await self._bot.http.get_channel(forum_id)  # others' tags must be sent back as they are
        tags = [*raw.get("available_tags", ()), *({"name": word[:TAG_NAME_LIMIT]} for word in missing)]
        if len(tags) <= _FORUM_LIMIT:
            changed = await self._bot.http.edit_channel(forum_id, available_tags=tags)
            self._known[forum_id] = _by_name(changed)


def _by_name(forum: Any) -> dict[str, int]:
    return {str(tag["name"]).casefold(): int(tag["id"]) for tag in forum.get("available_tags", ())}
