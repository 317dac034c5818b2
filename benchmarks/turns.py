"""A full turn: webhook to reply accepted by WhatsApp, with a model that answers at once; everything on this machine."""

import asyncio
import itertools
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from app.settings import MetaSettings
from app.storage.embedded import embedded_postgres
from app.storage.migrate import migrate
from benchmarks.bare_turn import SCHEMA
from benchmarks.house import environment_of, free_port, listening, process, ready
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
MESSAGES_EACH = 40  # WhatsApp takes 45 at once for one person, and then one in six seconds
REPLY = "¿En qué división estás ahora?"
_NO_BUDGET = """
INSERT INTO guildhall.agent_settings (tenant_id, contact_day_token_limit, tenant_day_token_limit)
VALUES ($1, 2000000000, 2000000000)
"""


async def measure() -> list[Figure]:
    """32 people who write again as soon as they are answered; the yardstick and the house see the same machine.

    Who has written 40 messages leaves, and somebody new comes.
    """
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(_shop())
        bare = await shop.run(shop.bare)
        house = await shop.run(shop.house)
    turns = f"turns at {CONVERSATIONS} conversations"
    return [
        Figure("turns", turns, house.rate, "1/s", f">= {GOAL:.0f}", house.rate >= GOAL),
        Figure("turns", "the calls alone, without a product", bare.rate, "1/s"),
        Figure("turns", "house / the calls alone", house.rate / bare.rate),
        Figure("turns", "webhook to reply, p50", percentile(house.took, 0.5) * 1000, "ms"),
        Figure("turns", "webhook to reply, p99", percentile(house.took, 0.99) * 1000, "ms"),
        Figure("turns", "CPU per turn: the house", house.cpu_ms["served"], "ms"),
        Figure("turns", "CPU per turn: PostgreSQL", house.cpu_ms["postgres"], "ms"),
        Figure("turns", "CPU per turn: emulators and phones", house.cpu_ms["outside"], "ms"),
        Figure("turns", "the calls alone: CPU per turn", bare.cpu_ms["served"], "ms"),
        Figure("turns", "the calls alone: CPU per turn, PostgreSQL", bare.cpu_ms["postgres"], "ms"),
        Figure("turns", "the calls alone: CPU per turn, emulators and phones", bare.cpu_ms["outside"], "ms"),
    ]


@dataclass(frozen=True)
class Round:
    """What a round showed: seconds of each turn, turns per second, and milliseconds of CPU per turn, by whom."""

    took: list[float]
    rate: float
    cpu_ms: dict[str, float]


@dataclass(frozen=True)
class Door:
    """A number, the process that answers it, and who writes to it next."""

    number: Number
    pid: int
    phones: Iterator[Phone]


@dataclass(frozen=True)
class Shop:
    """Both that are compared, on one PostgreSQL."""

    bare: Door
    house: Door
    dsn: str
    postmaster: int

    async def run(self, door: Door) -> Round:
        """Warm up, and measure; in between PostgreSQL counts its rows, as it does by itself within a minute."""
        took: list[float] = []
        await self._chats(door, time.monotonic() + WARM_S / 2, [])
        await _analyze(self.dsn)
        await self._chats(door, time.monotonic() + WARM_S / 2, [])
        before, started = self._cpu_s(door), time.monotonic()
        await self._chats(door, started + MEASURE_S, took)
        elapsed_s, after = time.monotonic() - started, self._cpu_s(door)
        turns = max(1, len(took))
        return Round(took, turns / elapsed_s, {who: (after[who] - before[who]) / turns * 1000 for who in after})

    async def _chats(self, door: Door, deadline: float, took: list[float]) -> None:
        await asyncio.gather(*(_chat(door, deadline, took) for _ in range(CONVERSATIONS)))

    def _cpu_s(self, door: Door) -> dict[str, float]:
        server = psutil.Process(self.postmaster)
        return {"served": _cpu_s(psutil.Process(door.pid)), "outside": _cpu_s(psutil.Process()),
                "postgres": sum(map(_cpu_s, server.children()))}  # fmt: skip


