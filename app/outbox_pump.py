"""The outbox's worker: delivers lanes as soon as they are written, and finds by looking what it was not told of."""

import asyncio
from collections.abc import Collection
from functools import partial
from uuid import UUID

import structlog

from app.metrics import HouseMetrics
from domain.kernel.db import Database
from domain.kernel.errors import DomainError
from domain.kernel.ids import uuid7
from domain.outbox.service import OutboxService

Lane = tuple[UUID, str]
NAME = "outbox.deliver_lane"  # in the counters
_FOR_PEOPLE, _THREADS = "whatsapp:", "conversation:"
_AT_ONCE = 16  # of each door: a slow Discord must not keep WhatsApp waiting
_FIRST_DELAY_S, _LONGEST_DELAY_S = 1.0, 60.0
_LOUD_AFTER = 3
log = structlog.get_logger("guildhall.outbox")


class OutboxPump:
    """Delivers what is due: what this process commits at once, everything else when it next looks.

    What another process wrote, what is to be tried again, and what a process left that died, is found by looking.
    A lane is never worked on twice at once here; another process's work is fenced by the rows themselves.

    Args:
        db: The database; says what this process commits.
        outbox: Delivers a lane.
        metrics: Counts outcomes.
        poll_s: How often to look.
        drain_s: How long deliveries at work may take to end, at the end.
        gather_s: So long a thread's first new message waits for what follows at once: a question, its answer and two
            refreshes of the card go out one after the other, with the card drawn once.
    """

    def __init__(
        self, db: Database, outbox: OutboxService, metrics: HouseMetrics, poll_s: float = 0.25, drain_s: float = 20.0,
        gather_s: float = 0.15,
    ) -> None:  # fmt: skip
        self._db = db
        self._outbox = outbox
        self._metrics = metrics
        self._poll_s = poll_s
        self._drain_s = drain_s
        self._gather_s = gather_s
        self._gathering: set[Lane] = set()
        self._waiting: tuple[dict[Lane, None], dict[Lane, None]] = ({}, {})  # in order; to people first
        self._working: dict[Lane, asyncio.Task[int]] = {}
        self._at_work_counts = [0, 0]
        self._again: set[Lane] = set()  # written into while worked on
        self._failures: dict[Lane, tuple[int, float]] = {}  # how many in a row, and not before
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until told to stop; what is being delivered then may end, bounded."""
        self._db.on_posted = self._posted
        try:
            while not stop.is_set():
                await self._look()
                try:
                    async with asyncio.timeout(self._poll_s):
                        await stop.wait()
                except TimeoutError:
                    continue
        finally:
            self._db.on_posted = None
            self._stopping = True
            await self._finish()

    def _posted(self, tenant_id: UUID, lanes: Collection[str]) -> None:
        for lane in lanes:
            if lane.startswith(_THREADS):
                self._gather((tenant_id, lane))
            else:
                self._want((tenant_id, lane))
        self._start()

    def _gather(self, lane: Lane) -> None:
        if lane not in self._gathering:
            self._gathering.add(lane)
            asyncio.get_running_loop().call_later(self._gather_s, self._gathered, lane)

    def _gathered(self, lane: Lane) -> None:
        self._gathering.discard(lane)
        self._want(lane)
        self._start()

    async def _look(self) -> None:
        try:
            due = await self._outbox.due_lanes()
        except DomainError as exc:
            log.warning("the outbox cannot be looked at", error=exc.code)
            return
        now_s = asyncio.get_running_loop().time()
        for lane in due:
            is_known = lane in self._working or lane in self._gathering
            if self._failures.get(lane, (0, 0.0))[1] <= now_s and not is_known:
                self._want(lane)
        self._start()

    def _want(self, lane: Lane) -> None:
        if lane in self._working:
            self._again.add(lane)
        else:
            self._waiting[_door(lane)][lane] = None

    def _start(self) -> None:
        if self._stopping:
            return
        for door, waiting in enumerate(self._waiting):
            while waiting and self._at_work_counts[door] < _AT_ONCE:
                lane = next(iter(waiting))
                del waiting[lane]
                self._at_work_counts[door] += 1
                task = asyncio.create_task(self._outbox.deliver_lane(*lane, f"outbox:{uuid7()}"), name=NAME)
                self._working[lane] = task
                task.add_done_callback(partial(self._done, lane))

    def _failed(self, lane: Lane, exc: BaseException) -> None:
        """Try again later, without end: nothing is lost, and what stands still is told by the clock's watch."""
        count = self._failures.get(lane, (0, 0.0))[0] + 1
        delay_s = min(_FIRST_DELAY_S * 2 ** (count - 1), _LONGEST_DELAY_S)
        self._failures[lane] = (count, asyncio.get_running_loop().time() + delay_s)
        kind, bug = (exc.code, None) if isinstance(exc, DomainError) else (type(exc).__name__, exc)
        say = log.error if bug is not None and count >= _LOUD_AFTER else log.warning
        say("delivery failed, will be tried again", tenant=str(lane[0]), lane=lane[1], attempt=count, error=kind,
            delay_s=delay_s, exc_info=bug)  # fmt: skip
        self._metrics.job(NAME, "failed")

    def _done(self, lane: Lane, task: asyncio.Task[int]) -> None:
        del self._working[lane]
        self._at_work_counts[_door(lane)] -= 1
        exc = None if task.cancelled() else task.exception()
        if exc is not None:
            self._again.discard(lane)
            self._failed(lane, exc)
        elif not task.cancelled():
            self._failures.pop(lane, None)
            self._metrics.job(NAME, "done")
        if lane in self._again:
            self._again.discard(lane)
            self._want(lane)
        self._start()

    async def _finish(self) -> None:
        """Let deliveries end; those that do not are cut, and found again by their lease."""
        left = set(self._working.values())
        if not left:
            return
        try:
            _, left = await asyncio.wait(left, timeout=self._drain_s)
            if left:
                log.warning("deliveries did not end in time", left_count=len(left))
        finally:
            left = set(self._working.values())
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left, timeout=5)


def _door(lane: Lane) -> int:
    return 0 if lane[1].startswith(_FOR_PEOPLE) else 1
