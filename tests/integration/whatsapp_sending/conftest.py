"""The shop's number at an emulated WhatsApp, over real sockets."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.channels.service import ChannelService
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from sandbox.clock import ManualClock
from sandbox.whatsapp import Phone, WhatsAppEmulator
from tests.fixtures.shop import Shop
from tests.integration.whatsapp_sending.harness import Sending, new_sending
from tests.integration.whatsapp_sending.loop import Loop, opened_loop


@pytest.fixture
async def sending(db: Database, clock: ManualClock, shop: Shop, tmp_path: Path) -> AsyncIterator[Sending]:
    async with WhatsAppEmulator(clock) as whatsapp:
        channels = ChannelService(db, clock, Sealer([base64.b64encode(bytes(32)).decode()]))
        found = await new_sending(db, clock, shop, whatsapp, channels, tmp_path)
        yield found
        await found.graph.close()


@pytest.fixture
async def loop(db: Database, clock: ManualClock, shop: Shop, tmp_path: Path) -> AsyncIterator[Loop]:
    """Everything between the webhook and the phone, and back."""
    sealer = Sealer([base64.b64encode(b"k" * 32).decode()])
    async with opened_loop(db, clock, shop, sealer, tmp_path) as found:
        yield found


@pytest.fixture
async def ana(loop: Loop) -> Phone:
    """A person who has just written."""
    phone = loop.whatsapp.add_phone("34600111222", name="Ana")
    await phone.write(loop.number, "hola")
    await loop.run()
    return phone
