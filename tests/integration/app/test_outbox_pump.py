"""The outbox's pump: at once what this process wrote, by looking what it did not, one lane never twice at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from app.metrics import HouseMetrics
from app.outbox_pump import OutboxPump
from domain.kernel.db import Database
from domain.kernel.errors import TransientFailure
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.outbox.service import OutboxService
from domain.tenancy.dto import Purpose
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.fixtures.inbox import open_inbox
from tests.fixtures.shop import Shop
from tests.integration.app.conftest import eventually

NEVER_S = 3600.0


@dataclass
class Provider:
    """Takes everything, after it was let."""

    words: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0
    most_at_once: int = 0
    called: int = 0

    async def send(self, message: Outbound) -> Receipt:
        self.called += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.open.wait()
            if self.failures:
                raise self.failures.pop(0)
            self.words.append(str(message.params.get("word", message.kind)))
            return Receipt(77, len(self.words))
        finally:
            self.at_once -= 1

    async def reconcile(self, message: Outbound) -> Receipt | None:
        return None


@asynccontextmanager
async def pumping(
    db: Database, clock: ManualClock, provider: Provider, *, poll_s: float, drain_s: float = 5.0, gather_s: float = 0.0
) -> AsyncIterator[OutboxPump]:
    outbox = OutboxService(db, clock, provider)
    pump, stop = OutboxPump(db, outbox, HouseMetrics(), poll_s, drain_s, gather_s), asyncio.Event()
    running = asyncio.create_task(pump.run(stop))
    await eventually(lambda: db.on_posted)
    try:
        yield pump
    finally:
        stop.set()
        await running


@pytest.fixture
async def bound(db: Database, clock: ManualClock, shop: Shop) -> Shop:
    await TenancyService(db, clock).bind_channel(shop.owner, Purpose.LOG, 500)
    return shop


@pytest.fixture
def provider() -> Provider:
    made = Provider()
    made.open.set()
    return made


async def _post(db: Database, clock: ManualClock, shop: Shop, *words: str) -> None:
    async with db.tx(shop.owner) as tx:
        for word in words:
            await post_notice(tx, clock, Purpose.LOG, Kind.SETUP_TEST, {"word": word})


async def test_what_this_process_commits_leaves_at_once_in_order_and_what_it_rolls_back_never(
    db: Database, clock: ManualClock, bound: Shop, provider: Provider
) -> None:
    async with pumping(db, clock, provider, poll_s=NEVER_S):
        with pytest.raises(ZeroDivisionError):
            async with db.tx(bound.owner) as tx:
                await post_notice(tx, clock, Purpose.LOG, Kind.SETUP_TEST, {"word": "never"})
                raise ZeroDivisionError
        await _post(db, clock, bound, "one", "two")
        await eventually(lambda: provider.words == ["one", "two"])


async def test_a_lane_is_worked_on_once_at_a_time_and_looked_at_again_when_written_into_meanwhile(
    db: Database, clock: ManualClock, bound: Shop, provider: Provider
) -> None:
    provider.open.clear()
    async with pumping(db, clock, provider, poll_s=NEVER_S):
        for number in range(5):
            await _post(db, clock, bound, str(number))
        await eventually(lambda: provider.called)
        await asyncio.sleep(0.1)
        provider.open.set()
        await eventually(lambda: provider.words == ["0", "1", "2", "3", "4"])
    assert provider.most_at_once == 1


async def test_what_another_process_wrote_and_what_waits_for_its_time_is_found_by_looking(
    db: Database, clock: ManualClock, bound: Shop, provider: Provider
) -> None:
    await _post(db, clock, bound, "before")
    provider.failures.append(TransientFailure("discord", "busy", 20.0))
    async with pumping(db, clock, provider, poll_s=0.05):
        await eventually(lambda: provider.called == 1)
        await asyncio.sleep(0.2)
        assert provider.called == 1
        clock.advance(timedelta(seconds=21))
        await eventually(lambda: provider.words == ["before"])


async def test_a_delivery_that_dies_is_tried_again_after_its_lease_and_hurts_no_other(
    db: Database, clock: ManualClock, bound: Shop, provider: Provider
) -> None:
    provider.failures.append(KeyError("a renderer's bug"))
    async with pumping(db, clock, provider, poll_s=0.05):
        await _post(db, clock, bound, "dies once")
        await eventually(lambda: provider.called == 1)
        await asyncio.sleep(1.2)  # the pump's own pause after a failure
        assert provider.called == 1, "the attempt may still be under way somewhere"
        clock.advance(timedelta(seconds=31))
        await eventually(lambda: provider.words == ["dies once"])


async def test_two_pumps_send_everything_once(
    db: Database, clock: ManualClock, bound: Shop, provider: Provider
) -> None:
    await _post(db, clock, bound, *(str(number) for number in range(30)))
    async with pumping(db, clock, provider, poll_s=0.01), pumping(db, clock, provider, poll_s=0.01):
        await eventually(lambda: len(provider.words) == 30)
    assert provider.words == [str(number) for number in range(30)]


async def test_the_end_waits_for_a_delivery_for_a_while_and_then_cuts_it(
    db: Database, clock: ManualClock, bound: Shop, provider: Provider
) -> None:
    provider.open.clear()
    async with pumping(db, clock, provider, poll_s=NEVER_S, drain_s=0.2):
        await _post(db, clock, bound, "cut")
        await eventually(lambda: provider.called)
    async with db.tx(bound.owner) as tx:
        assert await tx.value("SELECT state FROM outbound_messages") == "sending", "its lease finds it"


async def test_what_follows_at_once_in_a_thread_goes_out_with_it_and_the_card_is_drawn_once(
    db: Database, clock: ManualClock, bound: Shop, provider: Provider
) -> None:
    await TenancyService(db, clock).bind_channel(bound.owner, Purpose.CONVERSATIONS, 600)
    inbox = await open_inbox(db, clock, bound)
    async with pumping(db, clock, provider, poll_s=NEVER_S, gather_s=2.0):
        await inbox.receive("hola")
        await inbox.receive("¿hay alguien?")
        await eventually(lambda: provider.words.count("conversation.message") == 2)
    assert provider.words.count("conversation.card") == 1
