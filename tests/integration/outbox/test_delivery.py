"""Delivery without lies: order within a lane, one attempt at a time, unknown outcomes looked up first."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from domain.kernel.db import Database, Row
from domain.kernel.errors import PermanentFailure, TransientFailure, UnknownOutcome
from domain.kernel.ids import uuid7
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.kinds import Kind
from domain.outbox.post import post_card, post_direct, post_notice
from domain.outbox.service import CARD_IS_GONE, NOTHING_TO_SEND, OutboxService
from domain.tenancy.dto import Purpose
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop

LOG_LANE = "channel:log"


@dataclass
class Provider:
    """A provider that remembers what arrived and fails as told."""

    arrived: list[Outbound] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    late_failures: list[Exception] = field(default_factory=list)
    lost_answers: int = 0
    pause: asyncio.Event | None = None
    called: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, message: Outbound) -> Receipt:
        if self.failures:
            raise self.failures.pop(0)
        self.arrived.append(message)
        self.called.set()
        if self.pause is not None:
            await self.pause.wait()
        if self.late_failures:
            raise self.late_failures.pop(0)
        if self.lost_answers:
            self.lost_answers -= 1
            raise UnknownOutcome("discord", "timeout")
        return Receipt(message.channel_id or 77, 9000 + len(self.arrived))

    async def reconcile(self, message: Outbound) -> Receipt | None:
        for number, earlier in enumerate(self.arrived, start=1):
            if earlier.nonce == message.nonce:
                return Receipt(message.channel_id or 77, 9000 + number)
        return None


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def outbox(db: Database, clock: ManualClock, provider: Provider) -> OutboxService:
    return OutboxService(db, clock, provider)


@pytest.fixture
async def bound(db: Database, clock: ManualClock, shop: Shop) -> Shop:
    await TenancyService(db, clock).bind_channel(shop.owner, Purpose.LOG, 501)
    await TenancyService(db, clock).bind_channel(shop.owner, Purpose.ORDERS, 502)
    return shop


async def _post(db: Database, clock: ManualClock, shop: Shop, *words: str) -> None:
    for word in words:
        async with db.tx(shop.act("owner")) as tx:
            await post_notice(tx, clock, Purpose.LOG, Kind.SETUP_TEST, {"word": word})


async def _rows(db: Database, shop: Shop) -> list[Row]:
    async with db.tx(shop.owner) as tx:
        return list(await tx.rows("SELECT * FROM outbound_messages ORDER BY position"))


def _words(provider: Provider) -> list[str]:
    return [message.params["word"] for message in provider.arrived]


async def test_notices_of_a_channel_leave_in_order(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    await _post(db, clock, bound, "one", "two", "three")
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 3
    assert _words(provider) == ["one", "two", "three"]
    rows = await _rows(db, bound)
    assert [(row["state"], row["provider_channel_id"], row["provider_message_id"]) for row in rows] == [
        ("sent", 501, 9001),
        ("sent", 501, 9002),
        ("sent", 501, 9003),
    ]


async def test_ten_workers_on_one_lane_send_each_message_once_and_in_order(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    words = [f"w{n}" for n in range(20)]
    await _post(db, clock, bound, *words)
    for _ in range(3):
        await asyncio.gather(*(outbox.deliver_lane(bound.tenant.id, LOG_LANE, f"job{n}") for n in range(10)))
    assert _words(provider) == words


async def test_a_rolled_back_transaction_sends_nothing(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    with pytest.raises(RuntimeError):
        async with db.tx(bound.act("owner")) as tx:
            await post_notice(tx, clock, Purpose.LOG, Kind.SETUP_TEST, {"word": "never"})
            raise RuntimeError
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 0
    assert provider.arrived == []


async def test_a_transient_failure_waits_as_told_and_keeps_the_order(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    await _post(db, clock, bound, "one", "two")
    provider.failures = [TransientFailure("discord", "429", retry_after_s=30)]
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 0
    clock.advance(timedelta(seconds=29))
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 0
    assert provider.arrived == []
    clock.advance(timedelta(seconds=1))
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 2
    assert _words(provider) == ["one", "two"]


async def test_an_answer_that_was_lost_is_looked_up_and_not_sent_again(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    await _post(db, clock, bound, "once")
    provider.lost_answers = 1
    await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job")
    assert [row["state"] for row in await _rows(db, bound)] == ["unknown"]
    clock.advance(timedelta(seconds=5))
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 1
    assert _words(provider) == ["once"]
    assert [(row["state"], row["provider_message_id"]) for row in await _rows(db, bound)] == [("sent", 9001)]


async def test_a_process_that_died_while_sending_is_followed_up_after_the_lease(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    await _post(db, clock, bound, "once")
    provider.pause = asyncio.Event()
    dying = asyncio.create_task(outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job"))
    await provider.called.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    provider.pause = None
    clock.advance(timedelta(seconds=29))
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 0
    clock.advance(timedelta(seconds=2))
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 1
    assert _words(provider) == ["once"]


async def test_a_permanent_failure_is_kept_with_its_reason_and_frees_the_lane(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    await _post(db, clock, bound, "bad", "good")
    provider.failures = [PermanentFailure("discord", "50035")]
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 2
    assert [(row["state"], row["error"]) for row in await _rows(db, bound)] == [
        ("failed", "discord: 50035"),
        ("sent", None),
    ]


async def test_after_a_day_of_failures_it_gives_up(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    await _post(db, clock, bound, "late")
    clock.advance(timedelta(hours=25))
    provider.failures = [TransientFailure("discord", "503")]
    await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job")
    assert [(row["state"], row["error"]) for row in await _rows(db, bound)] == [("failed", "given up: discord: 503")]


async def _post_card(db: Database, clock: ManualClock, shop: Shop, order_id: UUID) -> None:
    async with db.tx(shop.act("owner")) as tx:
        await post_card(tx, clock, Kind.ORDER_CARD, order_id, Purpose.ORDERS)


async def test_waiting_refreshes_of_a_card_fold_into_one_and_the_card_is_then_edited(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    order_id = uuid7()
    for _ in range(5):
        await _post_card(db, clock, bound, order_id)
    lane = f"card:{order_id}"
    assert await outbox.deliver_lane(bound.tenant.id, lane, "job") == 1
    await _post_card(db, clock, bound, order_id)
    assert await outbox.deliver_lane(bound.tenant.id, lane, "job") == 1
    assert [message.card for message in provider.arrived] == [None, (502, 9001)]


async def test_a_card_somebody_deleted_is_posted_anew(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    order_id = uuid7()
    lane = f"card:{order_id}"
    await _post_card(db, clock, bound, order_id)
    await outbox.deliver_lane(bound.tenant.id, lane, "job")
    await _post_card(db, clock, bound, order_id)
    provider.failures = [PermanentFailure("discord", CARD_IS_GONE)]
    await outbox.deliver_lane(bound.tenant.id, lane, "job")
    assert [message.card for message in provider.arrived] == [None, None]


async def test_a_refresh_that_must_wait_gives_way_to_a_newer_one(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    order_id = uuid7()
    await _post_card(db, clock, bound, order_id)
    provider.pause = asyncio.Event()
    sending = asyncio.create_task(outbox.deliver_lane(bound.tenant.id, f"card:{order_id}", "job"))
    await provider.called.wait()
    await _post_card(db, clock, bound, order_id)
    provider.late_failures = [TransientFailure("discord", "500", 1)]
    provider.pause.set()
    await sending
    assert [row["state"] for row in await _rows(db, bound)] == ["cancelled", "queued"]


async def test_a_waiting_refresh_is_drawn_after_the_change_that_counts_on_it(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    order_id = uuid7()
    await _post_card(db, clock, bound, order_id)
    async with db.tx(bound.act("owner")) as tx:
        await post_card(tx, clock, Kind.ORDER_CARD, order_id, Purpose.ORDERS)
        assert await outbox.deliver_lane(bound.tenant.id, f"card:{order_id}", "job") == 0
        assert provider.arrived == []
    assert await outbox.deliver_lane(bound.tenant.id, f"card:{order_id}", "job") == 1
    assert [row["state"] for row in await _rows(db, bound)] == ["sent"]


async def test_a_purpose_without_a_channel_goes_to_the_log_channel_and_is_told_once(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    for word in ("one", "two"):
        async with db.tx(bound.act("owner")) as tx:
            await post_notice(tx, clock, Purpose.PAYROLL, Kind.SETUP_TEST, {"word": word})
    await outbox.deliver_lane(bound.tenant.id, "channel:payroll", "job")
    await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job")
    assert [(message.kind, message.channel_id) for message in provider.arrived] == [
        (Kind.SETUP_TEST, 501),
        (Kind.SETUP_TEST, 501),
        (Kind.CHANNEL_MISSING, 501),
    ]


async def test_without_any_channel_a_notice_is_cancelled_with_its_reason(
    db: Database, clock: ManualClock, shop: Shop, outbox: OutboxService, provider: Provider
) -> None:
    await _post(db, clock, shop, "nowhere")
    await outbox.deliver_lane(shop.tenant.id, LOG_LANE, "job")
    assert [(row["state"], row["error"]) for row in await _rows(db, shop)] == [("cancelled", "no channel is bound")]


async def test_what_has_nothing_to_say_any_more_is_cancelled(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    async def nothing(message: Outbound) -> Receipt:
        return NOTHING_TO_SEND

    provider.send = nothing  # type: ignore[method-assign]  # this provider finds nothing to draw
    await _post(db, clock, bound, "stale")
    assert await outbox.deliver_lane(bound.tenant.id, LOG_LANE, "job") == 1
    assert [row["state"] for row in await _rows(db, bound)] == ["cancelled"]


async def test_a_direct_message_goes_to_the_member(
    db: Database, clock: ManualClock, bound: Shop, outbox: OutboxService, provider: Provider
) -> None:
    assert bound.ana.member_id is not None
    async with db.tx(bound.act("owner")) as tx:
        await post_direct(tx, clock, bound.ana.member_id, Kind.SETUP_TEST, {"word": "hello"})
    await outbox.deliver_lane(bound.tenant.id, f"member:{bound.ana.member_id}", "job")
    assert [message.recipient_discord_id for message in provider.arrived] == [bound.ana.discord_user_id]


async def test_a_lane_is_due_when_its_first_message_is_and_again_when_an_attempt_outlives_its_lease(
    db: Database, clock: ManualClock, bound: Shop, provider: Provider, outbox: OutboxService
) -> None:
    await _post(db, clock, bound, "forgotten")
    assert bound.ana.member_id is not None
    async with db.tx(bound.owner) as tx:
        await post_direct(tx, clock, bound.ana.member_id, Kind.SETUP_TEST, {"word": "later"})
        await tx.run("UPDATE outbound_messages SET due_at = $1 WHERE params ->> 'word' = 'later'",
                     clock.now() + timedelta(minutes=1))  # fmt: skip
    log_lane = (bound.tenant.id, LOG_LANE)
    assert await outbox.due_lanes() == [log_lane]
    async with db.tx(bound.owner) as tx:
        sql = "UPDATE outbound_messages SET state = 'sending', attempted_at = $1 WHERE lane = $2"
        await tx.run(sql, clock.now(), LOG_LANE)
    assert await outbox.due_lanes() == []
    clock.advance(timedelta(minutes=1))
    assert await outbox.due_lanes() == [log_lane, (bound.tenant.id, f"member:{bound.ana.member_id}")]
