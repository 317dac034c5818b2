"""A running transaction, and how one ends whatever happens to whoever waits for it."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.pool import LOST_CONNECTION, drop

Row = Mapping[str, Any]
T = TypeVar("T")


class Tx:
    """A running transaction of one actor: SQL goes through it, and only through it."""

    __slots__ = ("actor", "connection", "has_written", "lanes", "turns")

    def __init__(self, connection: Any, actor: Actor) -> None:
        self.connection = connection
        self.actor = actor
        self.has_written = False
        self.lanes: set[str] = set()  # of the outbox, with something to deliver from the commit on
        self.turns: dict[UUID, datetime] = {}  # of the assistant, by conversation: when one may be due

    @property
    def tenant_id(self) -> UUID:
        """The tenant whose rows this transaction sees."""
        return self.actor.tenant_id

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        """All rows of a query."""
        found: Sequence[Row] = await self.connection.fetch(sql, *args)
        return found

    async def row(self, sql: str, *args: object) -> Row | None:
        """The first row of a query, or None."""
        found: Row | None = await self.connection.fetchrow(sql, *args)
        return found

    async def value(self, sql: str, *args: object) -> Any:
        """The first column of the first row, or None."""
        return await self.connection.fetchval(sql, *args)

    async def run(self, sql: str, *args: object) -> int:
        """Run a statement; the number of rows it touched."""
        touched_count = touched(await self.connection.execute(sql, *args))
        self.has_written = self.has_written or touched_count > 0
        return touched_count

    async def run_many(self, sql: str, args: Sequence[Sequence[object]]) -> None:
        """Run a statement once per row of arguments, in one batch."""
        await self.connection.executemany(sql, args)


def touched(tag: str) -> int:
    """How many rows a statement touched, by PostgreSQL's command tag."""
    last = tag.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else 0


async def rollback(connection: Any) -> None:
    """Roll back, or drop the connection, which does the same: cancelled twice, or the server is gone."""
    try:
        await connection.execute("ROLLBACK")
    except LOST_CONNECTION:
        drop(connection)
    except BaseException:
        drop(connection)
        raise


async def shielded(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end even when the caller is cancelled; the cancellation is raised afterwards."""
    task = asyncio.ensure_future(work)  # noqa: TID251 - awaited right here, never left running
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                continue
            except LOST_CONNECTION:
                break
        if not task.cancelled():
            task.exception()  # marks it retrieved; the cancellation is what the caller gets
        raise
