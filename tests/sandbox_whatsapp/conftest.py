from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from sandbox.clock import ManualClock
from sandbox.whatsapp import Number, Phone, WhatsAppEmulator
from tests.sandbox_whatsapp.harness import Business, Graph


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 2, 9, tzinfo=UTC))


@pytest.fixture
async def whatsapp(clock: ManualClock) -> AsyncIterator[WhatsAppEmulator]:
    async with WhatsAppEmulator(clock) as running:
        yield running


@pytest.fixture
def number(whatsapp: WhatsAppEmulator) -> Number:
    return whatsapp.add_number("34911000111", name="Boosting House")


@pytest.fixture
def marta(whatsapp: WhatsAppEmulator) -> Phone:
    return whatsapp.add_phone("34600111222", name="Marta")


@pytest.fixture
async def business(whatsapp: WhatsAppEmulator, number: Number) -> AsyncIterator[Business]:
    business = Business(lambda: number.app_secret, lambda: number.verify_token)
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_route("*", "/hook", business.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    business.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    whatsapp.connect(number, business.url)
    yield business
    await runner.cleanup()


@pytest.fixture
async def graph(whatsapp: WhatsAppEmulator, number: Number) -> AsyncIterator[Graph]:
    async with aiohttp.ClientSession() as session:
        yield Graph(session, whatsapp.origin, number)
