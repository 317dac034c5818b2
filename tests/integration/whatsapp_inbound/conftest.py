"""The webhook over a real socket, on a real database."""

import asyncio
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from app.health import Health
from app.metrics import HouseMetrics
from app.settings import WebSettings
from app.web import build_web, serve
from domain.channels.dto import ChannelAccount
from domain.channels.service import ChannelService
from domain.kernel.db import Database, Row
from domain.kernel.sealing import Sealer
from sandbox.clock import ManualClock
from tests.fixtures.channels import APP_SECRET, KEY, new_number
from tests.fixtures.shop import Shop

NUMBER = "1122334455667"


def signature(raw: bytes, secret: str = APP_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


@dataclass
class Meta:
    """What Meta does, and what the house has of it."""

    url: str
    session: aiohttp.ClientSession
    db: Database
    shop: Shop
    channels: ChannelService
    metrics: HouseMetrics

    async def post(
        self, body: Any, *, app: str = "nova", secret: str = APP_SECRET, headers: dict[str, str] | None = None
    ) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"X-Hub-Signature-256": signature(raw, secret), "Content-Type": "application/json"}
        address = f"{self.url}/webhooks/meta/{app}"
        async with self.session.post(
            address, data=io.BytesIO(raw), headers=sent if headers is None else headers
        ) as answer:
            return answer.status

    async def events(self, shop: Shop | None = None) -> list[Row]:
        async with self.db.tx((shop or self.shop).owner) as tx:
            return list(await tx.rows("SELECT * FROM inbound_events ORDER BY position"))

    async def kinds(self, shop: Shop | None = None) -> list[str]:
        return [row["kind"] for row in await self.events(shop)]


@pytest.fixture
def channels(db: Database, clock: ManualClock) -> ChannelService:
    return ChannelService(db, clock, Sealer([KEY]))


@pytest.fixture
async def account(shop: Shop, channels: ChannelService) -> ChannelAccount:
    return await channels.add_meta(shop.owner, new_number(NUMBER))


@pytest.fixture
async def meta(
    db: Database, clock: ManualClock, shop: Shop, channels: ChannelService, account: ChannelAccount
) -> AsyncIterator[Meta]:
    async with opened_meta(db, clock, shop, channels) as found:
        yield found


@asynccontextmanager
async def opened_meta(db: Database, clock: ManualClock, shop: Shop, channels: ChannelService) -> AsyncIterator[Meta]:
    """The house's web server over a database, and Meta before it."""
    metrics = HouseMetrics()
    health = Health(db, clock, None, asyncio.Event().is_set)
    pages = build_web(health, metrics, channels, clock)
    async with serve(pages, WebSettings(port=0)) as port, aiohttp.ClientSession() as session:
        yield Meta(f"http://127.0.0.1:{port}", session, db, shop, channels, metrics)
