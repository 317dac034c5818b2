"""Keeps the Discord connection: comes back when Discord was away, stops with a clear line on a bad token."""

import asyncio
from collections.abc import Callable

import aiohttp
import discord
import structlog

from app.backoff import Backoff, before
from app.errors import StartError
from bot.client import GuildhallBot
from bot.sender import DiscordSender
from domain.kernel.errors import TransientFailure
from domain.outbox.dto import Outbound, Receipt

log = structlog.get_logger("guildhall.discord")
_AWAY = (OSError, aiohttp.ClientError, TimeoutError, discord.HTTPException, discord.GatewayNotFound,
         discord.ConnectionClosed)  # fmt: skip
_BAD_TOKEN_CODE = 4004
_LONGEST_WAIT_S = 30.0


class DiscordDoor:
    """One bot at a time, made anew after a connection that ended; also the outbox's sender.

    Args:
        make_bot: Makes a bot that has not been started.
        token: The bot's token.
        listens: Whether interactions are taken; without it only the HTTP side is used, to send.
        keep_open_until: The connection outlives the stop until this is set, so that the worker can still send.
        drain_s: How long interactions at work may take to finish.
        send_timeout_s: How long handing over one message may take; shorter than the outbox's lease.
    """

    def __init__(
        self, make_bot: Callable[[], GuildhallBot], token: str, *, listens: bool, keep_open_until: asyncio.Event,
        drain_s: float = 20.0, send_timeout_s: float = 20.0,
    ) -> None:  # fmt: skip
        self._make_bot = make_bot
        self._token = token
        self._listens = listens
        self._keep_open_until = keep_open_until
        self._drain_s = drain_s
        self._send_timeout_s = send_timeout_s
        self._sender: DiscordSender | None = None
        self.bot: GuildhallBot | None = None
        self.ready = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        """Whether every shard's connection is open."""
        bot = self.bot
        if bot is None or not bot.is_ready():
            return False
        return all(not shard.is_closed() for shard in bot.shards.values())

    async def send(self, message: Outbound) -> Receipt:
        """Send through the bot of this moment; see `domain.outbox.ports.Sender`."""
        return await self._current().send(message)

    async def reconcile(self, message: Outbound) -> Receipt | None:
        """Look for a message through the bot of this moment; see `domain.outbox.ports.Sender`."""
        return await self._current().reconcile(message)

    async def run(self, stop: asyncio.Event) -> None:
        """Stay connected until told to stop; then let interactions finish, and close after the worker.

        Raises:
            StartError: Discord refuses the token, or the intent to read messages.
        """
        backoff = Backoff(first_s=0.5, longest_s=_LONGEST_WAIT_S)
        while not stop.is_set():
            try:
                await self._live(stop, backoff)
            except discord.LoginFailure:
                raise refused_token() from None
            except discord.PrivilegedIntentsRequired:
                raise refused_intent() from None
            except _AWAY as exc:
                if isinstance(exc, discord.ConnectionClosed) and exc.code == _BAD_TOKEN_CODE:
                    raise refused_token() from None
                log.warning("discord is away", error=type(exc).__name__)
            await backoff.wait(stop)

    def _current(self) -> DiscordSender:
        if self._sender is None:
            raise TransientFailure("discord", "not_connected", 1.0)
        return self._sender

    async def _live(self, stop: asyncio.Event, backoff: Backoff) -> None:
        """One bot's life."""
        # We do not speak: spare the operator two warnings about missing voice libraries.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        bot = self._make_bot()
        try:
            if not await before(stop, bot.login(self._token)):
                return
            self.bot, self._sender = bot, DiscordSender(bot, self._send_timeout_s)
            if self._listens:
                await self._listen(bot, stop, backoff)
            else:
                self.ready.set()
                await stop.wait()
                await self._keep_open_until.wait()
        finally:
            self.bot = self._sender = None
            await bot.close()

    async def _listen(self, bot: GuildhallBot, stop: asyncio.Event, backoff: Backoff) -> None:
        connecting = asyncio.create_task(bot.connect(), name="discord gateway")
        watching = asyncio.create_task(self._tell_ready(bot, backoff), name="discord ready")
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({connecting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not connecting.done():
                left_count = await bot.drain(self._drain_s)
                if left_count:
                    log.warning("interactions did not finish in time", left_count=left_count)
                await self._keep_open_until.wait()
        finally:
            for task in (watching, stopping):
                task.cancel()
            await bot.close()
            await asyncio.wait({connecting}, timeout=5)
            connecting.cancel()
        if connecting.done() and not connecting.cancelled():
            connecting.result()

    async def _tell_ready(self, bot: GuildhallBot, backoff: Backoff) -> None:
        await bot.wait_until_ready()
        backoff.reset()
        log.info("discord connected", guild_count=len(bot.guilds), shard_count=len(bot.shards))
        self.ready.set()


def refused_intent() -> StartError:
    """Discord does not let the bot read messages, and notes in threads are messages."""
    return StartError(
        "GUILDHALL_DISCORD__TOKEN: Discord does not let this bot read messages, so notes in the threads of "
        "conversations would be lost. Switch on “Message Content Intent” on the Bot page of your application on "
        "discord.com/developers, then start again"
    )


def refused_token() -> StartError:
    """Discord does not know the token."""
    return StartError(
        "GUILDHALL_DISCORD__TOKEN: Discord refuses this token. Make a new one on the Bot page of your application "
        "on discord.com/developers. Example: GUILDHALL_DISCORD__TOKEN=<the new token>"
    )
