"""One world per module, one shop per test: a shop costs milliseconds, a process seconds."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.company import Company, found_company
from tests.e2e.house import House
from tests.e2e.inbox import Inbox, found_inbox
from tests.e2e.two_doors import TwoDoors, open_two_doors
from tests.e2e.world import World, open_world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Discord and a database; processes come and go."""
    async with open_world(tmp_path_factory.mktemp("e2e"), postgres_url) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def company(world: World) -> AsyncIterator[Company]:
    """A new shop; Discord misbehaves only while its test runs."""
    yield await found_company(world)
    world.emulator.faults.clear()


@pytest_asyncio.fixture(loop_scope="module")
async def house(world: World) -> House:
    """A running process with every role."""
    return await world.house()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(
    request: pytest.FixtureRequest, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[TwoDoors]:
    """Discord, WhatsApp, a model and a database; processes come and go, with the module's SETTINGS."""
    async with open_two_doors(tmp_path_factory.mktemp("e2e"), postgres_url) as opened:
        opened.settings = getattr(request.module, "SETTINGS", {})
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def inbox(doors: TwoDoors) -> AsyncIterator[Inbox]:
    """A new shop with a number; nothing misbehaves after its test."""
    yield await found_inbox(doors)
    doors.heal()


@pytest_asyncio.fixture(loop_scope="module")
async def open_house(doors: TwoDoors) -> House:
    """A running process with both doors and every role."""
    return await doors.house()
