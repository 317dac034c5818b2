"""The pump: order, nothing lost, quick to wake, patient with what fails and with what others do."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from app.inbound_pump import InboundPump, PumpLimits
from domain.channels.dto import Lane
from domain.channels.service import take_event
from domain.conversations.inbound import MessageKind, ReceivedMessage
from domain.kernel.errors import Unavailable
from tests.fixtures.inbox import LEA, Inbox
from tests.integration.inbound_pump.conftest import QUICK, eventually, is_done, pumping

SLEEPY = replace(QUICK, poll_s=3600.0)


async def _bodies(inbox: Inbox) -> dict[str, list[str]]:
    rows = await inbox.rows(
        "SELECT i.value, array_agg(m.body ORDER BY m.position) AS bodies FROM messages m "
        "JOIN conversations c ON c.id = m.conversation_id "
        "JOIN contact_identifiers i ON i.contact_id = c.contact_id GROUP BY 1"
    )
    return {row["value"]: row["bodies"] for row in rows}


async def _store_many(inbox: Inbox, lane_count: int, message_count: int) -> dict[str, list[str]]:
    for n in range(message_count):
        for lane in range(lane_count):
            wa_id = f"3460011{lane:04}"
            await inbox.store(inbox.message(str(n), wa_id=wa_id), lane=wa_id)
    bodies = [str(n) for n in range(message_count)]
    return {f"3460011{lane:04}": bodies for lane in range(lane_count)}


async def test_two_pumps_keep_the_order_of_every_lane_and_take_everything_once(inbox: Inbox) -> None:
    async with pumping(inbox), pumping(inbox):
        wanted = await _store_many(inbox, 6, 8)
        await eventually(partial(is_done, inbox))
    assert await _bodies(inbox) == wanted


async def test_what_waited_before_the_pump_began_is_found_even_beyond_what_it_keeps_in_mind(inbox: Inbox) -> None:
    wanted = await _store_many(inbox, 9, 2)
    async with pumping(inbox, replace(QUICK, seen=4, at_once=2)):
        await eventually(partial(is_done, inbox))
    assert await _bodies(inbox) == wanted


async def test_a_pump_that_dies_in_the_middle_loses_nothing(inbox: Inbox) -> None:
    wanted = await _store_many(inbox, 4, 10)
    pump = InboundPump(inbox.services.channels, inbox.services.intake, QUICK)
    dying = asyncio.create_task(pump.run(asyncio.Event()))
    await eventually(lambda: inbox.value("SELECT count(*) > 3 FROM messages"))
    dying.cancel()
    for task in list(pump._at_work.values()):
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert not await is_done(inbox)
    async with pumping(inbox):
        await eventually(partial(is_done, inbox))
    assert await _bodies(inbox) == wanted


async def test_a_pump_wakes_at_once_for_its_own_process(inbox: Inbox) -> None:
    async with pumping(inbox, SLEEPY):
        await inbox.store(inbox.message("own"))
        await eventually(partial(is_done, inbox))


async def test_a_pump_that_is_never_idle_still_finds_what_another_process_stored(inbox: Inbox) -> None:
    async def busy(pump: InboundPump) -> None:
        while True:
            pump.offer([])
            await asyncio.sleep(QUICK.poll_s / 10)

    async with pumping(inbox) as pump:
        keeping_busy = asyncio.create_task(busy(pump))
        inbox.services.channels.tell(lambda lanes: None)
        await inbox.store(inbox.message("another's"))
        await eventually(partial(is_done, inbox), within_s=20)
        keeping_busy.cancel()


async def test_a_pump_goes_on_when_the_database_is_back(inbox: Inbox) -> None:
    look, is_away = inbox.services.channels.waiting_lanes, True

    async def looked(after: Lane | None, limit: int) -> list[Lane]:
        if is_away:
            raise Unavailable("database.unavailable")
        return await look(after, limit)

    async with pumping(inbox) as pump:
        inbox.services.channels.waiting_lanes = looked  # type: ignore[method-assign]  # as when it cannot be reached
        async with asyncio.timeout(20):
            while pump.ready.is_set():  # noqa: ASYNC110 - no event is set when it is cleared
                await asyncio.sleep(0.02)
        inbox.services.channels.tell(lambda lanes: None)
        await inbox.store(inbox.message("meanwhile"))
        is_away = False
        await eventually(partial(is_done, inbox), within_s=20)
        assert pump.ready.is_set()


class Failing:
    """A parser's sitting that goes wrong so many times; notes when."""

    def __init__(self, inbox: Inbox, text: str, times: int) -> None:
        self.at_s: list[float] = []
        self.times = times
        self.text = text
        self._parse = inbox.parser.parse
        inbox.parser.parse = self.parse  # type: ignore[method-assign,assignment]  # the test's own parser

    def parse(self, kind: str, item: dict[str, str]) -> object:
        found = self._parse(kind, item)
        if isinstance(found[0], ReceivedMessage) and found[0].text == self.text and len(self.at_s) < self.times:
            self.at_s.append(time.monotonic())
            raise KeyError("surprise")
        return found


