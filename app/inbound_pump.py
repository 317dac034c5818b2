"""The pump: has the intake take what webhooks stored, a few lanes at once and never one lane twice (docs/adr/0008).

It hears at once of what its own process stored, and finds by looking what others stored or left.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import structlog

from domain.channels.dto import Lane
from domain.channels.service import ChannelService
from domain.intake.service import IntakeService, LaneEnd, Taken
from domain.kernel.db import LOST_CONNECTION
from domain.kernel.errors import OutcomeUnknown, Unavailable

log = structlog.get_logger("guildhall.inbound")
_AWAY = (*LOST_CONNECTION, TimeoutError, Unavailable, OutcomeUnknown)


@dataclass(frozen=True, slots=True)
class PumpLimits:
    """How the pump works.

    Attributes:
        at_once: Lanes at work at once; each has a database connection.
        poll_s: How often it looks for what it was not told: stored elsewhere, or left by a process that died.
        seen: Lanes kept in mind that wait to be taken; the others wait in the database.
        held_s: A lane that another process works on is left alone for so long.
        failed_s: A lane whose first event failed, or whose database is away, is left alone for so long.
        drain_s: How long running lanes may take to finish at the end.
    """

    at_once: int = 8
    poll_s: float = 0.25
    seen: int = 200
    held_s: float = 0.2
    failed_s: float = 1.0
    drain_s: float = 20.0


class InboundPump:
    """Keeps lanes moving until told to stop.

    Killed at any moment it loses nothing: what is not finished is `new`, and the next look of any pump finds it.
    """

    def __init__(self, channels: ChannelService, intake: IntakeService, limits: PumpLimits | None = None) -> None:
        self._channels = channels
        self._intake = intake
        self._limits = limits or PumpLimits()
        self._waiting: dict[Lane, None] = {}
        self._at_work: dict[Lane, asyncio.Task[Taken]] = {}
        self._resting: dict[Lane, asyncio.TimerHandle] = {}
        self._woken = asyncio.Event()
        self._has_to_look = True
        self._looks_at_s = 0.0  # by the loop's clock, however busy it is
        self._last: Lane | None = None
        self.ready = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Take what comes until `stop`; survives the loss of the database. At the end running lanes finish, bounded."""
        self._channels.tell(self.offer)
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._woken.set())
        try:
            while not stop.is_set():
                await self._pump()
                await self._sleep()
        finally:
            self.ready.clear()
            stopping.cancel()
            await self._finish()

    def offer(self, lanes: Sequence[Lane]) -> None:
        """Something may wait in these lanes. Beyond what it can keep in mind it looks for itself."""
        for lane in lanes:
            if lane in self._resting or lane in self._waiting:
                continue
            if len(self._waiting) >= self._limits.seen:
                self._has_to_look = True
                break
            self._waiting[lane] = None
        self._woken.set()

    async def _sleep(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.poll_s):
                await self._woken.wait()

    async def _pump(self) -> None:
        self._woken.clear()
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._looks_at_s:
            self._has_to_look, self._looks_at_s = True, now_s + self._limits.poll_s
        if self._has_to_look and len(self._waiting) <= self._limits.seen // 2:
            await self._look()
        for lane in [lane for lane in self._waiting if lane not in self._at_work]:
            if len(self._at_work) >= self._limits.at_once:
                break
            del self._waiting[lane]
            key = f"inbound:{secrets.token_hex(8)}"
            self._at_work[lane] = task = asyncio.create_task(self._intake.take_lane(*lane, key))
            task.add_done_callback(partial(self._ended, lane))

    async def _look(self) -> None:
        """Find lanes, page by page; where a page is not the last, the next look goes on behind it."""
        self._has_to_look = False
        limit = self._limits.seen // 2
        try:
            found = await self._channels.waiting_lanes(self._last, limit)
        except _AWAY as exc:
            self.ready.clear()
            log.warning("inbound events cannot be looked for", error=type(exc).__name__)
            return
        self.ready.set()
        self._last = found[-1] if len(found) == limit else None
        self._has_to_look = self._has_to_look or self._last is not None
        if found:
            self.offer(found)

    def _ended(self, lane: Lane, task: asyncio.Task[Taken]) -> None:
        """A visit is over: come back at once, after a while, or when something is heard of the lane."""
        del self._at_work[lane]
        self._woken.set()
        if task.cancelled():
            return
        exc = task.exception()
        if exc is not None:
            if not isinstance(exc, _AWAY):
                log.error("lane failed, will be tried again", tenant=str(lane.tenant_id), exc_info=exc)
            self._rest(lane, self._limits.failed_s)
        elif task.result().end is LaneEnd.MORE:
            self.offer([lane])
        elif task.result().end is not LaneEnd.EMPTY:
            limits = self._limits
            self._rest(lane, limits.held_s if task.result().end is LaneEnd.HELD else limits.failed_s)

    def _rest(self, lane: Lane, seconds: float) -> None:
        self._waiting.pop(lane, None)
        self._resting[lane] = asyncio.get_running_loop().call_later(seconds, self._rested, lane)

    def _rested(self, lane: Lane) -> None:
        del self._resting[lane]
        self.offer([lane])

    async def _finish(self) -> None:
        for timer in self._resting.values():
            timer.cancel()
        self._resting.clear()
        running = list(self._at_work.values())
        if not running:
            return
        try:
            _, late = await asyncio.wait(running, timeout=self._limits.drain_s)
            if late:
                log.warning("lanes did not finish in time", running_count=len(late))
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=5)
