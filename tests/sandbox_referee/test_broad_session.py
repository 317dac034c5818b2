"""The real discord.py plays with the emulator while the referee reads everything that crosses the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.origin import point_discord_at
from sandbox.discord import DiscordEmulator
from sandbox.discord.referee import OpenApiReferee
from tests.sandbox_referee.broad_acts import ACTS, Act, Stage
from tests.sandbox_referee.broad_bot import BroadBot


@asynccontextmanager
async def _staged(referee: OpenApiReferee) -> AsyncIterator[Stage]:
    async with DiscordEmulator(referee=referee) as emulator:
        owner, ana = emulator.add_person("olga"), emulator.add_person("ana", locale="es-ES")
        guild = emulator.add_guild("Shop", owner)
        guild.join(ana)
        orders, forum = guild.add_channel("orders"), guild.add_forum("contacts", tags=["new"])
        bot = BroadBot()
        with point_discord_at(emulator.origin):
            running = asyncio.create_task(bot.start(emulator.token))
            try:
                await asyncio.wait_for(bot.has_guilds.wait(), 60)
                yield Stage(emulator, bot, guild, orders, forum, owner, ana)
            finally:
                await bot.close()
                await asyncio.gather(running, return_exceptions=True)
        assert not emulator.rest.unknown_routes


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
async def test_each_act_is_clean(act: Act, referee: OpenApiReferee) -> None:
    async with _staged(referee) as stage:
        await act(stage)
    referee.assert_clean()


async def test_the_whole_session_is_clean_and_needs_every_listed_deviation(referee: OpenApiReferee) -> None:
    async with _staged(referee) as stage:
        for act in ACTS:
            await act(stage)
    referee.assert_clean()
    assert referee.unused_deviations == []
