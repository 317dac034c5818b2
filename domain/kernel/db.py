"""The one way to PostgreSQL: a pool and `tx()` (docs/adr/0002, 0004).

SQL is written out and run on asyncpg. `tx(actor)` opens the only transactions there are: it sets the tenant
for row-level security, shields COMMIT, and drops a connection whose BEGIN or ROLLBACK was cut short, so that a
caller who is cancelled at any moment (a timeout, a client gone) neither leaks it nor leaves a commit half done.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import asyncpg

from domain.kernel.actor import Actor
from domain.kernel.errors import OutcomeUnknown, Unavailable
from domain.kernel.pool import (
    APP_ROLE,
    LOST_CONNECTION,
    ROUTER_ROLE,
    SCHEMA,
    acquired,
    drop,
    give_back,
    open_pool,
)
from domain.kernel.tx import Row, Tx, rollback, shielded, touched

__all__ = ["APP_ROLE", "LOST_CONNECTION", "ROUTER_ROLE", "SCHEMA", "Database", "Row", "Tx", "has_changed"]

_DOOR_CONNECTIONS = 2  # opened by the first webhook; the writer commits twice at once at most

_has_changed: ContextVar[bool] = ContextVar("has_changed", default=False)


def has_changed() -> bool:
    """Whether this task has committed a change: if it fails afterwards, it must not say that nothing was changed."""
    return _has_changed.get()


class Database:
    """The application's pool, connected as a role that owns nothing and cannot bypass row-level security.

    Attributes:
        on_posted: Is told, after a commit, which lanes of a tenant's outbox have something to deliver: this process
            need not look for what it wrote itself.
        on_turns: Is told, after a commit, in which conversations of a tenant the assistant's turn may be due, and when.
    """

    def __init__(self, pool: Any, door: Any) -> None:
        self._pool = pool
        self._door = door  # the webhooks' own pool: they wait for nothing else that the house does
        self.on_posted: Callable[[UUID, Collection[str]], None] | None = None
        self.on_turns: Callable[[UUID, Mapping[UUID, datetime]], None] | None = None

    @classmethod
    async def open(cls, dsn: str, *, max_connections: int = 10, login_role: str = APP_ROLE) -> Self:
        """Connect. Raises `Unavailable` when the server cannot be reached."""
        try:
            pool = await open_pool(dsn, login_role, 1, max_connections)
            door = await open_pool(dsn, ROUTER_ROLE, 0, _DOOR_CONNECTIONS)
        except LOST_CONNECTION as exc:
            raise Unavailable("database.unavailable") from exc
        return cls(pool, door)

    async def close(self) -> None:
        """Close the pool; running transactions get ten seconds. Connections that are cut meanwhile do no harm."""
        try:
            async with asyncio.timeout(10):
                await asyncio.gather(self._pool.close(), self._door.close())
        except (*LOST_CONNECTION, TimeoutError):
            self._pool.terminate()
            self._door.terminate()

    @property
    def size(self) -> int:
        """Connections open now."""
        return int(self._pool.get_size())

    @property
    def idle_count(self) -> int:
        """Open connections that nobody uses now."""
        return int(self._pool.get_idle_size())

    @asynccontextmanager
    async def tx(self, actor: Actor, *, is_flushed: bool = True) -> AsyncIterator[Tx]:
        """A transaction for the actor's tenant: commits at the end, rolls back on any exception.

        READ COMMITTED. Raises `Unavailable` (nothing changed: `database.unavailable`, or `database.busy` when two
        waited for each other) or `OutcomeUnknown` (lost while committing).

        Not `is_flushed`, the commit does not wait for the disk: for what would simply be done again if the database
        server crashed within the second, and of which nobody outside hears before a later commit that waits. Such a
        commit takes all earlier ones to the disk with it (PostgreSQL's manual, "Asynchronous Commit").
        """
        begin = f"BEGIN; SET LOCAL app.tenant_id = '{UUID(int=actor.tenant_id.int)}'"
        if not is_flushed:
            begin += "; SET LOCAL synchronous_commit = off"
        async with self._transaction(begin) as connection:
            tx = Tx(connection, actor)
            yield tx
        if tx.has_written:  # every change writes its audit record, so it shows here
            _has_changed.set(True)
        if tx.lanes and self.on_posted is not None:
            self.on_posted(actor.tenant_id, tx.lanes)
        if tx.turns and self.on_turns is not None:
            self.on_turns(actor.tenant_id, tx.turns)

    @asynccontextmanager
    async def routing(self) -> AsyncIterator[Tx]:
        """A read-only transaction as the router role: which tenant is it, how old is the oldest row.

        Its grants are a few columns of five tables (migrations: `900_access.sql`); no business data in the clear.
        """
        nobody = Actor.system(UUID(int=0), "router", "")
        async with self._transaction(f"BEGIN READ ONLY; SET LOCAL ROLE {ROUTER_ROLE}") as connection:
            yield Tx(connection, nobody)

    async def store(self, sql: str, *args: object) -> int:
        """Run one statement that may safely run twice, by itself, as the router role; the number of rows it touched.

        For what webhooks bring, for any tenant: that role may insert inbound events, and read nothing of what they
        say. Durable when this returns. Raises `Unavailable` or `OutcomeUnknown`.
        """
        for is_last in (False, True):
            connection = await acquired(self._door)
            try:
                return touched(await connection.execute(sql, *args))
            except asyncpg.DeadlockDetectedError as exc:
                raise Unavailable("database.busy") from exc
            except LOST_CONNECTION as exc:  # a pooled one may have died unseen; a slow one would be slow again
                if is_last or isinstance(exc, TimeoutError):
                    raise OutcomeUnknown("database.outcome_unknown") from exc
            except asyncio.CancelledError:
                drop(connection)
                raise
            finally:
                await give_back(self._door, connection)
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def queue_tx(self) -> AsyncIterator[Tx]:
        """A transaction without a tenant: sees the job tables, and no row of any tenant table."""
        nobody = Actor.system(UUID(int=0), "queue", "")
        async with self._transaction("BEGIN") as connection:
            yield Tx(connection, nobody)

    @asynccontextmanager
    async def _transaction(self, begin: str) -> AsyncIterator[Any]:
        connection = await self._begin(begin)
        committing = False
        try:
            try:
                yield connection
            except BaseException:
                await rollback(connection)
                raise
            committing = True
            await shielded(connection.execute("COMMIT"))
        except LOST_CONNECTION as exc:
            code = "database.outcome_unknown" if committing else "database.unavailable"
            raise (OutcomeUnknown if committing else Unavailable)(code) from exc
        except asyncpg.DeadlockDetectedError as exc:  # two waited for each other: this one may come again
            raise Unavailable("database.busy") from exc
        finally:
            await give_back(self._pool, connection)

    async def _begin(self, begin: str) -> Any:
        """A connection in a transaction; one retry, because a pooled connection may have died unseen."""
        for attempt in (1, 2):
            connection = await acquired(self._pool)
            try:
                await connection.execute(begin)
            except LOST_CONNECTION as exc:
                await give_back(self._pool, connection)
                if attempt == 2:
                    raise Unavailable("database.unavailable") from exc
            except BaseException:
                connection.terminate()
                await give_back(self._pool, connection)
                raise
            else:
                return connection
        raise AssertionError("unreachable")
