"""A shop with a number, and pumps that run as a house's do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.inbound_pump import InboundPump, PumpLimits
from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.inbox import Inbox, open_inbox
from tests.fixtures.shop import Shop

QUICK = PumpLimits(poll_s=0.1, held_s=0.05, failed_s=0.3, drain_s=20.0)


@pytest.fixture
async def inbox(db: Database, clock: ManualClock, shop: Shop) -> Inbox:
    return await open_inbox(db, clock, shop)


@asynccontextmanager
async def pumping(inbox: Inbox, limits: PumpLimits = QUICK) -> AsyncIterator[InboundPump]:
    """A running pump; stopped and drained at the end."""
    pump, stop = InboundPump(inbox.services.channels, inbox.services.intake, limits), asyncio.Event()
    running = asyncio.create_task(pump.run(stop))
    try:
        async with asyncio.timeout(60):
            await pump.ready.wait()
        yield pump
    finally:
        stop.set()
        async with asyncio.timeout(60):
            await running


async def eventually(check: Callable[[], Any], within_s: float = 60.0) -> None:
    """Wait until the awaited `check` is true."""
    async with asyncio.timeout(within_s):
        while not await check():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.02)


async def is_done(inbox: Inbox) -> bool:
    """Whether nothing waits."""
    return not await inbox.value("SELECT count(*) FROM inbound_events WHERE state = 'new'")
