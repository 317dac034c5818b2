"""Waiting: longer after each failure, and no longer than until the house closes."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any


class Backoff:
    """Delays that double from `first_s` to `longest_s`, each shortened by up to a quarter at random."""

    def __init__(self, first_s: float = 0.25, longest_s: float = 5.0) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    def reset(self) -> None:
        """Start over: it worked."""
        self._next_s = self._first_s

    async def wait(self, stop: asyncio.Event) -> None:
        """Wait for the next delay, or until `stop`."""
        delay_s = self._next_s * random.uniform(0.75, 1.0)  # noqa: S311 - spreads reconnects, guards nothing
        self._next_s = min(self._next_s * 2, self._longest_s)
        try:
            async with asyncio.timeout(delay_s):
                await stop.wait()
        except TimeoutError:
            return


async def before(stop: asyncio.Event, work: Coroutine[Any, Any, object]) -> bool:
    """Do the work unless `stop` comes first, which cancels it; whether it was done. Its errors pass through."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
        return working.done()
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.wait({working, stopping})
