"""Notes need the right to read messages; without it the house says what to switch on."""

import asyncio

import pytest

from app.discord_door import DiscordDoor
from app.errors import StartError
from bot.client import GuildhallBot
from bot.config import BotConfig
from bot.origin import point_discord_at
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from domain.services import build_services
from sandbox.clock import ManualClock
from sandbox.discord import DiscordEmulator
from tests.fixtures.inbox import KEY
from tests.integration.bot.harness import MemoryHashes


async def test_a_bot_that_may_not_read_messages_stops_with_the_switch_it_needs(
    db: Database, clock: ManualClock
) -> None:
    services = build_services(db, clock, Sealer([KEY]))
    async with DiscordEmulator(clock, granted_intents=0) as emulator:
        emulator.add_guild("Nova Boost", emulator.add_person("olivia"))
        with point_discord_at(emulator.origin):
            door = DiscordDoor(
                lambda: GuildhallBot(services, BotConfig(), MemoryHashes()), emulator.token, listens=True,
                keep_open_until=asyncio.Event(),
            )  # fmt: skip
            with pytest.raises(StartError, match="Message Content Intent"):
                async with asyncio.timeout(60):
                    await door.run(asyncio.Event())
