"""Interactions through the emulator at 100 a second, beside a bare discord.py bot at the same rate."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.house import environment_of, process
from benchmarks.report import Figure, percentile
from sandbox.discord import Channel, DiscordEmulator, Guild, Person, Reply

RATE_PER_S, SECONDS, YARDSTICK_SECONDS, GOAL_MS = 100, 60, 15, 250.0
Act = Callable[[int], Awaitable[Reply]]


@dataclass(frozen=True)
class Load:
    """What a bot under load did."""

    waits_ms: list[float]
    failed_count: int
    cpu_ms: float


async def measure() -> list[Figure]:
    """Each bot runs in a process of its own; the emulator and the people share this one."""
    bare = await _bare()
    ours = await _ours()
    p50, p99 = percentile(ours.waits_ms, 0.5), percentile(ours.waits_ms, 0.99)
    count = RATE_PER_S * SECONDS
    return [
        Figure("interactions", "sent", count, "interactions"),
        Figure("interactions", "not acknowledged", ours.failed_count, "", "0", ours.failed_count == 0),
        Figure("interactions", "acknowledged p50", p50, "ms"),
        Figure("interactions", "acknowledged p99", p99, "ms", f"< {GOAL_MS}", p99 < GOAL_MS),
        Figure("interactions", "CPU per interaction", ours.cpu_ms / count, "ms"),
        Figure("interactions", "yardstick: bare bot p50", percentile(bare.waits_ms, 0.5), "ms"),
        Figure("interactions", "yardstick: bare bot p99", percentile(bare.waits_ms, 0.99), "ms"),
        Figure("interactions", "yardstick: bare CPU", bare.cpu_ms / (RATE_PER_S * YARDSTICK_SECONDS), "ms"),
    ]


async def _bare() -> Load:
    async with DiscordEmulator() as discord:
        olivia = discord.add_person("olivia")
        channel = discord.add_guild("Bare", olivia).add_channel("general")
        environment = os.environ | {"BARE_ORIGIN": discord.origin, "BARE_TOKEN": discord.token}
        async with process("benchmarks.bare_bot", environment=environment) as pid:
            await _until_registered(discord, "ping")
            await _until_answering(olivia, channel, "ping")
            return await _load(pid, lambda _: olivia.slash(channel, "ping"), YARDSTICK_SECONDS)


async def _ours() -> Load:
    with tempfile.TemporaryDirectory() as folder:
        async with DiscordEmulator() as discord:
            olivia = discord.add_person("olivia")
            guild = discord.add_guild("Bench", olivia)
            channel = guild.add_channel("general")
            environment = environment_of(discord, Path(folder), port=18081)
            _found_shop(environment, guild, olivia)
            async with process("app", "run", environment=environment) as pid:
                await _until_registered(discord, "me")
                await _until_answering(olivia, channel, "help")
                acts: list[tuple[str, dict[str, object]]] = [("me", {}), ("order list", {}), ("help", {})]
                return await _load(pid, lambda n: olivia.slash(channel, *acts[n % 3]), SECONDS)


def _found_shop(environment: dict[str, str], guild: Guild, owner: Person) -> None:
    command = [sys.executable, "-m", "app", "tenant", "create", "--name", "Bench", "--guild-id", str(guild.id)]
    command += ["--owner-id", str(owner.id), "--zone", "Europe/Madrid", "--currency", "USD", "--locale", "en"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=60)


async def _until_registered(discord: DiscordEmulator, command: str) -> None:
    def is_there() -> bool:
        return any(known["name"] == command for known in discord.world.commands.listed(None))

    await discord.wait_until(is_there, timeout_s=30)


async def _until_answering(person: Person, channel: Channel, command: str) -> None:
    """Commands are registered a moment before the bot listens."""
    for _ in range(20):
        if not (await person.slash(channel, command)).failed:
            return


async def _load(pid: int, act: Act, seconds: int) -> Load:
    """One act every 10 ms, whether or not the earlier ones were answered."""
    started_cpu_ms, started = _cpu_ms(pid), time.perf_counter()
    pending = []
    for number in range(RATE_PER_S * seconds):
        pending.append(asyncio.ensure_future(act(number)))
        await asyncio.sleep(max(0.0, started + (number + 1) / RATE_PER_S - time.perf_counter()))
    replies = await asyncio.gather(*pending)
    failed = sum(reply.failed for reply in replies)
    waits_ms = [reply.acknowledged_ms for reply in replies if reply.acknowledged_ms is not None]
    return Load(waits_ms, failed, _cpu_ms(pid) - started_cpu_ms)


def _cpu_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
