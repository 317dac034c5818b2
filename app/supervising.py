"""Runs the parts of a house side by side; one that crashes, or ends by itself, ends them all."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from app.backoff import before
from app.errors import StartError

Part = Callable[[asyncio.Event], Awaitable[None]]


class Supervisor:
    """The parts and their common end.

    Attributes:
        parts: By name; each runs until the event it is given is set.
        stop: Set when the end begins.
        ready: Set while everything works.
    """

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self.stop = asyncio.Event()
        self.ready = asyncio.Event()

    async def run(self, readiness: Iterable[asyncio.Event], say: Callable[[], object]) -> None:
        """Run every part until the end.

        Args:
            readiness: Each is set by the part whose it is once that works.
            say: Is called when all are.

        Raises:
            StartError: What a part refused to start with.
            BaseExceptionGroup: A part crashed.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for name, part in self.parts.items():
                    group.create_task(self._guarded(part), name=name)
                group.create_task(self._tell_ready(readiness, say), name="ready")
                group.create_task(self.stop.wait(), name="stop")
        except* StartError as refused:
            raise refused.exceptions[0] from None
        finally:
            self.ready.clear()

    async def _guarded(self, part: Part) -> None:
        try:
            await part(self.stop)
        finally:
            self.stop.set()

    async def _tell_ready(self, readiness: Iterable[asyncio.Event], say: Callable[[], object]) -> None:
        """Set `ready` once every part works, unless the end comes first."""
        for event in readiness:
            if not await before(self.stop, event.wait()):
                return
        self.ready.set()
        say()
