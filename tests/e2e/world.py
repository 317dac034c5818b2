"""The world around the process: an emulated Discord, a PostgreSQL that outlives it, and eyes on both."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg

from domain.kernel.clock import SystemClock
from domain.kernel.db import Database
from domain.kernel.sealing import Sealer
from domain.services import Services, build_services
from sandbox.discord import DiscordEmulator
from tests.e2e.house import House, assert_log_is_clean
from tests.fixtures.database import clone_template, url_of

PASSWORD = "canary-of-the-dsn"
KEY = base64.b64encode(b"canary-of-the-sealing-key-32-by!").decode()
CUSTOMER = "Canaria Quetzal"
ACCOUNT = "canary_account"
LEASE_S = 3.0
_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'guildhall' AND wait_event_type = 'Lock'
"""
PATIENCE_S = 60.0
W = TypeVar("W", bound="World")


class World:
    """What survives the death of the process.

    Args:
        emulator: Discord.
        folder: Where processes work and keep their data.
        url: What processes get as DATABASE_URL, with a password that must not show; None: they bring their own.

    Attributes:
        dsn: The database, for a superuser; from `connect` on, as are the others.
        look: A superuser's connection: sees every row.
        db, services: The use cases over the same database, for arranging and checking.
        settings: What processes get besides, and instead of, the short waits.
    """

    look: Any
    db: Database
    services: Services
    dsn: str

    def __init__(self, emulator: DiscordEmulator, folder: Path, url: str | None = None) -> None:
        self.emulator = emulator
        self.url = url
        self.folder = folder
        self.settings: Mapping[str, str] = {}
        self.houses: list[House] = []
        self._is_connected = False

    async def connect(self, dsn: str) -> None:
        """Look into the database at `dsn`, from now on."""
        await self.disconnect()
        self.dsn = dsn
        self.look = await asyncpg.connect(dsn)
        self.db = await Database.open(dsn, max_connections=4)
        self._is_connected = True
        self.services = build_services(self.db, SystemClock(), Sealer([KEY]))

    async def disconnect(self) -> None:
        """Let go of the database; harmless when there is none."""
        if self._is_connected:
            self._is_connected = False
            self.look.terminate()
            await self.db.close()

    @property
    def secrets(self) -> dict[str, str]:
        """What no log may show."""
        return {"token": self.emulator.token, "password": PASSWORD, "key": KEY, "customer": CUSTOMER,
                "account": ACCOUNT}  # fmt: skip

    def environment(self, **more: str) -> dict[str, str]:
        """The settings of a process, with short waits."""
        return {
            **({"DATABASE_URL": self.url} if self.url else {}),
            "GUILDHALL_DATA_DIR": str(self.folder / "data"),
            "GUILDHALL_SECRET_KEYS": KEY,
            "GUILDHALL_DISCORD__TOKEN": self.emulator.token,
            "GUILDHALL_DISCORD__API_ORIGIN": self.emulator.origin,
            "GUILDHALL_WEB__PORT": "0",
            "GUILDHALL_LOG__FORMAT": "json",
            "GUILDHALL_WORKER__HEARTBEAT_S": "1",
            "GUILDHALL_WORKER__LEASE_S": str(LEASE_S),
            **more,
        }

    async def start(self, *only: str, **more: str) -> House:
        """Start one more process."""
        house = House(self.environment(**{**self.settings, **more}), self.folder, *only)
        self.houses.append(house)
        return await house.open()

    async def house(self) -> House:
        """The process of this moment, with every role; started if none runs."""
        running = [house for house in self.houses if house.is_running]
        return running[-1] if running else await self.start()

    async def stop_all(self) -> None:
        """End every process that runs, in order."""
        for house in self.houses:
            if house.is_running:
                assert await house.close() == 0

    async def value(self, sql: str, *args: object) -> Any:
        """One value, past row-level security."""
        return await self.look.fetchval(sql, *args)

    async def rows(self, sql: str, *args: object) -> list[Any]:
        """Rows, past row-level security."""
        return list(await self.look.fetch(sql, *args))

    async def run(self, sql: str, *args: object) -> None:
        """One statement, past row-level security."""
        await self.look.execute(sql, *args)

    @asynccontextmanager
    async def held_before_commit(self, tenant_id: UUID) -> AsyncIterator[Callable[[], Awaitable[object]]]:
        """Inside, every change to a shop stops at its last step; yields what waits until one has got there."""
        sql = "SELECT 1 FROM guildhall.audit_heads WHERE tenant_id = $1 FOR UPDATE"
        async with self.held(sql, tenant_id) as somebody_waits:
            yield somebody_waits

    @asynccontextmanager
    async def held(self, locking_sql: str, *args: object) -> AsyncIterator[Callable[[], Awaitable[object]]]:
        """Inside, rows or a table are locked by a statement; yields what waits until a process is stopped by that."""
        holder = await asyncpg.connect(self.dsn)
        try:
            await holder.execute("BEGIN")
            assert await holder.fetch(locking_sql, *args) or locking_sql.startswith("LOCK"), "there is a row to hold"
            yield self._somebody_waits
        finally:
            await holder.close()

    async def _somebody_waits(self) -> object:
        return await eventually(lambda: self.value(_WAITING))

    async def close(self) -> None:
        """End everything, and look at what was logged."""
        await self.disconnect()
        for house in self.houses:
            await house.process.__aexit__(None, None, None)
        for house in self.houses:
            assert_log_is_clean(house.lines, self.secrets)


async def eventually(check: Callable[[], Awaitable[object] | object], within_s: float = PATIENCE_S) -> Any:
    """The first true result of `check`."""
    found: object = None
    try:
        async with asyncio.timeout(within_s):
            while True:
                found = check()
                if isinstance(found, Awaitable):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(0.03)
    except TimeoutError:
        raise AssertionError(f"not within {within_s} s; last: {found!r}") from None


@asynccontextmanager
async def open_world(folder: Path, server_url: str | None = None) -> AsyncIterator[World]:
    """A Discord, and a fresh database on a server unless processes bring their own; without a process."""
    async with open_world_of(World, folder, server_url) as world:
        yield world


@asynccontextmanager
async def open_world_of(
    make: Callable[[DiscordEmulator, Path, str | None], W], folder: Path, server_url: str | None = None
) -> AsyncIterator[W]:
    """The same, of another kind."""
    (folder / "data").mkdir(exist_ok=True)
    dsn = await _fresh_database(server_url) if server_url else None
    async with DiscordEmulator() as emulator:
        emulator.ratelimits.enabled = False  # tests that are about them switch them on
        world = make(emulator, folder, dsn and dsn.replace(":@/", f":{PASSWORD}@/"))
        if dsn:
            await world.connect(dsn)
        try:
            yield world
        finally:
            await world.close()


async def _fresh_database(server_url: str) -> str:
    name = f"e2e_{uuid4().hex}"
    await clone_template(server_url, name)
    return url_of(server_url, name)
