"""The shop's WhatsApp number."""

import pytest

from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.inbox import Inbox, open_inbox
from tests.fixtures.shop import Shop


@pytest.fixture
async def inbox(db: Database, clock: ManualClock, shop: Shop) -> Inbox:
    """A shop that can be written to."""
    return await open_inbox(db, clock, shop)
