"""Points the real discord.py at the emulator and runs bots against it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import discord
import yarl
from discord import asset, gateway, http
from discord.ext import commands

from sandbox.discord import DiscordEmulator


@contextmanager
def point_discord_at(origin: str) -> Iterator[None]:
    before = http.Route.BASE, gateway.DiscordWebSocket.DEFAULT_GATEWAY, asset.Asset.BASE
    http.Route.BASE = f"{origin}/api/v10"
    gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(origin.replace("http", "ws", 1) + "/gateway/")
    asset.Asset.BASE = f"{origin}/cdn"
    try:
        yield
    finally:
        http.Route.BASE, gateway.DiscordWebSocket.DEFAULT_GATEWAY, asset.Asset.BASE = before


class ErrorCatcher(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []
        self.expected: tuple[str, ...] = ()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def texts(self) -> list[str]:
        formatter = logging.Formatter("%(name)s: %(message)s")
        return [formatter.format(record) for record in self.records]


def make_bot(kind: type[Any] = commands.Bot, **options: Any) -> commands.Bot:
    options.setdefault("intents", discord.Intents.all())
    options.setdefault("guild_ready_timeout", 0.05)
    options.setdefault("max_ratelimit_timeout", 30.0)
    bot: commands.Bot = kind("!", help_command=None, **options)
    bot.before_identify_hook = _at_once  # type: ignore[method-assign]  # the library asks for it to be replaced
    return bot


async def _at_once(shard_id: int | None, *, initial: bool = False) -> None:
    """Identify without the five seconds that Discord asks for between shards."""


@asynccontextmanager
async def running(emulator: DiscordEmulator, bot: commands.Bot, *, sync: bool = True) -> AsyncIterator[commands.Bot]:
    with point_discord_at(emulator.origin):
        await bot.login(emulator.token)
        task = asyncio.create_task(bot.connect())
        ready = asyncio.create_task(bot.wait_until_ready())
        try:
            await asyncio.wait({task, ready}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                await task
            assert bot.is_ready()
            if sync:
                await bot.tree.sync()
            yield bot
        finally:
            ready.cancel()
            await bot.close()
            task.cancel()
            await asyncio.gather(task, ready, return_exceptions=True)


class Api:
    """Speaks REST by hand, for what discord.py would not send."""

    def __init__(self, emulator: DiscordEmulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.session = session

    async def __call__(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> tuple[int, Any, Any]:
        headers = {"Authorization": f"Bot {token or self.emulator.token}"}
        url = f"{self.emulator.origin}/api/v10{path}"
        async with self.session.request(method, url, json=body, headers=headers) as response:
            raw = await response.read()
            return response.status, json.loads(raw) if raw else None, response.headers
