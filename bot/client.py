"""The Discord client: little memory, one privileged intent (notes in threads), nothing global."""

import asyncio
import logging
import sys
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import Press
from bot.cogs import cog_classes
from bot.commands_sync import sync_if_changed
from bot.config import BotConfig, CommandHashStore
from bot.counting import counted
from bot.errors import Reporter
from bot.global_limit import GlobalLimit
from bot.router import Router
from bot.words import CatalogTranslator
from domain.kernel.metrics import Metrics, NoMetrics
from domain.services import Services

log = logging.getLogger("guildhall")
_LONGEST_LIMIT_S = 30.0  # a longer rate limit is an error at once; discord.py takes no less
_RECONNECT_EXPONENT = 5  # a random wait of up to 2 ** 5 seconds
_TASK_NAMES = ("CommandTree-invoker", "discord.py: on_interaction")


class _Tree(app_commands.CommandTree["GuildhallBot"]):
    async def _call(self, interaction: discord.Interaction["GuildhallBot"]) -> None:
        if interaction.type is discord.InteractionType.autocomplete:
            await super()._call(interaction)
            return
        with counted(interaction, self.client.metrics):
            await super()._call(interaction)

    async def on_error(
        self, interaction: discord.Interaction["GuildhallBot"], error: app_commands.AppCommandError, /
    ) -> None:
        await self.client.reporter.report(interaction, error)


class GuildhallBot(commands.AutoShardedBot):
    """The door: every interaction becomes one service call and one answer.

    Args:
        services: The use cases.
        config: Shards and timeouts.
        hashes: Remembers which commands are registered.
        metrics: Counts what is answered; nothing without it.

    Attributes:
        services: The use cases.
        router: Handlers by custom id.
        reporter: Where every error ends.
        config: The door's settings.
    """

    def __init__(
        self, services: Services, config: BotConfig, hashes: CommandHashStore, metrics: Metrics | None = None
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=_Tree,
            intents=discord.Intents(guilds=True, guild_messages=True, message_content=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            **_shards(config),
            guild_ready_timeout=config.guild_ready_timeout_s,
            max_ratelimit_timeout=_LONGEST_LIMIT_S,
            enable_debug_events=False,
        )
        self.services = services
        self.metrics: Metrics = metrics or NoMetrics()
        self.router = Router()
        self.reporter = Reporter()
        self.config = config
        self._hashes = hashes
        self._command_ids: dict[str, int] = {}

    async def setup_hook(self) -> None:
        """Load the cogs, then register the commands if they changed."""
        self.http._global_over = GlobalLimit(_LONGEST_LIMIT_S)
        await self.tree.set_translator(CatalogTranslator())
        for cog_class in cog_classes():
            await self.add_cog(cog_class(self))
        if self.config.syncs_commands:
            await sync_if_changed(self.tree, self._hashes)

    async def on_interaction(self, interaction: Press) -> None:
        """Route buttons, selects and forms; commands and searches go through the tree."""
        if interaction.type in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            with counted(interaction, self.metrics):
                await self.router.dispatch(interaction)

    async def on_shard_connect(self, shard_id: int) -> None:
        """Let a shard that loses its connection try again within half a minute, not within a quarter of an hour."""
        self.shards[shard_id]._parent._backoff._max = _RECONNECT_EXPONENT

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """discord.py calls this for whatever a listener raised; never silent."""
        error = sys.exc_info()[1]
        if event_method == "on_interaction" and error is not None:
            await self.reporter.report(args[0], error)
        else:
            log.error("event.failed", exc_info=error, extra={"event_name": event_method})

    async def on_command_error(self, context: Any, exception: commands.CommandError, /) -> None:
        """A mention is no command here; there are none but slash commands."""

    async def command_ids(self) -> Mapping[str, int]:
        """The ids of the registered commands by English name, for `</name:id>`; asked once."""
        if not self._command_ids:
            registered = await self.tree.fetch_commands()
            self._command_ids = {command.name: command.id for command in registered}
        return self._command_ids

    async def drain(self, timeout_s: float) -> int:
        """Wait for the interactions that are being worked on; the number that were left at the end."""
        running = [task for task in asyncio.all_tasks() if task.get_name() in _TASK_NAMES]
        if not running:
            return 0
        _, pending = await asyncio.wait(running, timeout=timeout_s)
        return len(pending)


def _shards(config: BotConfig) -> dict[str, Any]:
    found = {"shard_ids": config.shard_ids and list(config.shard_ids), "shard_count": config.shard_count}
    return {name: value for name, value in found.items() if value}
