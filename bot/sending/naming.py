"""Keeps a thread's name and tags true, without ever holding a message up for it."""

import asyncio
import logging
from collections import OrderedDict
from typing import Any

import aiohttp
import discord

from bot.client import GuildhallBot
from bot.render import ThreadFacts
from bot.sending.tags import Tags

log = logging.getLogger("guildhall")
_TIMEOUT_S = 2.0
_REMEMBERED = 5000


class Naming:
    """Renames threads whose facts changed.

    Discord lets a thread be renamed twice in ten minutes: what it refuses is tried again at a later change.
    """

    def __init__(self, bot: GuildhallBot, tags: Tags) -> None:
        self._bot = bot
        self._tags = tags
        self._shown: OrderedDict[int, ThreadFacts] = OrderedDict()
        self._not_before_s: dict[int, float] = {}

    def note(self, thread_id: int, facts: ThreadFacts) -> None:
        """A thread shows these facts now."""
        self._shown[thread_id] = facts
        self._shown.move_to_end(thread_id)
        if len(self._shown) > _REMEMBERED:
            self._not_before_s.pop(self._shown.popitem(last=False)[0], None)

    async def keep(self, thread_id: int, facts: ThreadFacts) -> None:
        """Rename a thread and change its tags if they differ; what Discord refuses is left as it is."""
        if self._shown.get(thread_id) == facts:
            return
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await self._change(thread_id, facts)
        except discord.RateLimited as exc:
            self._not_before_s[thread_id] = asyncio.get_running_loop().time() + exc.retry_after
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            log.info("thread.not_renamed", extra={"thread_id": thread_id, "why": type(exc).__name__})

    async def _change(self, thread_id: int, facts: ThreadFacts) -> None:
        thread: Any = await self._bot.http.get_channel(thread_id)
        await self._retag(thread, facts)
        if thread["name"] != facts.name:
            if asyncio.get_running_loop().time() < self._not_before_s.get(thread_id, 0.0):
                return
            await self._bot.http.edit_channel(thread_id, name=facts.name)
        self.note(thread_id, facts)

    async def _retag(self, thread: Any, facts: ThreadFacts) -> None:
        """Tags first: they are not counted like names are."""
        if "applied_tags" not in thread or not facts.tags:
            return
        forum_id = int(thread["parent_id"])
        wanted = await self._tags.ids(forum_id, facts.tags)
        if wanted and {int(tag_id) for tag_id in thread["applied_tags"]} != set(wanted):
            try:
                await self._bot.http.edit_channel(int(thread["id"]), applied_tags=[str(tag_id) for tag_id in wanted])
            except discord.HTTPException:
                self._tags.forget(forum_id)
                raise
