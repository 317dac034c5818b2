"""Tells onlookers what happened, and lets others sleep until something has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sandbox.whatsapp.events import Event


class Hub:
    """One place where everything that happens is announced."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[Event], None]] = []
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def is_watched(self) -> bool:
        """Whether anybody listens; building an event for nobody is work for nothing."""
        return bool(self._callbacks)

    def on_event(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call `callback` with every event; the returned function stops that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def announce(self, event: Event) -> None:
        """Tell every onlooker."""
        for callback in tuple(self._callbacks):
            callback(event)

    def wake(self) -> None:
        """Let every sleeper look again."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait_until(self, predicate: Callable[[], bool], timeout_s: float, tick_s: float | None = None) -> None:
        """Return once `predicate` holds, looking again after everything that happens and every `tick_s`.

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
