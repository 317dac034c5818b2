"""What stands behind a message that waits is not late by itself: the house stays ready, and no queue stalled."""

from datetime import timedelta

from app.health import Health
from app.stalled import StalledQueueWatch
from domain.kernel.db import Database
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import Purpose
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop

_WAIT = "UPDATE outbound_messages SET due_at = $2 WHERE position = (SELECT min(position) FROM outbound_messages) AND $1"


async def test_a_lane_is_late_when_its_first_message_is(db: Database, clock: ManualClock, shop: Shop) -> None:
    health, watch = Health(db, clock, None, lambda: False), StalledQueueWatch(db, clock)
    async with db.tx(shop.owner) as tx:
        for word in ("first", "second"):
            await post_notice(tx, clock, Purpose.LOG, Kind.SETUP_TEST, {"word": word})
    clock.advance(timedelta(minutes=10))
    assert (await health.readiness()).reasons == ["outbox: the oldest has waited 600 s"]
    assert [backlog.waiting_count for backlog in (await watch.find()).values()] == [2]
    async with db.tx(shop.owner) as tx:  # as a channel does that refuses it
        await tx.run(_WAIT, True, clock.now() + timedelta(minutes=15))
    assert (await health.readiness()).reasons == []
    assert await watch.find() == {}
