"""Connections to PostgreSQL, how they are opened, lent out and dropped. Everybody else goes through `db.py`."""

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg
import orjson

from domain.kernel.errors import Unavailable

APP_ROLE = "guildhall_app"
ROUTER_ROLE = "guildhall_router"
SCHEMA = "guildhall"
_ACQUIRE_S = 15
LOST_CONNECTION = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # a connection that broke in the middle of a message
)


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    def get_reset_query(self) -> str:
        # No session state is ever set (SET LOCAL only), so handing a connection back costs no round trip.
        return ""


async def open_pool(dsn: str, role: str, min_size: int, max_size: int) -> Any:
    """A pool whose connections are that role's from the beginning."""
    return await asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        connection_class=_Connection,
        init=_set_codecs,
        server_settings={"role": role, "search_path": SCHEMA, "application_name": "guildhall"},
        timeout=10,
        command_timeout=60,
    )


async def acquired(pool: Any) -> Any:
    """A connection. Raises `Unavailable`."""
    try:
        async with asyncio.timeout(_ACQUIRE_S):  # the pool's own timeout takes a task each time
            return await pool.acquire()
    except (*LOST_CONNECTION, TimeoutError) as exc:
        raise Unavailable("database.unavailable") from exc


async def give_back(pool: Any, connection: Any) -> None:
    """Hand a connection back, or what is left of it."""
    # One that dies at this very moment goes back by itself, and the pool takes offence at the second time.
    with suppress(asyncpg.InternalClientError):
        await pool.release(connection)  # the pool shields it


def drop(connection: Any) -> None:
    """End a connection at once, and with it what runs on it."""
    # Refused where the pool was faster and took the broken connection back by itself.
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def _set_codecs(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        # Text is JSON already: PgQueuer hands over its headers so.
        encoder=lambda value: b"\x01" + (value.encode() if isinstance(value, str) else orjson.dumps(value)),
        decoder=lambda data: orjson.loads(data[1:]),
    )
