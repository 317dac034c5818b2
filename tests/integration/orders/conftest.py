import pytest

from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.orders.desk import Desk


@pytest.fixture
def desk(shop: Shop, db: Database, clock: ManualClock) -> Desk:
    """The order desk of the shop."""
    return Desk.of(shop, db, clock)
