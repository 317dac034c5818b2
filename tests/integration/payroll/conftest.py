import base64

import pytest

from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from domain.payroll.service import PayrollService
from domain.staff.service import StaffService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.payroll.books import Books


@pytest.fixture
def sealer() -> Sealer:
    return Sealer([base64.b64encode(b"k" * 32).decode()])


@pytest.fixture
def payroll(db: Database, clock: ManualClock, sealer: Sealer) -> PayrollService:
    return PayrollService(db, clock, sealer)


@pytest.fixture
def books(db: Database, clock: ManualClock, shop: Shop) -> Books:
    return Books(db, clock, shop)


@pytest.fixture
def staff(db: Database, clock: ManualClock, sealer: Sealer) -> StaffService:
    return StaffService(db, clock, sealer)
