"""The shop's number at an emulated WhatsApp, over real sockets."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.channels.service import ChannelService
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from sandbox.clock import ManualClock
from sandbox.whatsapp import WhatsAppEmulator
from tests.fixtures.shop import Shop
from tests.integration.whatsapp_sending.harness import Sending, new_sending


@pytest.fixture
async def sending(db: Database, clock: ManualClock, shop: Shop, tmp_path: Path) -> AsyncIterator[Sending]:
    async with WhatsAppEmulator(clock) as whatsapp:
        channels = ChannelService(db, clock, Sealer([base64.b64encode(bytes(32)).decode()]))
        found = await new_sending(db, clock, shop, whatsapp, channels, tmp_path)
        yield found
        await found.graph.close()
