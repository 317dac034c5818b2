from collections.abc import AsyncIterator

import pytest

from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.integration.bot.harness import Stage, open_shop, staged
from tests.integration.bot_money.trade import Trade, open_trade


@pytest.fixture
async def stage(db: Database, clock: ManualClock) -> AsyncIterator[Stage]:
    """A bot in a guild with a shop: English, Madrid, US dollars, four channels."""
    async with staged(db, clock) as running:
        await open_shop(running)
        yield running


@pytest.fixture
async def trade(stage: Stage) -> Trade:
    """The shop with an admin, a dispatcher and two boosters."""
    return await open_trade(stage)
