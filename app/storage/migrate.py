"""Bring the schema up to date: roles, then Tortoise's migration graph, under one advisory lock."""

import ssl
import warnings
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from app.errors import StartError
from domain.kernel.db import APP_ROLE, SCHEMA

OWNER_ROLE = "guildhall_owner"
_LOCK = 7_415_001
_ROLES = """
DO $$
DECLARE
    -- From 16 on, who creates a role administers it without being allowed to act as it.
    may_set text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'set' ELSE 'member' END;
BEGIN
    IF to_regrole('guildhall_owner') IS NULL THEN CREATE ROLE guildhall_owner NOLOGIN; END IF;
    IF to_regrole('guildhall_app') IS NULL THEN CREATE ROLE guildhall_app NOLOGIN NOINHERIT; END IF;
    IF to_regrole('guildhall_router') IS NULL THEN CREATE ROLE guildhall_router NOLOGIN; END IF;
    IF NOT pg_has_role(current_user, 'guildhall_owner', may_set) THEN GRANT guildhall_owner TO CURRENT_USER; END IF;
    IF NOT pg_has_role(current_user, 'guildhall_app', may_set) THEN GRANT guildhall_app TO CURRENT_USER; END IF;
    IF NOT pg_has_role('guildhall_app', 'guildhall_router', may_set) THEN
        GRANT guildhall_router TO guildhall_app;
    END IF;
    IF to_regnamespace('guildhall') IS NULL THEN CREATE SCHEMA guildhall AUTHORIZATION guildhall_owner; END IF;
END $$;
"""


async def migrate(dsn: str) -> None:
    """Create the roles and run every migration not yet applied; safe to run twice, and in two processes.

    Args:
        dsn: A login that may create roles and create in the database, or a member of the owner role.

    Raises:
        StartError: The server does not let this login do it.
    """
    guard = await asyncpg.connect(dsn)
    try:
        # Roles belong to the whole server, so the lock is taken where every database's migration meets.
        await guard.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await guard.execute(_ROLES)
        await guard.execute(f"SET ROLE {OWNER_ROLE}")
        await _run_graph(dsn)
        # So that the application can tell whether the schema is the one it needs.
        await guard.execute(f"GRANT SELECT ON {SCHEMA}.tortoise_migrations TO {APP_ROLE}")
    except asyncpg.InsufficientPrivilegeError as exc:
        raise StartError(
            f"DATABASE_URL: the server does not let this login migrate ({exc}). "
            "docs/operations.md says what it needs. "
            "Example: DATABASE_URL=postgresql://postgres:password@db.example.com:5432/guildhall"
        ) from None
    finally:
        await guard.close()


async def _run_graph(dsn: str) -> None:
    # Only a start that migrates pays for importing Tortoise.
    from tortoise import Tortoise
    from tortoise.migrations.api import migrate as tortoise_migrate

    config = {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials(dsn)}},
        "apps": {
            "guildhall": {
                "models": ["migrations"],
                "migrations": "migrations",
                "default_connection": "default",
            }
        },
    }
    try:
        with warnings.catch_warnings():
            # Our tables are not Tortoise models (docs/adr/0002); it warns of an app without any.
            warnings.filterwarnings("ignore", message='Module "migrations" has no models')
            await tortoise_migrate(config=config)
    finally:
        await Tortoise.close_connections()


def credentials(dsn: str) -> dict[str, Any]:
    """A DSN as Tortoise wants it, acting as the owner role in our schema; unix sockets come as `?host=`."""
    parts = urlsplit(dsn)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    found: dict[str, Any] = {
        "user": unquote(parts.username or query.get("user", "postgres")),
        "password": unquote(parts.password) if parts.password else query.get("password"),
        "host": parts.hostname or query.get("host", "localhost"),
        "port": parts.port or int(query.get("port", 5432)),
        "database": parts.path.lstrip("/") or "postgres",
        "server_settings": {"role": OWNER_ROLE, "search_path": SCHEMA},
        "minsize": 1,
        "maxsize": 2,
    }
    if "sslmode" in query:
        found["ssl"] = _trusting(query["sslmode"], query.get("sslrootcert"))
    return found


def _trusting(mode: str, authority_file: str | None) -> str | ssl.SSLContext:
    """What asyncpg makes of `sslmode` and `sslrootcert` itself when they stand in a DSN."""
    if authority_file is None or mode not in ("verify-ca", "verify-full"):
        return mode
    context = ssl.create_default_context(cafile=authority_file)
    context.check_hostname = mode == "verify-full"
    return context
