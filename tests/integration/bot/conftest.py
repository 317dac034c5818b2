from collections.abc import AsyncIterator

import pytest

from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.integration.bot.harness import Stage, open_shop, staged


@pytest.fixture
async def stage(db: Database, clock: ManualClock) -> AsyncIterator[Stage]:
    """A bot in a guild without a shop."""
    async with staged(db, clock) as running:
        yield running


@pytest.fixture
async def shop_stage(stage: Stage) -> Stage:
    """The same with a shop: English, Madrid, US dollars, four channels."""
    await open_shop(stage)
    return stage
