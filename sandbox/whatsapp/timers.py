"""Things that happen later, by the injected clock, and the tasks that carry them out."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sandbox.clock import Clock, ManualClock

_LOOK_S = 0.02


class Timers:
    """Calls back at instants of the clock: at once when a manual clock passes them, else within 20 ms."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._handle: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        if isinstance(clock, ManualClock):
            clock.subscribe(self.look)

    @property
    def running_count(self) -> int:
        """How many tasks are under way."""
        return len(self._tasks)

    def after(self, delay_s: float, act: Callable[[], None]) -> None:
        """Call `act` once, `delay_s` from now."""
        instant = self._clock.now() + timedelta(seconds=delay_s)
        heapq.heappush(self._due, (instant, next(self._order), act))
        self._arm()

    def look(self) -> None:
        """Do what is due."""
        self._handle = None
        while self._due and self._due[0][0] <= self._clock.now():
            heapq.heappop(self._due)[2]()
        self._arm()

    def _arm(self) -> None:
        """A manual clock tells when it moves; any other is looked at while something is due."""
        if self._due and self._handle is None and not isinstance(self._clock, ManualClock):
            left_s = (self._due[0][0] - self._clock.now()).total_seconds()
            self._handle = asyncio.get_running_loop().call_later(max(0.0, min(left_s, _LOOK_S)), self.look)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Carry `work` out beside everything else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Forget what is due and end what runs."""
        self._due.clear()
        if self._handle is not None:
            self._handle.cancel()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
