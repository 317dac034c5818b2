from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.inbox import Parser
from tests.integration.bot.harness import open_shop, staged
from tests.integration.bot_inbox.desk import Desk, open_desk


@pytest.fixture
async def desk(db: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Desk]:
    """A shop whose conversations live in a forum."""
    parser = Parser()
    async with staged(db, clock, parser=parser, data_dir=tmp_path) as stage:
        await open_shop(stage)
        yield await open_desk(stage, parser, tmp_path)


@pytest.fixture
async def text_desk(db: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Desk]:
    """The same with a text channel: threads hang on lines."""
    parser = Parser()
    async with staged(db, clock, parser=parser, data_dir=tmp_path) as stage:
        await open_shop(stage)
        yield await open_desk(stage, parser, tmp_path, is_forum=False)
