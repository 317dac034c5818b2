import pytest

from domain.closing.service import ClosingService
from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.payroll.books import Books


@pytest.fixture
def closing(db: Database, clock: ManualClock) -> ClosingService:
    return ClosingService(db, clock)


@pytest.fixture
def books(db: Database, clock: ManualClock, shop: Shop) -> Books:
    return Books(db, clock, shop)
