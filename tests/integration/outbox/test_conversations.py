"""The outbox with two channels: whose sender takes what, lost answers, lost threads, and who is told."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.kernel.db import Database, Row, Tx
from domain.kernel.errors import PermanentFailure, TransientFailure, UnknownOutcome
from domain.kernel.ids import uuid7
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.kinds import Kind
from domain.outbox.ports import ByChannel
from domain.outbox.post import post_in_thread, post_notice, post_thread_card, post_whatsapp
from domain.outbox.service import NOTHING_TO_SEND, THREAD_IS_GONE, OutboxService
from domain.tenancy.dto import Purpose
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop

THREAD = (7001, 7002)


@dataclass
class Door:
    """A provider that does what the test says, call by call, and remembers what it was asked."""

    plan: list[Exception | Receipt] = field(default_factory=list)
    looks: list[Exception | Receipt | None] = field(default_factory=list)
    sent: list[Outbound] = field(default_factory=list)
    looked_for: list[Outbound] = field(default_factory=list)

    async def send(self, message: Outbound) -> Receipt:
        self.sent.append(message)
        outcome = self.plan.pop(0) if self.plan else Receipt(1, 1, ref=f"wamid.{len(self.sent)}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def reconcile(self, message: Outbound) -> Receipt | None:
        self.looked_for.append(message)
        found = self.looks.pop(0) if self.looks else None
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class Listener:
    """Writes what it hears into the database, in the transaction it is given."""

    heard: list[tuple[str, str | None]] = field(default_factory=list)
    is_broken: bool = False
    threads: list[UUID] = field(default_factory=list)

    async def deliverable(self, tx: Tx, message_id: UUID) -> object | None:
        return None

    async def delivery_changed(
        self, tx: Tx, message: Outbound, state: str, error: str | None, receipt: Receipt | None
    ) -> None:
        self.heard.append((state, receipt.ref if receipt else error))
        await tx.run("UPDATE conversations SET handoff_reason = $2 WHERE id = $1", message.conversation_id, state)
        if self.is_broken:
            raise RuntimeError("the listener fails")

    async def thread_opened(self, tx: Tx, conversation_id: UUID) -> None:
        self.threads.append(conversation_id)


@dataclass
class House:
    """A conversation and an outbox with both doors."""

    db: Database
    clock: ManualClock
    shop: Shop
    conversation_id: UUID
    whatsapp: Door
    discord: Door
    listener: Listener
    outbox: OutboxService

    async def say(self) -> None:
        async with self.db.tx(self.shop.act("owner")) as tx:
            await post_whatsapp(tx, self.clock, self.conversation_id, uuid7())

    async def deliver(self, lane: str = "whatsapp", after_s: float = 0) -> int:
        self.clock.advance(timedelta(seconds=after_s))
        return await self.outbox.deliver_lane(self.shop.tenant.id, f"{lane}:{self.conversation_id}", "job")

    async def rows(self) -> list[Row]:
        async with self.db.tx(self.shop.owner) as tx:
            return list(await tx.rows("SELECT * FROM outbound_messages ORDER BY position"))

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows()]

    async def noted(self) -> str:
        async with self.db.tx(self.shop.owner) as tx:
            found: str = await tx.value("SELECT handoff_reason FROM conversations WHERE id = $1", self.conversation_id)
            return found


async def _conversation(db: Database, shop: Shop, now: datetime) -> UUID:
    contact_id, account_id, conversation_id = uuid7(), uuid7(), uuid7()
    async with db.tx(shop.owner) as tx:
        await tx.run(
            "INSERT INTO contacts (id, tenant_id, created_at) VALUES ($1, $2, $3)", contact_id, tx.tenant_id, now
        )
        await tx.run(
            """INSERT INTO channel_accounts (id, tenant_id, provider, app, phone_number_id, access_token_sealed,
               app_secret_sealed, verify_token_sealed, created_at) VALUES ($1, $2, 'meta', 'a', '1', '', '', '', $3)""",
            account_id, tx.tenant_id, now,
        )  # fmt: skip
        await tx.run(
            """INSERT INTO conversations (id, tenant_id, number, contact_id, account_id, last_activity_at, opened_at)
               VALUES ($1, $2, 1, $3, $4, $5, $5)""",
            conversation_id, tx.tenant_id, contact_id, account_id, now,
        )  # fmt: skip
    return conversation_id


@pytest.fixture
async def house(db: Database, clock: ManualClock, shop: Shop) -> House:
    await TenancyService(db, clock).bind_channel(shop.owner, Purpose.LOG, 501)
    await TenancyService(db, clock).bind_channel(shop.owner, Purpose.CONVERSATIONS, 502)
    conversation_id = await _conversation(db, shop, clock.now())
    whatsapp, discord, listener = Door(), Door(), Listener()
    senders = ByChannel({"whatsapp": whatsapp, "discord": discord})
    outbox = OutboxService(db, clock, senders, listener=listener)
    return House(db, clock, shop, conversation_id, whatsapp, discord, listener, outbox)


async def test_each_channel_has_its_own_sender(house: House) -> None:
    await house.say()
    async with house.db.tx(house.shop.act("owner")) as tx:
        await post_in_thread(tx, house.clock, house.conversation_id, Kind.CONVERSATION_NOTICE, {"what": "closed"})
    house.discord.plan = [Receipt(7001, 7003)]
    assert await house.deliver() == 1
    assert await house.deliver("conversation") == 1
    assert [message.kind for message in house.whatsapp.sent] == [Kind.WHATSAPP_MESSAGE]
    assert [message.kind for message in house.discord.sent] == [Kind.CONVERSATION_NOTICE]
    assert [row["provider_ref"] for row in await house.rows()] == ["wamid.1", None]


async def test_an_unknown_outcome_stays_unknown_while_nobody_can_tell(house: House) -> None:
    await house.say()
    house.whatsapp.plan = [UnknownOutcome("meta", "timeout")]
    house.whatsapp.looks = [TransientFailure("meta", "waiting_for_status", 5) for _ in range(3)]
    await house.deliver()
    [row] = await house.rows()
    first_attempt_at = row["attempted_at"]
    for _ in range(3):
        assert await house.deliver(after_s=6) == 0
        assert await house.states() == ["unknown"]
    assert len(house.whatsapp.sent) == 1
    assert {message.attempted_at for message in house.whatsapp.looked_for} == {first_attempt_at}


async def test_what_is_found_ends_as_sent_without_a_second_sending(house: House) -> None:
    await house.say()
    house.whatsapp.plan = [UnknownOutcome("meta", "timeout")]
    house.whatsapp.looks = [TransientFailure("meta", "waiting_for_status", 5), Receipt(1, 1, ref="wamid.found")]
    await house.deliver()
    await house.deliver(after_s=6)
    assert await house.deliver(after_s=6) == 1
    assert len(house.whatsapp.sent) == 1
    assert house.listener.heard[-1] == ("sent", "wamid.found")


async def test_sending_again_is_recorded_before_the_call(house: House) -> None:
    await house.say()
    house.whatsapp.plan = [UnknownOutcome("meta", "timeout"), UnknownOutcome("meta", "timeout")]
    await house.deliver()
    await house.deliver(after_s=10)
    second_at = house.clock.now()
    first, second = house.whatsapp.sent
    assert (first.resent_count, second.resent_count) == (0, 1)
    [row] = await house.rows()
    assert (row["state"], row["resent_count"], row["unknown_since"]) == ("unknown", 1, second_at)
    await house.deliver(after_s=10)
    assert house.whatsapp.looked_for[-1].attempted_at == second_at, "the second attempt is the one that may be lost"


async def test_what_a_status_ended_while_it_was_looked_for_is_not_sent_again(house: House) -> None:
    await house.say()
    house.whatsapp.plan = [UnknownOutcome("meta", "timeout")]
    await house.deliver()

    async def look(message: Outbound) -> Receipt | None:
        async with house.db.tx(message.actor) as tx:
            await tx.run("UPDATE outbound_messages SET state = 'delivered' WHERE id = $1", message.id)
        return None

    house.whatsapp.reconcile = look  # type: ignore[method-assign]  # the status comes at this very moment
    assert await house.deliver(after_s=10) == 1
    assert len(house.whatsapp.sent) == 1
    assert await house.states() == ["delivered"]


async def test_the_listener_hears_every_outcome_in_order(house: House) -> None:
    for _ in range(3):
        await house.say()
    house.whatsapp.plan = [UnknownOutcome("meta", "timeout"), PermanentFailure("meta", "131047"), NOTHING_TO_SEND]
    await house.deliver()
    await house.deliver(after_s=10)
    assert house.listener.heard == [
        ("unknown", "meta: timeout"),
        ("failed", "meta: 131047"),
        ("cancelled", None),
        ("sent", "wamid.4"),
    ]
    assert await house.states() == ["failed", "cancelled", "sent"]
    assert await house.noted() == "sent"


async def test_giving_up_is_told_too(house: House) -> None:
    await house.say()
    house.whatsapp.plan = [TransientFailure("meta", "131016")]
    await house.deliver(after_s=25 * 3600)
    assert house.listener.heard == [("failed", "given up: meta: 131016")]


async def test_a_listener_that_fails_takes_the_outcome_back_with_it(house: House) -> None:
    await house.say()
    house.listener.is_broken = True
    with pytest.raises(RuntimeError):
        await house.deliver()
    assert await house.states() == ["sending"], "told and noted in one transaction, or neither"
    assert await house.noted() == ""
    house.listener.is_broken = False
    house.whatsapp.looks = [Receipt(1, 1, ref="wamid.1")]
    assert await house.deliver(after_s=31) == 1
    assert (await house.states(), await house.noted()) == (["sent"], "sent")


async def test_the_listener_is_not_told_of_discord(house: House) -> None:
    async with house.db.tx(house.shop.act("owner")) as tx:
        await post_notice(tx, house.clock, Purpose.LOG, Kind.SETUP_TEST, {})
    await house.outbox.deliver_lane(house.shop.tenant.id, "channel:log", "job")
    assert await house.states() == ["sent"]
    assert house.listener.heard == []


async def test_a_thread_made_on_the_way_is_remembered_and_used_by_the_next(house: House) -> None:
    message_id = uuid7()
    async with house.db.tx(house.shop.act("owner")) as tx:
        await post_thread_card(tx, house.clock, house.conversation_id, Kind.CONVERSATION_MESSAGE, message_id)
        await post_in_thread(tx, house.clock, house.conversation_id, Kind.CONVERSATION_NOTICE, {"what": "closed"})
    house.discord.plan = [Receipt(THREAD[0], 7003, thread=THREAD), Receipt(THREAD[0], 7004)]
    assert await house.deliver("conversation") == 2
    assert [message.thread_id for message in house.discord.sent] == [None, THREAD[0]]


async def test_when_the_thread_is_gone_everything_in_it_is_forgotten_and_a_new_one_is_made(house: House) -> None:
    message_id = uuid7()
    async with house.db.tx(house.shop.act("owner")) as tx:
        await post_thread_card(tx, house.clock, house.conversation_id, Kind.CONVERSATION_MESSAGE, message_id)
    house.discord.plan = [Receipt(THREAD[0], 7003, thread=THREAD)]
    await house.deliver("conversation")
    async with house.db.tx(house.shop.act("owner")) as tx:
        await post_thread_card(tx, house.clock, house.conversation_id, Kind.CONVERSATION_MESSAGE, message_id)
    house.discord.plan = [PermanentFailure("discord", THREAD_IS_GONE), Receipt(8001, 8003, thread=(8001, 8002))]
    assert await house.deliver("conversation") == 2
    lost, fresh = house.discord.sent[1:]
    assert (lost.thread_id, lost.card) == (THREAD[0], (THREAD[0], 7003))
    assert (fresh.thread_id, fresh.card) == (None, None), "its card stood in the thread that is gone"
    assert await house.states() == ["sent", "sent"]
    async with house.db.tx(house.shop.owner) as tx:
        cards = await tx.rows("SELECT channel_id, message_id FROM posted_cards ORDER BY message_id")
    assert [(row["channel_id"], row["message_id"]) for row in cards] == [(8001, 8002), (8001, 8003)]
