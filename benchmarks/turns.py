"""A full turn: webhook to reply accepted by WhatsApp, with a model that answers at once; everything on this machine."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import psutil

from app.storage.embedded import embedded_postgres
from app.storage.migrate import migrate
from benchmarks.house import environment_of, free_port, process, ready
from benchmarks.report import Figure, percentile
from benchmarks.world import KEY
from domain.channels.dto import NewMetaAccount
from domain.kernel.clock import SystemClock
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from domain.services import build_services
from domain.tenancy.dto import NewTenant
from sandbox.discord import DiscordEmulator
from sandbox.openai import OpenAIEmulator, ScriptedModel
from sandbox.whatsapp import Number, Phone, WhatsAppEmulator

CONVERSATIONS, WARM_S, MEASURE_S, GOAL = 32, 3.0, 12.0, 150.0
REPLY = "¿En qué división estás ahora?"
_NO_BUDGET = """
INSERT INTO guildhall.agent_settings (tenant_id, contact_day_token_limit, tenant_day_token_limit)
VALUES ($1, 2000000000, 2000000000)
"""


async def measure() -> list[Figure]:
    """32 people who write again as soon as they are answered."""
    async with AsyncExitStack() as stack:
        number, phones, pid = await stack.enter_async_context(_shop())
        took: list[float] = []
        deadline = time.monotonic() + WARM_S
        await asyncio.gather(*(_chat(number, phone, deadline, []) for phone in phones))
        cpu_before, started = _cpu_s(pid), time.monotonic()
        await asyncio.gather(*(_chat(number, phone, started + MEASURE_S, took) for phone in phones))
        elapsed_s, cpu_s = time.monotonic() - started, _cpu_s(pid) - cpu_before
    rate = len(took) / elapsed_s
    return [
        Figure("turns", f"turns at {CONVERSATIONS} conversations", rate, "1/s", f">= {GOAL:.0f}", rate >= GOAL),
        Figure("turns", "webhook to reply, p50", percentile(took, 0.5) * 1000, "ms"),
        Figure("turns", "webhook to reply, p99", percentile(took, 0.99) * 1000, "ms"),
        Figure("turns", "CPU of the house per turn", cpu_s / max(1, len(took)) * 1000, "ms"),
    ]


async def _chat(number: Number, phone: Phone, deadline: float, took: list[float]) -> None:
    while time.monotonic() < deadline:
        count, started = len(phone.inbox), time.monotonic()
        await phone.write(number, f"hola {count}")
        while len(phone.inbox) <= count:  # noqa: ASYNC110 - a tick costs less than a condition per phone
            await asyncio.sleep(0.002)
        took.append(time.monotonic() - started)


@asynccontextmanager
async def _shop() -> AsyncIterator[tuple[Number, list[Phone], int]]:
    """A house in its own process, with a shop, a number and 32 phones; no Discord channel is bound."""
    model = ScriptedModel()
    model.when(lambda _: True, REPLY)
    async with DiscordEmulator() as discord, WhatsAppEmulator() as whatsapp, OpenAIEmulator(model) as openai:
        with tempfile.TemporaryDirectory() as folder:
            async with embedded_postgres(Path(folder) / "data") as dsn:
                await migrate(dsn)
                number = whatsapp.add_number(limits_pairs=False)
                number.limits.per_s = None
                whatsapp.statuses.gather_s = 0.02
                await _found(dsn, discord, number)
                port = free_port()
                environment = environment_of(discord, Path(folder) / "data", port) | {
                    "DATABASE_URL": dsn, "GUILDHALL_SECRET_KEYS": KEY, "GUILDHALL_AGENT__QUIET_S": "0",
                    "GUILDHALL_META__GRAPH_ORIGIN": whatsapp.origin, "GUILDHALL_OPENAI__BASE_URL": openai.base_url,
                    "GUILDHALL_OPENAI__API_KEY": openai.api_key, "GUILDHALL_OPENAI__MODEL": openai.model_name,
                }  # fmt: skip
                async with process("app", "run", environment=environment) as pid:
                    await ready(port)
                    await whatsapp.verify(number, f"http://127.0.0.1:{port}/webhooks/meta/bench")
                    digits = (f"34600{n:06d}" for n in range(CONVERSATIONS))
                    yield number, [whatsapp.add_phone(one, name=f"Lead {one}") for one in digits], pid


async def _found(dsn: str, discord: DiscordEmulator, number: Number) -> None:
    owner = discord.add_person("olivia")
    guild = discord.add_guild("Bench", owner)
    db = await Database.open(dsn, max_connections=2)
    services = build_services(db, SystemClock(), Sealer([KEY]))
    new = NewTenant("Bench", guild.id, owner.id, "Olivia", "Europe/Madrid", "USD", "es")
    tenant = await services.tenancy.create(new, "found")
    actor = await services.tenancy.identify(tenant.id, owner.id, "Olivia", [], "owner", "es")
    secrets = (number.access_token, number.app_secret, number.verify_token)
    await services.channels.add_meta(
        actor, NewMetaAccount(number.phone_number_id, *secrets, "bench", throughput_mps=1000)
    )
    await db.close()
    plain = await asyncpg.connect(dsn)
    await plain.execute(_NO_BUDGET, tenant.id)
    await plain.close()


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
