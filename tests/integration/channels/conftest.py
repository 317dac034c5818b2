"""Services and numbers for the tests of channels."""

import pytest

from domain.channels.service import ChannelService
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from sandbox.clock import ManualClock
from tests.fixtures.channels import KEY


@pytest.fixture
def channels(db: Database, clock: ManualClock) -> ChannelService:
    return ChannelService(db, clock, Sealer([KEY]))
