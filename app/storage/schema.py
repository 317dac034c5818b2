"""Is the schema the one this program needs, may this login change it, and is the application's role harmless?"""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg

import migrations
from app.errors import SchemaNotCurrent, StartError
from app.storage.migrate import OWNER_ROLE, migrate
from domain.kernel.db import APP_ROLE, LOST_CONNECTION, SCHEMA

_MAY_MIGRATE = """
SELECT rolsuper OR rolcreaterole AND has_database_privilege(current_database(), 'CREATE')
    OR coalesce(pg_has_role(current_user, to_regrole($1)::oid, 'member'), false)
FROM pg_roles WHERE rolname = current_user
"""
_APPLIED = f"SELECT name FROM {SCHEMA}.tortoise_migrations"  # noqa: S608 - our own schema's name
_WEAKNESSES = """
SELECT array_remove(ARRAY[
    CASE WHEN r.rolsuper THEN 'is a superuser' END,
    CASE WHEN r.rolbypassrls THEN 'bypasses row-level security' END,
    CASE WHEN EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = to_regnamespace($1)::oid)
         THEN 'owns tables' END,
    CASE WHEN pg_has_role(r.oid, to_regrole($2)::oid, 'usage') THEN 'inherits the owner role' END], NULL)
FROM pg_roles r WHERE r.rolname = current_user
"""


def known_migrations() -> list[str]:
    """The migrations this program brings, oldest first."""
    files = (Path(folder).iterdir() for folder in migrations.__path__)
    return sorted(path.stem for found in files for path in found if re.fullmatch(r"m\d{4}_\w+\.py", path.name))


async def connect(dsn: str) -> Any:
    """A connection as the login itself.

    Raises:
        StartError: The server does not answer or refuses the login; the address is not repeated.
    """
    try:
        return await asyncpg.connect(dsn, timeout=10)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        raise StartError("DATABASE_URL: the server refuses this user or password.") from None
    except asyncpg.InvalidCatalogNameError:
        raise StartError("DATABASE_URL: the server has no database of this name. Create it first.") from None
    except (*LOST_CONNECTION, TimeoutError, ValueError, asyncpg.PostgresError) as exc:
        raise StartError(
            f"DATABASE_URL: the server cannot be reached ({type(exc).__name__}). Is it running, is the address right?"
        ) from None


async def pending_migrations(dsn: str) -> list[str]:
    """Migrations the database has not seen, oldest first.

    Raises:
        StartError: This login may neither look nor migrate.
    """
    connection = await connect(dsn)
    try:
        applied: set[str] = set()
        # A role or table that is missing or closed to us means: not applied.
        with suppress(asyncpg.UndefinedObjectError, asyncpg.InvalidParameterValueError, asyncpg.UndefinedTableError,
                      asyncpg.InsufficientPrivilegeError):  # fmt: skip
            await _act_as_application(connection)
            rows = await connection.fetch(_APPLIED)
            applied = {row["name"] for row in rows}
        return [name for name in known_migrations() if name not in applied]
    finally:
        await connection.close()


async def _act_as_application(connection: Any) -> None:
    try:
        await connection.execute(f"SET ROLE {APP_ROLE}")
    except asyncpg.InsufficientPrivilegeError:
        if not await connection.fetchval(_MAY_MIGRATE, OWNER_ROLE):
            raise StartError(
                f"DATABASE_URL: this login may not act as {APP_ROLE}. "
                f"Let who administers the server run: GRANT {APP_ROLE} TO the login."
            ) from None
        raise


async def may_migrate(dsn: str) -> bool:
    """Whether this login could bring the schema up to date."""
    connection = await connect(dsn)
    try:
        return bool(await connection.fetchval(_MAY_MIGRATE, OWNER_ROLE))
    finally:
        await connection.close()


async def make_current(dsn: str) -> list[str]:
    """Apply what is missing where the login may; the names of what was applied.

    Raises:
        SchemaNotCurrent: Something is missing and this login may not change the schema.
    """
    pending = await pending_migrations(dsn)
    if pending and not await may_migrate(dsn):
        raise SchemaNotCurrent(
            f"The database is not up to date (missing: {', '.join(pending)}) and this login may not change it. "
            "Run: guildhall migrate, with DATABASE_URL set to a login that may."
        )
    if pending:
        await migrate(dsn)
    return pending


async def role_weaknesses(dsn: str) -> list[str]:
    """What makes the role the application acts as dangerous; empty when it owns nothing and bypasses nothing."""
    connection = await connect(dsn)
    try:
        await connection.execute(f"SET ROLE {APP_ROLE}")
        found: list[str] = await connection.fetchval(_WEAKNESSES, SCHEMA, OWNER_ROLE)
        return found
    except (asyncpg.InvalidParameterValueError, asyncpg.UndefinedObjectError, asyncpg.InsufficientPrivilegeError):
        return [f"cannot be taken on by this login (missing: GRANT {APP_ROLE} TO the login)"]
    finally:
        await connection.close()
