"""Start-up time and idle memory of `guildhall run` on the emulator, beside an interpreter importing its libraries."""

import asyncio
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.house import environment_of, process
from benchmarks.report import Figure
from sandbox.discord import DiscordEmulator

STARTUP_GOAL_S, MEMORY_GOAL_MB = 3.0, 150.0
YARDSTICK = "import discord, asyncpg, aiohttp, pgqueuer, structlog, pydantic_settings"
PORT = 18080


async def measure() -> list[Figure]:
    """The second start on a data folder is measured: the first one creates the database."""
    yardstick_s = min([await _import_time_s() for _ in range(3)])
    with tempfile.TemporaryDirectory() as folder:
        first_s, _, _ = await _start(Path(folder))
        warm_s, memory_mb, lazy = await _start(Path(folder))
    return [
        Figure("startup", "first start, with initdb and migration", first_s, "s"),
        Figure("startup", "until ready", warm_s, "s", f"< {STARTUP_GOAL_S}", warm_s < STARTUP_GOAL_S),
        Figure("startup", "yardstick: importing the libraries", yardstick_s, "s"),
        Figure("startup", "idle memory (RSS)", memory_mb, "MB", f"< {MEMORY_GOAL_MB}", memory_mb < MEMORY_GOAL_MB),
        Figure("startup", "matplotlib or openai loaded", float(not lazy), "", "0", lazy),
    ]


async def _import_time_s() -> float:
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", YARDSTICK)
    await process.wait()
    return time.perf_counter() - started


async def _start(folder: Path) -> tuple[float, float, bool]:
    async with DiscordEmulator() as discord:
        discord.add_guild("Nova Boost", discord.add_person("olivia"))
        started = time.perf_counter()
        async with process("app", "run", environment=environment_of(discord, folder, PORT)) as pid:
            await _until_ready()
            ready_s = time.perf_counter() - started
            await asyncio.sleep(3)
            return ready_s, _rss_mb(pid), _is_lazy(pid)


async def _until_ready() -> None:
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(_is_ready):  # noqa: ASYNC110 - another process, which sets no event of ours
            await asyncio.sleep(0.02)


def _is_ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _is_lazy(pid: int) -> bool:
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return "matplotlib" not in maps and "openai" not in maps
