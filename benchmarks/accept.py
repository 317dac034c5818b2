"""Durable webhook accept at 64 connections: beside the same without storage, and FastAPI with SQLAlchemy."""

import asyncio
import os
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from app.health import Health
from app.metrics import HouseMetrics
from app.settings import WebSettings
from app.web import build_web, serve
from benchmarks.accept_client import CONNECTIONS, NUMBER, SECRET
from benchmarks.house import free_port, listening, process
from benchmarks.report import Figure
from benchmarks.world import KEY, World, world
from domain.channels.dto import ChannelAccount, NewMetaAccount
from domain.channels.service import ChannelService
from domain.kernel.clock import SystemClock
from domain.kernel.sealing import Sealer

ROUNDS, ROUND_S = 11, 1.5
BARE_GOAL, FASTAPI_GOAL = 0.7, 8.0
PATH = "/webhooks/meta/bench"


async def measure() -> list[Figure]:
    """Rounds alternate between the three, and each is compared with its neighbours: so they see the same machine."""
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(world(0))
        channels = ChannelService(shop.db, SystemClock(), Sealer([KEY]))
        new = NewMetaAccount(NUMBER, "token", SECRET, "verify", app="bench")
        account = await channels.add_meta(shop.owner, new)
        health = Health(shop.db, SystemClock(), None, asyncio.Event().is_set)
        pages = build_web(health, HouseMetrics(), channels)
        ports = {"house": await stack.enter_async_context(serve(pages, WebSettings(port=0)))}
        for rival in ("bare", "fastapi"):
            ports[rival] = await stack.enter_async_context(_rival(rival, shop, account))
        rates: dict[str, list[float]] = {name: [] for name in ports}
        for round_number in range(ROUNDS):
            for name, port in ports.items():
                rates[name].append(await _round(port, f"{name}{round_number}"))
        stored = await _stored(shop)
    found = {name: statistics.median(values) for name, values in rates.items()}
    beside_bare, beside_fastapi = (_beside(rates["house"], rates[rival]) for rival in ("bare", "fastapi"))
    name = f"durable accept, {CONNECTIONS} connections"
    return [
        Figure("accept", name, found["house"], "posts/s"),
        Figure("accept", "the same without storage", found["bare"], "posts/s"),
        Figure("accept", "FastAPI + SQLAlchemy, same insert", found["fastapi"], "posts/s"),
        Figure("accept", "durable / without storage", beside_bare, "", f">= {BARE_GOAL}", beside_bare >= BARE_GOAL),
        Figure("accept", "durable / FastAPI", beside_fastapi, "x", f">= {FASTAPI_GOAL}",
               beside_fastapi >= FASTAPI_GOAL),
        Figure("accept", "events stored", stored, "rows"),
    ]  # fmt: skip


def _beside(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


async def _round(port: int, tag: str) -> float:
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.accept_client", str(port), PATH, str(ROUND_S), tag,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await client.communicate()
    count, took_s = out.split()
    return int(count) / float(took_s)


@asynccontextmanager
async def _rival(name: str, shop: World, account: ChannelAccount) -> AsyncIterator[int]:
    port = free_port()
    parts = urlsplit(shop.dsn)
    dsn = f"postgresql+asyncpg://postgres@/{parts.path.strip('/')}?host={parse_qs(parts.query)['host'][0]}"
    arguments = (name, str(port), dsn, str(account.tenant_id), str(account.id))
    async with process("benchmarks.accept_rivals", *arguments, environment=dict(os.environ)):
        await listening(port)
        yield port


async def _stored(shop: World) -> int:
    async with shop.db.tx(shop.owner) as tx:
        return int(await tx.value("SELECT count(*) FROM inbound_events"))
