"""A channel in which Discord lets the bot write no more: said once, waited for, and shown when it may again."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from domain.kernel.db import Database, Row
from domain.kernel.errors import PermanentFailure, PermissionDenied, UnknownOutcome
from domain.kernel.ids import uuid7
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.forbidden import show_what_waits
from domain.outbox.kinds import Kind
from domain.outbox.post import post_card, post_notice, post_thread_card
from domain.outbox.service import CHANNEL_IS_GONE, NOT_PERMITTED, OutboxService
from domain.tenancy.dto import Purpose
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.outbox.test_conversations import _conversation

LOG, ORDERS = 501, 502


@dataclass
class Guild:
    """Channels of which some refuse."""

    closed: set[int] = field(default_factory=set)
    arrived: list[Outbound] = field(default_factory=list)
    attempts_count: int = 0
    loses_answers: bool = False
    unreadable: str = ""

    async def send(self, message: Outbound) -> Receipt:
        self.attempts_count += 1
        if self.loses_answers:
            raise UnknownOutcome("discord", "lost")
        if message.channel_id in self.closed:
            raise PermanentFailure("discord", NOT_PERMITTED)
        self.arrived.append(message)
        return Receipt(message.channel_id or 77, 9000 + len(self.arrived))

    async def reconcile(self, message: Outbound) -> Receipt | None:
        if self.unreadable:
            raise PermanentFailure("discord", self.unreadable)
        return None


@dataclass
class Scene:
    db: Database
    clock: ManualClock
    shop: Shop
    guild: Guild
    outbox: OutboxService

    async def card(self, *subjects: object) -> None:
        async with self.db.tx(self.shop.act("owner")) as tx:
            for subject in subjects or (uuid7(),):
                await post_card(tx, self.clock, Kind.ORDER_CARD, subject, Purpose.ORDERS)  # type: ignore[arg-type]  # ids

    async def notice(self, purpose: Purpose, word: str) -> None:
        async with self.db.tx(self.shop.act("owner")) as tx:
            await post_notice(tx, self.clock, purpose, Kind.SETUP_TEST, {"word": word})

    async def deliver(self) -> None:
        """Whatever is due, until nothing is."""
        while lanes := await self.outbox.due_lanes():
            await asyncio.gather(*(self.outbox.deliver_lane(*lane, str(uuid7())) for lane in lanes))

    async def rows(self, kind: Kind) -> list[Row]:
        async with self.db.tx(self.shop.owner) as tx:
            sql = "SELECT * FROM outbound_messages WHERE kind = $1 ORDER BY position"
            return list(await tx.rows(sql, kind.value))

    async def states(self, kind: Kind) -> list[str]:
        return [row["state"] for row in await self.rows(kind)]

    def shown(self, kind: Kind) -> int:
        return sum(message.kind is kind for message in self.guild.arrived)


@pytest.fixture
async def scene(db: Database, clock: ManualClock, shop: Shop) -> Scene:
    tenancy, guild = TenancyService(db, clock), Guild()
    await tenancy.bind_channel(shop.owner, Purpose.LOG, LOG)
    await tenancy.bind_channel(shop.owner, Purpose.ORDERS, ORDERS)
    return Scene(db, clock, shop, guild, OutboxService(db, clock, guild))


async def test_many_cards_at_once_and_every_retry_are_told_once_where_alerts_go(scene: Scene) -> None:
    scene.guild.closed = {ORDERS}
    await scene.card(*(uuid7() for _ in range(8)))
    await scene.deliver()
    for _ in range(10):
        scene.clock.advance(timedelta(minutes=5))
        await scene.deliver()
    [told] = await scene.rows(Kind.CHANNEL_FORBIDDEN)
    assert (told["state"], told["purpose"], told["provider_channel_id"]) == ("sent", "red_alerts", LOG)
    assert told["params"] == {"channel_id": str(ORDERS), "purpose": "orders"}


async def test_it_is_tried_rarely_and_shown_by_itself_when_it_is_permitted_again(scene: Scene) -> None:
    scene.guild.closed = {ORDERS}
    await scene.card(*(uuid7() for _ in range(4)))
    await scene.deliver()
    scene.clock.advance(timedelta(minutes=50))
    await scene.deliver()
    assert scene.guild.attempts_count == 4 + 1 + 4  # the alert, too
    scene.guild.closed = set()
    await scene.card()  # nobody refused this one: it says nothing about the others
    await scene.deliver()
    assert scene.shown(Kind.ORDER_CARD) == 1
    scene.clock.advance(timedelta(minutes=15))
    await scene.deliver()
    assert scene.shown(Kind.ORDER_CARD) == 5


async def test_the_first_that_gets_through_brings_the_others_at_once_and_a_new_loss_is_told_anew(scene: Scene) -> None:
    scene.guild.closed = {ORDERS}
    first = uuid7()
    await scene.card(first, uuid7(), uuid7())
    await scene.deliver()
    scene.guild.closed = set()
    await scene.card(first)  # a change of what waits is tried at once
    await scene.deliver()
    assert scene.shown(Kind.ORDER_CARD) == 3
    scene.guild.closed = {ORDERS}
    await scene.card()
    await scene.deliver()
    assert await scene.states(Kind.CHANNEL_FORBIDDEN) == ["sent", "sent"]


async def test_what_holds_others_up_is_given_up_after_an_hour_and_a_card_is_shown_days_later(scene: Scene) -> None:
    scene.guild.closed = {ORDERS}
    card = uuid7()
    await scene.card(card)
    await scene.notice(Purpose.ORDERS, "news")
    await scene.deliver()
    scene.clock.advance(timedelta(hours=2))
    await scene.deliver()
    assert await scene.states(Kind.SETUP_TEST) == ["failed"]
    scene.clock.advance(timedelta(days=2))
    await scene.deliver()
    scene.guild.closed = set()
    scene.clock.advance(timedelta(minutes=15))
    await scene.deliver()
    assert [message.subject_id for message in scene.guild.arrived if message.kind is Kind.ORDER_CARD] == [card]
    assert await scene.states(Kind.SETUP_TEST) == ["failed"]  # old news is none


async def test_setup_shows_once_what_was_given_up_in_a_thread(scene: Scene) -> None:
    conversation = await _conversation(scene.db, scene.shop, scene.clock.now())
    scene.guild.closed = {LOG}
    async with scene.db.tx(scene.shop.act("owner")) as tx:
        await post_thread_card(tx, scene.clock, conversation, Kind.CONVERSATION_MESSAGE, conversation)
    await scene.deliver()
    scene.clock.advance(timedelta(hours=2))
    await scene.deliver()
    assert await scene.states(Kind.CONVERSATION_MESSAGE) == ["failed"]
    scene.guild.closed = set()
    for _ in range(2):
        await show_what_waits(scene.db, scene.clock, scene.shop.act("owner"))
        await scene.deliver()
    assert scene.shown(Kind.CONVERSATION_MESSAGE) == 1


async def test_a_loss_after_one_that_passed_while_nothing_waited_is_told_anew(scene: Scene) -> None:
    for _ in range(2):
        scene.guild.closed = {ORDERS}
        await scene.notice(Purpose.ORDERS, "lost")
        await scene.deliver()
        scene.clock.advance(timedelta(hours=2))
        await scene.deliver()
        scene.guild.closed = set()
        await scene.notice(Purpose.ORDERS, "shown")
        await scene.deliver()
    assert await scene.states(Kind.CHANNEL_FORBIDDEN) == ["sent", "sent"]


async def test_where_alerts_have_no_channel_the_owner_hears_it_in_person(scene: Scene) -> None:
    async with scene.db.tx(scene.shop.owner) as tx:
        await tx.run("DELETE FROM channel_bindings WHERE purpose = 'log'")
    scene.guild.closed = {ORDERS}
    await scene.card()
    await scene.deliver()
    [direct] = await scene.rows(Kind.CHANNEL_FORBIDDEN)
    assert (direct["state"], direct["recipient_member_id"]) == ("sent", scene.shop.owner.member_id)


async def test_a_message_of_unknown_outcome_in_a_channel_that_is_gone_holds_up_nobody(scene: Scene) -> None:
    scene.guild.loses_answers = True
    await scene.notice(Purpose.ORDERS, "lost")
    await scene.deliver()
    scene.guild.loses_answers, scene.guild.unreadable = False, CHANNEL_IS_GONE
    await scene.notice(Purpose.ORDERS, "next")
    scene.clock.advance(timedelta(minutes=5))
    await scene.deliver()
    assert [message.params["word"] for message in scene.guild.arrived] == ["lost", "next"]


async def test_where_alerts_cannot_go_either_the_owner_hears_it_in_person(scene: Scene) -> None:
    scene.guild.closed = {ORDERS, LOG}
    await scene.card()
    await scene.deliver()
    alert, direct = await scene.rows(Kind.CHANNEL_FORBIDDEN)
    assert (alert["state"], direct["state"]) == ("queued", "sent")
    assert direct["recipient_member_id"] == scene.shop.owner.member_id
    assert direct["params"] == {"channel_id": str(LOG), "purpose": "log"}


async def test_what_has_no_channel_of_its_own_names_the_log_channel(scene: Scene) -> None:
    scene.guild.closed = {LOG}
    await scene.notice(Purpose.PAYROLL, "paid")
    await scene.notice(Purpose.LOG, "claimed")
    await scene.deliver()
    [direct] = await scene.rows(Kind.CHANNEL_FORBIDDEN)
    assert direct["params"]["channel_id"] == str(LOG)


async def test_who_may_not_change_settings_does_not_wake_it(scene: Scene) -> None:
    with pytest.raises(PermissionDenied):
        await show_what_waits(scene.db, scene.clock, scene.shop.ana)
