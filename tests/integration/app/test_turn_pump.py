"""The turns' pump: at once what this process wrote, by looking what it did not; in a conversation one at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.health import Health
from app.metrics import HouseMetrics
from app.stalled import StalledQueueWatch
from app.turn_pump import TurnLimits, TurnPump
from domain.conversations.dto import Conversation, Outgoing
from domain.conversations.turn_dto import TurnStart
from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.inbox import TRACE, Inbox, open_inbox
from tests.fixtures.shop import Shop
from tests.integration.app.conftest import eventually

NEVER_S = 3600.0
AT_ONCE = TurnLimits(poll_s=NEVER_S)
LOOKING = TurnLimits(poll_s=0.05)


@dataclass
class Loud:
    """Answers in capitals, when it is let; fails as often as it is told."""

    inbox: Inbox
    failures: list[Exception] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    began: list[UUID] = field(default_factory=list)
    most_at_once: int = 0
    at_work: int = 0

    async def take_turn(self, tenant_id: UUID, conversation_id: UUID, job_key: str) -> datetime | None:
        self.at_work += 1
        self.most_at_once = max(self.most_at_once, self.at_work)
        try:
            turn = await self.inbox.conversations.begin_turn(tenant_id, conversation_id, job_key)
            if not isinstance(turn, TurnStart):
                found: datetime | None = turn
                return found
            self.began.append(turn.turn_id)
            await self.open.wait()
            if self.failures:
                raise self.failures.pop(0)
            said = [Outgoing(message.body.upper()) for message in turn.unanswered]
            await self.inbox.conversations.commit_reply(turn, said, TRACE)
            return None
        finally:
            self.at_work -= 1


@pytest.fixture
async def inbox(db: Database, clock: ManualClock, shop: Shop) -> Inbox:
    return await open_inbox(db, clock, shop)


@pytest.fixture
def loud(inbox: Inbox) -> Loud:
    made = Loud(inbox)
    made.open.set()
    return made


@asynccontextmanager
async def pumping(inbox: Inbox, loud: Loud, limits: TurnLimits) -> AsyncIterator[TurnPump]:
    pump = TurnPump(inbox.db, inbox.conversations, loud, inbox.clock, HouseMetrics(), limits)
    stop = asyncio.Event()
    running = asyncio.create_task(pump.run(stop))
    await eventually(lambda: inbox.db.on_turns == pump._told)
    try:
        yield pump
    finally:
        stop.set()
        await running


async def _said(inbox: Inbox, *words: str) -> None:
    async def is_said() -> bool:
        return await inbox.said() == list(words)

    await eventually(is_said, within_s=20)


async def _quiet(inbox: Inbox, text: str) -> Conversation:
    """Somebody wrote, and was quiet since; nobody of this process was told."""
    told, inbox.db.on_turns = inbox.db.on_turns, None
    found = await inbox.receive(text)
    inbox.db.on_turns = told
    inbox.clock.advance(timedelta(seconds=2))
    return found


async def test_what_this_process_hears_is_answered_when_the_person_is_quiet(inbox: Inbox, loud: Loud) -> None:
    async with pumping(inbox, loud, AT_ONCE):
        await inbox.receive("hola")
        inbox.clock.advance(timedelta(seconds=2))
        await _said(inbox, "HOLA")
    assert len(loud.began) == 1


async def test_what_another_process_heard_is_found_by_looking(inbox: Inbox, loud: Loud) -> None:
    await _quiet(inbox, "hola")
    async with pumping(inbox, loud, LOOKING):
        await _said(inbox, "HOLA")


async def test_many_looks_and_words_meanwhile_begin_no_second_turn_beside_one_at_work(inbox: Inbox, loud: Loud) -> None:
    loud.open.clear()
    found = await _quiet(inbox, "hola")
    async with pumping(inbox, loud, LOOKING) as pump:
        await eventually(lambda: loud.began)
        for _ in range(20):
            pump._told(inbox.tenant_id, {found.id: inbox.clock.now()})
            await asyncio.sleep(0.01)
        loud.open.set()
        await _said(inbox, "HOLA")
    assert loud.most_at_once == 1
    assert len(loud.began) == 1


async def test_two_processes_that_look_at_once_answer_once(inbox: Inbox, loud: Loud) -> None:
    other = Loud(inbox)
    other.open.set()
    people = [await _quiet(inbox, "hola")]
    async with pumping(inbox, loud, LOOKING), pumping(inbox, other, LOOKING):
        await _said(inbox, "HOLA")
        await asyncio.sleep(0.2)
    assert len(loud.began) + len(other.began) == len(people)


async def test_a_turn_of_a_process_that_died_is_taken_again_by_another(inbox: Inbox, loud: Loud) -> None:
    found = await _quiet(inbox, "hola")
    dead = await inbox.conversations.begin_turn(inbox.tenant_id, found.id, "turns:dead")
    assert isinstance(dead, TurnStart)
    inbox.clock.advance(timedelta(seconds=15))
    async with pumping(inbox, loud, LOOKING):
        await _said(inbox, "HOLA")


async def test_a_turn_that_works_long_is_kept_and_not_taken_by_another(inbox: Inbox, loud: Loud) -> None:
    loud.open.clear()
    other = Loud(inbox)
    other.open.set()
    await _quiet(inbox, "hola")
    async with pumping(inbox, loud, TurnLimits(poll_s=0.05, beat_s=0.05)):
        await eventually(lambda: loud.began)
        for _ in range(4):
            inbox.clock.advance(timedelta(seconds=10))
            now = inbox.clock.now()

            async def is_kept(now: datetime = now) -> bool:
                return bool(await inbox.value("SELECT max(alive_at) FROM agent_turns") == now)

            await eventually(is_kept)
        due = await inbox.conversations.begin_turn(inbox.tenant_id, (await inbox.latest()).id, "turns:other")
        assert due == inbox.clock.now() + timedelta(seconds=15)
        loud.open.set()
        await _said(inbox, "HOLA")


async def test_a_turn_that_fails_is_taken_again_by_the_same_process_at_once(inbox: Inbox, loud: Loud) -> None:
    loud.failures = [RuntimeError("once")]
    await _quiet(inbox, "hola")
    async with pumping(inbox, loud, LOOKING):
        await _said(inbox, "HOLA")
    assert len(loud.began) == 2


async def test_a_turn_at_work_when_the_house_closes_may_end(inbox: Inbox, loud: Loud) -> None:
    loud.open.clear()
    await _quiet(inbox, "hola")
    async with pumping(inbox, loud, LOOKING):
        await eventually(lambda: loud.began)
        asyncio.get_running_loop().call_later(0.2, loud.open.set)
    assert await inbox.said() == ["HOLA"]


async def test_a_turn_that_ends_while_the_house_closes_is_kept_until_then(inbox: Inbox, loud: Loud) -> None:
    loud.open.clear()
    await _quiet(inbox, "hola")

    async def is_kept() -> bool:
        return bool(await inbox.value("SELECT max(alive_at) FROM agent_turns") == inbox.clock.now())

    async def close_slowly(pump: TurnPump) -> None:
        await eventually(lambda: pump._stopping)
        inbox.clock.advance(timedelta(seconds=10))
        await eventually(is_kept)

    try:
        async with pumping(inbox, loud, TurnLimits(poll_s=0.05, beat_s=0.05)) as pump:
            await eventually(lambda: loud.began)
            closing = asyncio.create_task(close_slowly(pump))
            closing.add_done_callback(lambda _: loud.open.set())
    finally:
        await closing
    assert await inbox.said() == ["HOLA"]


async def test_a_turn_that_does_not_end_is_cut_when_the_house_closes(inbox: Inbox, loud: Loud) -> None:
    loud.open.clear()
    await _quiet(inbox, "hola")
    async with pumping(inbox, loud, TurnLimits(poll_s=0.05, drain_s=0.1)):
        await eventually(lambda: loud.began)
    assert await inbox.said() == []
    assert await inbox.value("SELECT state FROM agent_turns") == "running", "another process takes it again"


async def test_who_writes_again_while_all_places_are_taken_is_not_taken_twice(inbox: Inbox, loud: Loud) -> None:
    loud.open.clear()
    people = [await inbox.receive(inbox.message("hola", wa_id=f"3460011133{n}"), lane=str(n)) for n in range(3)]
    inbox.clock.advance(timedelta(seconds=2))
    async with pumping(inbox, loud, TurnLimits(at_once=2, poll_s=NEVER_S)) as pump:
        await eventually(lambda: len(loud.began) == 2)
        waiting = people[-1].id
        assert waiting in pump._ready, "found, and no place is free"
        pump._told(inbox.tenant_id, {waiting: inbox.clock.now() + timedelta(seconds=0.2)})
        async with inbox.db.tx(inbox.system) as tx:
            await tx.value("SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE", waiting)
            loud.open.set()
            await eventually(lambda: set(pump._working) == {waiting})
            await asyncio.sleep(0.4)
            assert loud.at_work == 1
        await _said(inbox, "HOLA", "HOLA", "HOLA")
    assert len(loud.began) == 3


async def test_turns_that_nobody_takes_are_told_to_the_shop_and_make_the_house_not_ready(inbox: Inbox) -> None:
    found = await _quiet(inbox, "hola")
    due_at = (await inbox.conversation(found.id)).turn_due_at
    assert due_at is not None
    inbox.clock.advance(timedelta(minutes=6))
    age_s = int((inbox.clock.now() - due_at).total_seconds())
    stalled = await StalledQueueWatch(inbox.db, inbox.clock).find()
    assert stalled[inbox.tenant_id].oldest_age_s >= age_s > 300
    readiness = await Health(inbox.db, inbox.clock, None, lambda: False).readiness()
    assert f"turns: the oldest has waited {age_s} s" in readiness.reasons