async def _chat(door: Door, deadline: float, took: list[float]) -> None:
    while time.monotonic() < deadline:
        phone = next(door.phones)
        for count in range(MESSAGES_EACH):
            started = time.monotonic()
            await phone.write(door.number, f"hola {count}")
            await phone.arrivals.wait_until(lambda: len(phone.unclaimed) > count, 60)  # noqa: B023 - awaited right here
            took.append(time.monotonic() - started)
            if time.monotonic() >= deadline:
                return


@asynccontextmanager
async def _shop() -> AsyncIterator[Shop]:
    """The house and the yardstick, each in a process and a number for each; no Discord channel is bound."""
    model = ScriptedModel()
    model.when(lambda _: True, REPLY)
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordEmulator())
        whatsapp = await stack.enter_async_context(WhatsAppEmulator())
        openai = await stack.enter_async_context(OpenAIEmulator(model))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        dsn = await stack.enter_async_context(embedded_postgres(folder / "data"))
        await migrate(dsn)
        whatsapp.statuses.gather_s = 0.02
        numbers = [_number(whatsapp), _number(whatsapp)]
        postmaster = await _found(dsn, discord, numbers[1])
        bare = await stack.enter_async_context(_bare(dsn, whatsapp, openai, numbers[0]))
        house = await stack.enter_async_context(_house(dsn, discord, whatsapp, openai, numbers[1], folder))
        yield Shop(bare, house, dsn, postmaster)


def _number(whatsapp: WhatsAppEmulator) -> Number:
    number = whatsapp.add_number(limits_pairs=False)
    number.limits.per_s = None
    return number


@asynccontextmanager
async def _bare(
    dsn: str, whatsapp: WhatsAppEmulator, openai: OpenAIEmulator, number: Number
) -> AsyncIterator[Door]:  # fmt: skip
    port = free_port()
    environment = os.environ | {
        "BARE_DSN": dsn, "BARE_PORT": str(port), "BARE_SECRET": number.app_secret, "BARE_TOKEN": number.access_token,
        "BARE_GRAPH": f"{whatsapp.origin}/{MetaSettings().graph_version}/{number.phone_number_id}/messages",
        "BARE_OPENAI": openai.base_url, "BARE_KEY": openai.api_key, "BARE_MODEL": openai.model_name,
    }  # fmt: skip
    async with process("benchmarks.bare_turn", environment=environment) as pid:
        await listening(port)
        await whatsapp.verify(number, f"http://127.0.0.1:{port}/webhook")
        yield Door(number, pid, _phones(whatsapp, "34700"))


@asynccontextmanager
async def _house(
    dsn: str, discord: DiscordEmulator, whatsapp: WhatsAppEmulator, openai: OpenAIEmulator, number: Number, folder: Path
) -> AsyncIterator[Door]:  # fmt: skip
    port = free_port()
    environment = environment_of(discord, folder / "data", port) | {
        "DATABASE_URL": dsn, "GUILDHALL_SECRET_KEYS": KEY, "GUILDHALL_AGENT__QUIET_S": "0",
        "GUILDHALL_META__GRAPH_ORIGIN": whatsapp.origin, "GUILDHALL_OPENAI__BASE_URL": openai.base_url,
        "GUILDHALL_OPENAI__API_KEY": openai.api_key, "GUILDHALL_OPENAI__MODEL": openai.model_name,
    }  # fmt: skip
    async with process("app", "run", environment=environment) as pid:
        await ready(port)
        await whatsapp.verify(number, f"http://127.0.0.1:{port}/webhooks/meta/bench")
        yield Door(number, pid, _phones(whatsapp, "34600"))


def _phones(whatsapp: WhatsAppEmulator, first: str) -> Iterator[Phone]:
    return (whatsapp.add_phone(f"{first}{n:06d}", name=f"Lead {n}") for n in itertools.count())


async def _found(dsn: str, discord: DiscordEmulator, number: Number) -> int:
    """Found the shop and the yardstick's table; the database server's process id."""
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
    await plain.execute(SCHEMA)
    own: int = await plain.fetchval("SELECT pg_backend_pid()")
    postmaster = int(psutil.Process(own).ppid())
    await plain.close()
    return postmaster


async def _analyze(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("ANALYZE")
    await connection.close()


def _cpu_s(one: psutil.Process) -> float:
    try:
        times = one.cpu_times()
    except psutil.NoSuchProcess:  # a backend that has just ended
        return 0.0
    return float(times.user + times.system)
