"""How soon staff sees what a person wrote: from the webhook's 200 to the message in the conversation's thread."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

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
from domain.tenancy.dto import NewTenant, Purpose
from sandbox.discord import DiscordEmulator
from sandbox.openai import OpenAIEmulator, ScriptedModel
from sandbox.whatsapp import Number, Phone, WhatsAppEmulator

PEOPLE, RATE_PER_S, WARM_S, SECONDS, PATIENCE_S, GOAL_S = 30, 10, 3, 10, 30, 2.0
REPLY = "¿En qué división estás ahora?"


class Threads:
    """When each text was first seen in Discord."""

    def __init__(self, discord: DiscordEmulator) -> None:
        self._discord = discord
        self.wanted: set[str] = set()
        self.seen_at: dict[str, float] = {}

    def look(self) -> None:
        """Look at the newest messages of every thread, after everything that happens."""
        now, missing = time.monotonic(), self.wanted - self.seen_at.keys()
        if missing:
            channels = [c for guild in self._discord.world.guilds.values() for c in guild.channels.values() if c.thread]
            newest = "\n".join(message.text for channel in channels for message in channel.messages[-12:])
            self.seen_at |= {text: now for text in missing if text in newest}


async def measure() -> list[Figure]:
    """Thirty people write ten messages a second together, and the assistant answers them meanwhile.

    Discord's limits are in force: five new messages in five seconds in one thread, the assistant's among them.
    """
    async with AsyncExitStack() as stack:
        number, phones, threads = await stack.enter_async_context(_shop())
        await _write(number, phones, threads, WARM_S, "primero")
        accepted_at = await _write(number, phones, threads, SECONDS, "mensaje")
    took = [threads.seen_at[text] - at for text, at in accepted_at.items() if text in threads.seen_at]
    p50, p95, missing = percentile(took, 0.5), percentile(took, 0.95), len(accepted_at) - len(took)
    return [
        Figure("mirror", f"webhook 200 to thread at {RATE_PER_S}/s, p50", p50 * 1000, "ms"),
        Figure("mirror", f"webhook 200 to thread at {RATE_PER_S}/s, p95", p95 * 1000, "ms",
               f"<= {GOAL_S * 1000:.0f}", p95 <= GOAL_S),
        Figure("mirror", "not mirrored", missing, "", "0", missing == 0),
    ]  # fmt: skip


async def _write(number: Number, phones: list[Phone], threads: Threads, seconds: int, word: str) -> dict[str, float]:
    """Write at an even rate, and wait until all of it is seen; when each text was accepted."""
    accepted_at: dict[str, float] = {}
    started = time.monotonic()

    async def one(phone: Phone, text: str) -> None:
        threads.wanted.add(text)
        await phone.write(number, text)  # returns with the webhook's answer
        accepted_at[text] = time.monotonic()

    async with asyncio.TaskGroup() as writing:
        for count in range(seconds * RATE_PER_S):
            writing.create_task(one(phones[count % PEOPLE], f"{word} {count:04}"))
            await asyncio.sleep(max(0.0, started + (count + 1) / RATE_PER_S - time.monotonic()))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while threads.wanted - threads.seen_at.keys():  # noqa: ASYNC110 - what Discord shows sets no event of ours
                await asyncio.sleep(0.05)
    except TimeoutError:
        pass  # what is missing is a figure
    return accepted_at


@asynccontextmanager
async def _shop() -> AsyncIterator[tuple[Number, list[Phone], Threads]]:
    """A house in its own process, with a shop, a forum for conversations, a number and the phones."""
    model = ScriptedModel()
    model.when(lambda _: True, REPLY)
    async with DiscordEmulator() as discord, WhatsAppEmulator() as whatsapp, OpenAIEmulator(model) as openai:
        with tempfile.TemporaryDirectory() as folder:
            async with embedded_postgres(Path(folder) / "data") as dsn:
                await migrate(dsn)
                number = whatsapp.add_number(limits_pairs=False)
                await _found(dsn, discord, number)
                port = free_port()
                environment = environment_of(discord, Path(folder) / "data", port) | {
                    "DATABASE_URL": dsn, "GUILDHALL_SECRET_KEYS": KEY,
                    "GUILDHALL_META__GRAPH_ORIGIN": whatsapp.origin, "GUILDHALL_OPENAI__BASE_URL": openai.base_url,
                    "GUILDHALL_OPENAI__API_KEY": openai.api_key, "GUILDHALL_OPENAI__MODEL": openai.model_name,
                }  # fmt: skip
                async with process("app", "run", environment=environment):
                    await ready(port)
                    await whatsapp.verify(number, f"http://127.0.0.1:{port}/webhooks/meta/bench")
                    threads = Threads(discord)
                    discord.on_event(lambda _: threads.look())
                    digits = (f"34600{n:06d}" for n in range(PEOPLE))
                    yield number, [whatsapp.add_phone(one, name=f"Lead {one}") for one in digits], threads


async def _found(dsn: str, discord: DiscordEmulator, number: Number) -> None:
    owner = discord.add_person("olivia")
    guild = discord.add_guild("Bench", owner)
    db = await Database.open(dsn, max_connections=2)
    services = build_services(db, SystemClock(), Sealer([KEY]))
    new = NewTenant("Bench", guild.id, owner.id, "Olivia", "Europe/Madrid", "USD", "es")
    tenant = await services.tenancy.create(new, "found")
    actor = await services.tenancy.identify(tenant.id, owner.id, "Olivia", [], "owner", "es")
    for purpose, channel in (
        (Purpose.CONVERSATIONS, guild.add_forum("chats")),
        (Purpose.LEADS, guild.add_channel("leads")),
        (Purpose.LOG, guild.add_channel("log")),
    ):
        actor = await services.tenancy.identify(tenant.id, owner.id, "Olivia", [], f"bind:{purpose}", "es")
        await services.tenancy.bind_channel(actor, purpose, channel.id)
    secrets = (number.access_token, number.app_secret, number.verify_token)
    await services.channels.add_meta(actor, NewMetaAccount(number.phone_number_id, *secrets, "bench"))
    await db.close()
