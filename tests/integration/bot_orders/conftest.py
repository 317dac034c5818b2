from collections.abc import AsyncIterator

import pytest

from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.integration.bot.harness import open_shop, staged
from tests.integration.bot_orders.floor import Floor, open_floor


@pytest.fixture
async def floor(db: Database, clock: ManualClock) -> AsyncIterator[Floor]:
    """A shop with a dispatcher and two boosters, its bot running against the emulator."""
    async with staged(db, clock) as stage:
        await open_shop(stage)
        yield await open_floor(stage)
