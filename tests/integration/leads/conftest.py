import pytest

from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.contacts.people import Door
from tests.integration.leads.floor import Floor


@pytest.fixture
def floor(shop: Shop, db: Database, clock: ManualClock) -> Floor:
    """The sales floor of the shop."""
    return Floor.of(Door.of(shop, db, clock))
