"""A client of another make, in another style, reads the emulator without complaint."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import hikari
import pytest

from sandbox.discord import DiscordEmulator
from sandbox.discord.people import Person
from sandbox.discord.referee import OpenApiReferee
from sandbox.discord.state import Channel
from tests.sandbox_referee.hikari_bot import PICTURE, build


@asynccontextmanager
async def _running(referee: OpenApiReferee) -> AsyncIterator[tuple[DiscordEmulator, Channel, Person]]:
    async with DiscordEmulator(referee=referee) as emulator:
        ana = emulator.add_person("ana")
        orders = emulator.add_guild("Shop", ana).add_channel("orders")
        bot = build(emulator.token, f"{emulator.origin}/api/v10")
        ready = asyncio.Event()

        async def on_guild(event: hikari.GuildAvailableEvent) -> None:
            ready.set()

        bot.event_manager.subscribe(hikari.GuildAvailableEvent, on_guild)
        await bot.start(check_for_updates=False)
        try:
            await asyncio.wait_for(ready.wait(), 60)
            yield emulator, orders, ana
        finally:
            await bot.close()


async def test_commands_files_and_buttons_work_for_hikari(
    referee: OpenApiReferee, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="hikari"):
        async with _running(referee) as (emulator, orders, ana):
            pong = await ana.slash(orders, "ping", {"word": "hello"})
            assert (pong.text, pong.ephemeral) == ("hello", True)
            report = await (await ana.slash(orders, "report")).finished()
            assert report.text == "The report"
            assert report.message is not None
            assert [file.bytes for file in report.message.attachments] == [PICTURE]
            card = await ana.slash(orders, "card")
            assert (await ana.click(card, "Claim")).text == "Claimed by ana"
            await ana.send(orders, "and a plain message")
            assert not emulator.rest.unknown_routes
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    referee.assert_clean("response", "event")
