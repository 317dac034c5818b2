import pytest

from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.contacts.people import Door


@pytest.fixture
def door(shop: Shop, db: Database, clock: ManualClock) -> Door:
    """Where the shop's people come in."""
    return Door.of(shop, db, clock)
