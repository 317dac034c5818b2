"""Open the database the settings name, current and harmless, or say what is in the way."""

import subprocess
from contextlib import AsyncExitStack

import structlog

from app.errors import StartError
from app.keys import make_data_dir
from app.settings import Settings
from app.settings_reader import wrong
from app.storage.embedded import embedded_postgres
from app.storage.schema import make_current, role_weaknesses
from domain.kernel.db import APP_ROLE, Database
from domain.kernel.errors import Unavailable

log = structlog.get_logger("guildhall.storage")


async def open_server(settings: Settings, stack: AsyncExitStack) -> str:
    """The DSN of the server: the one in DATABASE_URL, or the embedded one, started here and stopped by `stack`.

    Raises:
        StartError: The embedded server does not start, or its folder cannot be written.
    """
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    make_data_dir(settings.data_dir)
    try:
        return await stack.enter_async_context(embedded_postgres(settings.data_dir))
    except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as exc:
        folder = settings.data_dir / "postgres"
        raise StartError(
            f"GUILDHALL_DATA_DIR: the embedded PostgreSQL does not start ({type(exc).__name__}). "
            f"Its own log is {folder / 'log'}. Or use a server of yours. "
            "Example: DATABASE_URL=postgresql://guildhall:password@db.example.com:5432/guildhall"
        ) from exc


async def open_dsn(settings: Settings, stack: AsyncExitStack) -> str:
    """The DSN of a database whose schema is current: migrated here where the login may.

    Raises:
        StartError: The server cannot be reached, or the schema is not current and stays so.
    """
    dsn = await open_server(settings, stack)
    applied = await make_current(dsn)
    if applied:
        log.info("schema brought up to date", migrations=applied)
    weaknesses = await role_weaknesses(dsn)
    if weaknesses:
        raise StartError(
            f"The database role {APP_ROLE} {' and '.join(weaknesses)}; Guildhall does not start with it, because "
            "row-level security would not hold. See docs/operations.md."
        )
    return dsn


async def open_database(dsn: str, max_connections: int, stack: AsyncExitStack) -> Database:
    """The application's pool, closed by `stack`.

    Raises:
        StartError: The server cannot be reached.
    """
    try:
        db = await Database.open(dsn, max_connections=max_connections)
    except Unavailable:
        raise wrong("DATABASE_URL", "the server cannot be reached") from None
    stack.push_async_callback(db.close)
    return db
