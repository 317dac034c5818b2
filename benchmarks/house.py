"""`guildhall run` in a process of its own, against an emulated Discord."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from sandbox.discord import DiscordEmulator


def environment_of(discord: DiscordEmulator, folder: Path, port: int) -> dict[str, str]:
    """The settings of a house with its own database in `folder`."""
    found = os.environ | {
        "GUILDHALL_DATA_DIR": str(folder),
        "GUILDHALL_DISCORD__TOKEN": discord.token,
        "GUILDHALL_DISCORD__API_ORIGIN": discord.origin,
        "GUILDHALL_WEB__PORT": str(port),
    }
    found.pop("DATABASE_URL", None)
    return found


@asynccontextmanager
async def process(module: str, *arguments: str, environment: dict[str, str]) -> AsyncIterator[int]:
    """Run `python -m module` quietly; yields its process id and ends it."""
    quiet = asyncio.subprocess.DEVNULL
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, env=environment, stdout=quiet, stderr=quiet
    )
    try:
        yield started.pid
    finally:
        started.terminate()
        await started.wait()


async def ready(port: int) -> None:
    """Wait until the house on this port says that it is ready."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


async def listening(port: int) -> None:
    """Wait until somebody listens on this port."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


def free_port() -> int:
    """Two runs at once must not talk to each other's house."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
