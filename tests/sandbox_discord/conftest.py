import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from sandbox.discord import Channel, DiscordEmulator, Guild, Person
from tests.sandbox_discord.harness import ErrorCatcher


@pytest.fixture(autouse=True)
def errors() -> Iterator[ErrorCatcher]:
    catcher = ErrorCatcher()
    loggers = [logging.getLogger(name) for name in ("discord", "asyncio", "aiohttp")]
    for logger in loggers:
        logger.addHandler(catcher)
    yield catcher
    for logger in loggers:
        logger.removeHandler(catcher)
    assert catcher.texts() == []


@pytest.fixture
async def emulator() -> AsyncIterator[DiscordEmulator]:
    async with DiscordEmulator() as running:
        yield running


@pytest.fixture
def alice(emulator: DiscordEmulator) -> Person:
    return emulator.add_person("alice", locale="es-ES")


@pytest.fixture
def bob(emulator: DiscordEmulator) -> Person:
    return emulator.add_person("bob")


@pytest.fixture
def guild(emulator: DiscordEmulator, alice: Person, bob: Person) -> Guild:
    guild = emulator.add_guild("Nova Boost", owner=alice)
    guild.join(bob)
    return guild


@pytest.fixture
def orders(guild: Guild) -> Channel:
    return guild.add_channel("orders")
