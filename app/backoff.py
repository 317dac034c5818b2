"""Waiting longer after each failure, and no longer than until the house closes."""

import asyncio
import random


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
