"""Tells onlookers what happened, and lets others sleep until something has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

EventT = TypeVar("EventT")


class Hub(Generic[EventT]):
    """One place where everything that happens is announced."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[EventT], None]] = []
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def is_watched(self) -> bool:
        """Whether anybody listens; building an event for nobody is work for nothing."""
        return bool(self._callbacks)

    def on_event(self, callback: Callable[[EventT], None]) -> Callable[[], None]:
        """Call `callback` with every event; the returned function stops that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def announce(self, event: EventT) -> None:
        """Tell every onlooker and wake every sleeper."""
        for callback in tuple(self._callbacks):
            callback(event)
        self.wake()

    def wake(self) -> None:
        """Let every sleeper look again."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait_until(self, predicate: Callable[[], bool], timeout_s: float, tick_s: float | None = None) -> None:
        """Return once `predicate` holds, looking again after everything that happens.

        With `tick_s` it is also looked at between events, for predicates about the house rather than its outside.

        Raises:
            TimeoutError: it did not hold within `timeout_s` real seconds.
        """
        async with asyncio.timeout(timeout_s):
            while not predicate():
                future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.add(future)
                try:
                    await asyncio.wait({future}, timeout=tick_s)
                finally:
                    self._waiting.discard(future)
