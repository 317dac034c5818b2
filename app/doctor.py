"""`guildhall doctor`: what is configured, reachable and missing, each with its remedy."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
from rich.console import Console
from rich.table import Table

from app.doctor_discord import discord_findings
from app.doctor_whatsapp import model_finding, number_findings
from app.errors import StartError
from app.findings import Finding, Level
from app.job_queue import list_parked_jobs
from app.keys import KEY_FILE, check_data_dir, open_sealer
from app.logging import configure_logging
from app.settings import LogLevel, LogSettings, Settings
from app.settings_reader import read_settings, unknown_variables
from app.storage.open import open_server
from app.storage.schema import connect, may_migrate, pending_migrations, role_weaknesses
from domain.kernel.db import ROUTER_ROLE, SCHEMA

_OLDEST_VERSION = 15
_STYLES = {Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.MISSING: "bold red"}


async def examine(console: Console | None = None) -> int:
    """Print the table; 1 when something that is required is missing or wrong."""
    findings = [finding async for finding in _findings()]
    table = Table(title="Guildhall", title_justify="left", show_lines=False)
    table.add_column("", no_wrap=True)
    table.add_column("what", no_wrap=True)
    table.add_column("found", overflow="fold")
    table.add_column("remedy", overflow="fold")
    for finding in findings:
        mark = f"[{_STYLES[finding.level]}]{finding.level}[/]"
        table.add_row(mark, finding.what, finding.found, finding.remedy)
    (console or Console()).print(table)
    return 1 if any(finding.level is Level.MISSING for finding in findings) else 0


async def _findings() -> AsyncIterator[Finding]:
    try:
        settings = read_settings()
    except StartError as exc:
        yield Finding(Level.MISSING, "settings", "a value is wrong", str(exc))
        return
    configure_logging(LogSettings(level=LogLevel.ERROR), settings.secrets())
    yield Finding(Level.OK, "settings", "readable")
    for name in unknown_variables():
        yield Finding(Level.WARNING, name, "is not a setting", "correct its name, or remove it")
    yield _sealing_keys(settings)
    async for finding in _database(settings):
        yield finding
    for finding in await discord_findings(settings):
        yield finding
    yield await model_finding(settings)


def _sealing_keys(settings: Settings) -> Finding:
    what = "GUILDHALL_SECRET_KEYS"
    path = settings.data_dir / KEY_FILE
    if settings.secret_keys is None and settings.is_embedded and not path.exists():
        return Finding(Level.NOTE, what, f"not set: the first start makes {path}", "keep a copy of it elsewhere")
    try:
        open_sealer(settings)
    except StartError as exc:
        return Finding(Level.MISSING, what, "missing or wrong", str(exc))
    if settings.secret_keys is None:
        return Finding(Level.NOTE, what, f"not set: the key is in {path}", "keep a copy of it elsewhere")
    return Finding(Level.OK, what, "set")


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    if settings.is_embedded and not (settings.data_dir / "postgres").exists():
        try:
            check_data_dir(settings.data_dir)
        except StartError as exc:
            yield Finding(Level.MISSING, "database", "embedded: cannot be made", str(exc))
            return
        yield Finding(Level.NOTE, "database", "embedded: made at the first start", "nothing to do")
        return
    async with AsyncExitStack() as stack:
        try:
            dsn = await open_server(settings, stack)
            connection = await connect(dsn)
            stack.push_async_callback(connection.close)
        except StartError as exc:
            yield Finding(Level.MISSING, "database", "cannot be reached", str(exc))
            return
        kind = "embedded" if settings.is_embedded else "DATABASE_URL"
        version = connection.get_server_version()
        level = Level.OK if version.major >= _OLDEST_VERSION else Level.MISSING
        yield Finding(level, "database", f"{kind}: PostgreSQL {version.major}.{version.micro}",
                      "" if level is Level.OK else f"use PostgreSQL {_OLDEST_VERSION} or later")  # fmt: skip
        async for finding in _schema(settings, dsn, connection):
            yield finding


async def _schema(settings: Settings, dsn: str, connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    try:
        pending = await pending_migrations(dsn)
    except StartError as exc:
        yield Finding(Level.MISSING, "database role", "closed to this login", str(exc))
        return
    if pending and await may_migrate(dsn):
        yield Finding(Level.NOTE, "schema", f"not up to date: {', '.join(pending)}", "the next start applies it")
        return
    if pending:
        yield Finding(Level.MISSING, "schema", f"not up to date: {', '.join(pending)}",
                      "guildhall migrate, with a login that may")  # fmt: skip
        return
    yield Finding(Level.OK, "schema", "up to date")
    weaknesses = await role_weaknesses(dsn)
    if weaknesses:
        yield Finding(Level.MISSING, "database role", " and ".join(weaknesses), "see docs/operations.md")
    else:
        yield Finding(Level.OK, "database role", "owns nothing, bypasses nothing")
    await connection.execute(f"SET search_path = {SCHEMA}")
    yield await _parked(connection)
    yield await _shops(connection)
    for finding in await number_findings(settings, dsn):
        yield finding


async def _parked(connection: asyncpg.Connection) -> Finding:
    parked_count = len(await list_parked_jobs(connection))
    if parked_count:
        remedy = "guildhall jobs parked, then guildhall jobs replay"
        return Finding(Level.WARNING, "parked jobs", str(parked_count), remedy)
    return Finding(Level.OK, "parked jobs", "none")


async def _shops(connection: asyncpg.Connection) -> Finding:
    await connection.execute(f"SET ROLE {ROUTER_ROLE}")
    shop_count: int = await connection.fetchval("SELECT count(*) FROM tenants")
    if shop_count:
        return Finding(Level.OK, "shops", str(shop_count))
    return Finding(Level.NOTE, "shops", "none yet", "/setup in your Discord server, or guildhall tenant create")
