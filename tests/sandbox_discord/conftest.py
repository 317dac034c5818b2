import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import aiohttp
import pytest

from sandbox.clock import ManualClock
from sandbox.discord import Channel, DiscordEmulator, Guild, Person
from sandbox.discord.referee import OpenApiReferee, Violation
from sandbox.discord.referee_deviations import load_deviations
from tests.fixtures.discord_description import compiled, description_path
from tests.sandbox_discord.harness import Api, ErrorCatcher


@pytest.fixture(autouse=True)
def errors() -> Iterator[ErrorCatcher]:
    catcher = ErrorCatcher()
    loggers = [logging.getLogger(name) for name in ("discord", "asyncio", "aiohttp")]
    for logger in loggers:
        logger.addHandler(catcher)
    yield catcher
    for logger in loggers:
        logger.removeHandler(catcher)
    assert [text for text in catcher.texts() if not text.startswith(catcher.expected)] == []


@pytest.fixture
def referee() -> Iterator[OpenApiReferee | None]:
    path = description_path()
    if path is None:
        yield None
        return
    referee = OpenApiReferee(compiled(path), load_deviations())
    yield referee
    found = [v for v in referee.violations if v.direction != "request" and not _is_error_detail(v)]
    assert found == []


def _is_error_detail(violation: Violation) -> bool:
    """The description gives the codes inside `errors` as numbers; Discord answers names."""
    return "/errors/" in violation.pointer or "'errors' was unexpected" in violation.message


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))


@pytest.fixture
async def emulator(referee: OpenApiReferee | None) -> AsyncIterator[DiscordEmulator]:
    async with DiscordEmulator(referee=referee) as running:
        yield running


@pytest.fixture
async def api(emulator: DiscordEmulator) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(emulator, session)


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
