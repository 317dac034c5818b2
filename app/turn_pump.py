"""Has the assistant take the turns that are due: at once what this process wrote, by looking what it did not."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from app.metrics import HouseMetrics
from domain.conversations.ports import TurnTaker
from domain.conversations.service import ConversationService
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.kernel.errors import DomainError
from domain.kernel.ids import uuid7

NAME = "agent.turn"  # in the counters
_FIRST_DELAY_S, _LONGEST_DELAY_S = 1.0, 60.0
_LOUD_AFTER = 3
log = structlog.get_logger("guildhall.turns")


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """How the pump works.

    Attributes:
        at_once: Turns at work at once; while the model thinks, a turn holds no database connection.
        poll_s: How often it looks for what it was not told: written elsewhere, or left by a process that died.
        seen: Turns found by one look.
        beat_s: How often it says of turns at work that they are.
        longest_s: A turn that takes longer is cut and taken again.
        drain_s: How long turns at work may take to end, at the end.
    """

    at_once: int = 50
    poll_s: float = 0.25
    seen: int = 500
    beat_s: float = 5.0
    longest_s: float = 120.0
    drain_s: float = 20.0


class TurnPump:
    """Keeps turns going until told to stop; of one conversation never two at once.

    Two processes may look at the same turn: one begins it, and the other is told when to look again.
    """

    def __init__(
        self, db: Database, conversations: ConversationService, taker: TurnTaker, clock: Clock, metrics: HouseMetrics,
        limits: TurnLimits | None = None,
    ) -> None:  # fmt: skip
        self._db = db
        self._conversations = conversations
        self._taker = taker
        self._clock = clock
        self._metrics = metrics
        self._limits = limits or TurnLimits()
        self._key = f"turns:{uuid7()}"
        self._ready: dict[UUID, UUID] = {}  # conversation and tenant, in order
        self._later: dict[UUID, asyncio.TimerHandle] = {}
        self._working: dict[UUID, tuple[UUID, asyncio.Task[datetime | None]]] = {}
        self._again: dict[UUID, datetime] = {}  # told of while at work
        self._failures: dict[UUID, int] = {}  # in a row
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Take turns until told to stop; those at work then may end, bounded."""
        self._db.on_turns = self._told
        loop = asyncio.get_running_loop()
        beat_at_s = loop.time() + self._limits.beat_s
        try:
            while not stop.is_set():
                await self._look()
                if loop.time() >= beat_at_s:
                    beat_at_s = loop.time() + self._limits.beat_s
                    await self._beat()
                try:
                    async with asyncio.timeout(self._limits.poll_s):
                        await stop.wait()
                except TimeoutError:
                    continue
        finally:
            self._db.on_turns = None
            self._stopping = True
            await self._finish()

    def _told(self, tenant_id: UUID, turns: Mapping[UUID, datetime]) -> None:
        for conversation_id, due_at in turns.items():
            self._want(tenant_id, conversation_id, due_at)

    def _want(self, tenant_id: UUID, conversation_id: UUID, due_at: datetime) -> None:
        if conversation_id in self._working:
            self._again[conversation_id] = due_at
        elif conversation_id not in self._ready:  # where it waits for a place, it is asked when its place comes
            self._put_off(tenant_id, conversation_id, (due_at - self._clock.now()).total_seconds())

    def _put_off(self, tenant_id: UUID, conversation_id: UUID, wait_s: float) -> None:
        earlier = self._later.pop(conversation_id, None)
        if earlier is not None:
            earlier.cancel()
        if wait_s > 0:
            wake = partial(self._due, tenant_id, conversation_id)
            self._later[conversation_id] = asyncio.get_running_loop().call_later(wait_s, wake)
        else:
            self._due(tenant_id, conversation_id)

    def _due(self, tenant_id: UUID, conversation_id: UUID) -> None:
        self._later.pop(conversation_id, None)
        self._ready[conversation_id] = tenant_id
        self._start()

    async def _look(self) -> None:
        try:
            found = await self._conversations.due_turns(self._limits.seen)
        except DomainError as exc:
            log.warning("turns cannot be looked for", error=exc.code)
            return
        for tenant_id, conversation_id in found:
            if conversation_id not in self._working and conversation_id not in self._later:
                self._ready[conversation_id] = tenant_id
        self._start()

    def _start(self) -> None:
        while self._ready and len(self._working) < self._limits.at_once and not self._stopping:
            conversation_id = next(iter(self._ready))
            tenant_id = self._ready.pop(conversation_id)
            task = asyncio.create_task(self._take(tenant_id, conversation_id), name=NAME)
            self._working[conversation_id] = (tenant_id, task)
            task.add_done_callback(partial(self._done, conversation_id))

    async def _take(self, tenant_id: UUID, conversation_id: UUID) -> datetime | None:
        names = {"tenant": str(tenant_id), "actor": "assistant", "conversation": str(conversation_id)}
        with structlog.contextvars.bound_contextvars(**names):
            async with asyncio.timeout(self._limits.longest_s):
                return await self._taker.take_turn(tenant_id, conversation_id, self._key)

    def _done(self, conversation_id: UUID, task: asyncio.Task[datetime | None]) -> None:
        tenant_id, _ = self._working.pop(conversation_id)
        again = self._again.pop(conversation_id, None)
        exc = None if task.cancelled() else task.exception()
        if exc is not None:
            self._put_off(tenant_id, conversation_id, self._failed(conversation_id, exc))
        elif not task.cancelled():
            self._failures.pop(conversation_id, None)
            later = again or task.result()
            self._metrics.job(NAME, "done" if task.result() is None else "postponed")
            if later is not None and not self._stopping:
                self._want(tenant_id, conversation_id, later)
        self._start()

    def _failed(self, conversation_id: UUID, exc: BaseException) -> float:
        """Note a failure; how long to wait. After three that began and died, the turn itself calls a person."""
        count = self._failures[conversation_id] = self._failures.get(conversation_id, 0) + 1
        wait_s: float = min(_FIRST_DELAY_S * 2 ** (count - 1), _LONGEST_DELAY_S)
        kind, bug = (exc.code, None) if isinstance(exc, DomainError) else (type(exc).__name__, exc)
        say = log.error if bug is not None and count >= _LOUD_AFTER else log.warning
        say("turn failed, will be tried again", conversation=str(conversation_id), attempt=count, error=kind,
            delay_s=wait_s, exc_info=bug)  # fmt: skip
        self._metrics.job(NAME, "failed")
        return wait_s

    async def _beat(self) -> None:
        at_work: dict[UUID, list[UUID]] = {}
        for conversation_id, (tenant_id, _) in self._working.items():
            at_work.setdefault(tenant_id, []).append(conversation_id)
        for tenant_id, conversation_ids in at_work.items():
            try:
                await self._conversations.keep_turns(tenant_id, conversation_ids, self._key)
            except DomainError as exc:
                log.warning("turns cannot be kept", error=exc.code)

    async def _finish(self) -> None:
        """Let turns end; those that do not are cut, and taken again by who finds them."""
        for timer in self._later.values():
            timer.cancel()
        try:
            await self._drained()
        finally:
            left = {task for _, task in self._working.values()}
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left, timeout=5)

    async def _drained(self) -> None:
        try:
            async with asyncio.timeout(self._limits.drain_s):
                while left := {task for _, task in self._working.values()}:
                    await asyncio.wait(left, timeout=self._limits.beat_s)
                    await self._beat()  # or another process takes them for dead
        except TimeoutError:
            log.warning("turns did not end in time", left_count=len(self._working))
