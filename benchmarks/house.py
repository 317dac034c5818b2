"""`guildhall run` in a process of its own, against an emulated Discord."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

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
