"""Group commit: the items of all requests that wait while one commit runs go into the next one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from uuid import UUID

from domain.channels.dto import InboundItem
from domain.kernel.errors import DomainError, InvalidInput

Accept = Callable[[Sequence[InboundItem]], Awaitable[int]]
_SHOWN_CHARACTERS = 2000


class NotStored(Exception):
    """The items may not be on disk: whoever sent them has to send them again."""


class _Entry:
    """A request's items, and how it ended."""

    __slots__ = ("error", "is_done", "items", "lanes", "woken")

    def __init__(self, items: Sequence[InboundItem]) -> None:
        self.items = items
        self.lanes = {(item.account_id, item.lane) for item in items}
        self.is_done = False
        self.error: DomainError | None = None
        self.woken: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        """Until it is done, or has to lead."""
        self.woken = asyncio.get_running_loop().create_future()
        await self.woken

    def wake(self) -> None:
        """Let it look again."""
        if self.woken is not None and not self.woken.done():
            self.woken.set_result(None)


class GroupWriter:
    """Stores items so that many requests share one commit; no timer, no task of its own.

    The first request commits for everybody who waits; when its own items are stored, the first of those who came
    meanwhile goes on. Where many wait, a second commit begins while the first one waits for the disk, without the
    lanes that are in the first: what one person wrote is visible in order. A leader that is cancelled puts the others'
    items back, and they are written by the next: the unique key makes a second time harmless.

    Args:
        accept: Stores items in one transaction (`ChannelService.accept`).
        items_per_batch: A batch ends with the request that reaches this.
        waiting_limit: Items that may wait; beyond, requests are refused at once.
        second_from: So many items have to wait for a second commit beside the first.
    """

    def __init__(
        self, accept: Accept, *, items_per_batch: int = 500, waiting_limit: int = 20_000, second_from: int = 16
    ) -> None:
        self._accept = accept
        self._items_per_batch = items_per_batch
        self._waiting_limit = waiting_limit
        self._waiting: deque[_Entry] = deque()
        self._waiting_count = 0
        self._second_from = second_from
        self._led_count = 0
        self._lanes: set[tuple[UUID, str]] = set()  # of running commits

    async def write(self, items: Sequence[InboundItem]) -> None:
        """Return when every item is committed.

        Raises:
            NotStored: The database is away, or too much waits already.
        """
        if not items:
            return
        if self._waiting_count + len(items) > self._waiting_limit:
            raise NotStored("too many items wait")
        entry = _Entry(items)
        self._put(entry)
        try:
            while not entry.is_done:
                batch = self._take()
                await (self._commit(batch) if batch else entry.wait())
        except BaseException:
            self._leave(entry)
            raise
        if entry.error is not None:
            raise NotStored(str(entry.error)) from entry.error

    def _put(self, entry: _Entry) -> None:
        self._waiting.append(entry)
        self._waiting_count += len(entry.items)

    def _leave(self, entry: _Entry) -> None:
        if entry in self._waiting:
            self._waiting.remove(entry)
            self._waiting_count -= len(entry.items)
        self._hand_over()  # it may have been woken to lead

    def _may_lead(self) -> bool:
        return self._led_count == 0 or (self._led_count == 1 and self._waiting_count >= self._second_from)

    def _hand_over(self) -> None:
        if self._waiting and self._may_lead():
            self._waiting[0].wake()

    def _take(self) -> list[_Entry]:
        """What the next commit stores: in the order it came, without the lanes that a running one stores."""
        batch: list[_Entry] = []
        if not self._may_lead():
            return batch
        count, passed, blocked = 0, [], set(self._lanes)
        while self._waiting and count < self._items_per_batch:
            entry = self._waiting.popleft()
            if blocked and not blocked.isdisjoint(entry.lanes):
                blocked |= entry.lanes
                passed.append(entry)
                continue
            count += len(entry.items)
            batch.append(entry)
        self._waiting.extendleft(reversed(passed))
        self._waiting_count -= count
        return batch

    async def _commit(self, batch: list[_Entry]) -> None:
        lanes = set().union(*(entry.lanes for entry in batch))
        self._lanes |= lanes
        self._led_count += 1
        try:
            await self._store([item for entry in batch for item in entry.items])
        except DomainError as error:
            self._end(batch, error)
        else:
            self._end(batch, None)
        finally:  # cancelled, or a bug that is this request's to report: the others try again
            self._put_back([entry for entry in batch if not entry.is_done])
            self._lanes -= lanes
            self._led_count -= 1
            self._hand_over()

    def _end(self, batch: list[_Entry], error: DomainError | None) -> None:
        for entry in batch:
            entry.error = error
            entry.is_done = True
            entry.wake()

    def _put_back(self, entries: list[_Entry]) -> None:
        self._waiting.extendleft(reversed(entries))
        self._waiting_count += sum(len(entry.items) for entry in entries)

    async def _store(self, items: Sequence[InboundItem]) -> None:
        try:
            await self._accept(items)
        except InvalidInput:
            for item in items:
                await self._store_alone(item)

    async def _store_alone(self, item: InboundItem) -> None:
        """One that cannot be stored as it is is kept as far as it can be shown, so that somebody can look."""
        try:
            await self._accept([item])
        except InvalidInput:
            shown = {"unreadable": ascii(item.item)[:_SHOWN_CHARACTERS]}
            lane, key = _ascii(item.lane), _ascii(item.dedup_key)
            await self._accept([replace(item, kind="unknown", lane=lane, dedup_key=key, item=shown)])


def _ascii(value: str) -> str:
    return value.replace("\x00", "").encode("ascii", "backslashreplace").decode()