async def test_an_event_that_fails_is_tried_again_after_a_while_and_holds_only_its_own_lane(inbox: Inbox) -> None:
    failing = Failing(inbox, "bad", 2)
    await inbox.store(inbox.message("bad"), inbox.message("behind"))
    await inbox.store(inbox.message("else", wa_id="34600111333"), lane="else")
    async with pumping(inbox):
        await eventually(partial(is_done, inbox))
    assert failing.at_s[1] - failing.at_s[0] >= QUICK.failed_s * 0.9
    assert await _bodies(inbox) == {LEA: ["bad", "behind"], "34600111333": ["else"]}
    assert await inbox.value("SELECT max(attempt_count) FROM inbound_events") == 3


@pytest.mark.logs_errors("an event that fails three times is put aside")
async def test_an_event_that_always_fails_is_put_aside_and_the_next_one_goes_on(inbox: Inbox) -> None:
    failing = Failing(inbox, "bad", 99)
    await inbox.store(inbox.message("bad"), inbox.message("behind"))
    async with pumping(inbox):
        await eventually(partial(is_done, inbox))
    assert len(failing.at_s) == 3
    assert await _bodies(inbox) == {LEA: ["behind"]}
    assert await inbox.value("SELECT count(*) FROM inbound_events WHERE state = 'failed'") == 1


async def test_a_lane_held_elsewhere_is_left_alone_and_taken_when_it_is_free(inbox: Inbox) -> None:
    await inbox.store(inbox.message("hola"))
    await inbox.store(inbox.message("else", wa_id="34600111333"), lane="else")
    async with pumping(inbox, replace(QUICK, at_once=1)):
        async with inbox.db.tx(inbox.system) as tx:
            assert await take_event(tx, inbox.account_id, "lea") is not None
            await eventually(lambda: inbox.value("SELECT count(*) = 1 FROM messages"))
            assert await _bodies(inbox) == {"34600111333": ["else"]}
        await eventually(partial(is_done, inbox))
    assert (await _bodies(inbox))[LEA] == ["hola"]


async def test_never_more_lanes_at_work_than_allowed_and_never_one_twice(inbox: Inbox) -> None:
    most, at_work = 0, set[str]()
    take: Callable[..., object] = inbox.services.intake.take_lane

    async def watched(tenant_id: object, account_id: object, lane: str, key: str) -> object:
        nonlocal most
        assert lane not in at_work
        at_work.add(lane)
        most = max(most, len(at_work))
        try:
            return await take(tenant_id, account_id, lane, key)  # type: ignore[misc]  # handed through
        finally:
            at_work.discard(lane)

    inbox.services.intake.take_lane = watched  # type: ignore[method-assign,assignment]  # watches, changes nothing
    async with pumping(inbox, PumpLimits(at_once=3, poll_s=0.05)):
        await _store_many(inbox, 8, 4)
        await eventually(partial(is_done, inbox))
    assert 2 <= most <= 3


async def test_statuses_that_wait_together_share_one_transaction(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    await inbox.deliver(found)
    ref = "wamid.out.1"
    await inbox.store(*(inbox.status(one, ref) for one in ("sent", "delivered", "read")), kind="status")
    assert await inbox.take() == 3
    assert await inbox.value("SELECT state FROM messages WHERE provider_id = $1", ref) == "read"
    assert await inbox.value("SELECT count(DISTINCT xmin::text) FROM inbound_events WHERE kind = 'status'") == 1


async def test_a_status_that_fails_does_not_hurt_those_that_waited_with_it(inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.answer(found)
    await inbox.deliver(found)
    statuses = [inbox.status(one, "wamid.out.1") for one in ("sent", "delivered", "read")]
    await inbox.store(statuses[0], inbox.message("spoilt", kind=MessageKind.TEXT), *statuses[1:], kind="status")
    Failing(inbox, "spoilt", 2)  # with the others, and once alone
    assert await inbox.take() == 4
    assert await inbox.value("SELECT state FROM messages WHERE provider_id = 'wamid.out.1'") == "read"
    rows = await inbox.rows("SELECT attempt_count FROM inbound_events WHERE kind = 'status' ORDER BY position")
    assert [row["attempt_count"] for row in rows] == [1, 2, 1, 1]
