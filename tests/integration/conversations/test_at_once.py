"""Statuses of many, outcomes and merges meet in the same rows: nobody waits in a circle, and nothing passes by."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from domain.conversations import early, messages
from domain.conversations.dto import Conversation
from domain.conversations.inbound import PhoneEcho
from domain.kernel.db import Tx
from tests.fixtures.inbox import Inbox

T = TypeVar("T")
OUTBOUND = "SELECT id FROM outbound_messages WHERE channel = 'whatsapp' ORDER BY position"
HOLD_OUTBOUND = "SELECT 1 FROM outbound_messages WHERE id = $1 FOR UPDATE"
HOLD_CONVERSATION = "SELECT 1 FROM conversations WHERE id = $1 FOR NO KEY UPDATE"


async def _queued(inbox: Inbox, number: int = 0, **more: object) -> Conversation:
    """A conversation whose answer waits to be sent."""
    found = await inbox.receive(inbox.message("hola", wa_id=f"3460022{number:04}", **more), lane=str(number))
    await inbox.answer(found)
    return found


async def _sent(inbox: Inbox, count: int) -> list[UUID]:
    """Answers to several people that left; their rows in the outbox."""
    for number in range(count):
        await inbox.deliver(await _queued(inbox, number))
    return [row["id"] for row in await inbox.rows(OUTBOUND)]


async def _waits(inbox: Inbox, work: Awaitable[T]) -> asyncio.Task[T]:
    """Begin something that has to wait for what the caller holds."""
    task = asyncio.ensure_future(work)
    async with asyncio.timeout(20):
        while not await inbox.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not task.done(), "it waited for nobody"
            await asyncio.sleep(0.01)
    return task


async def _touch_number(inbox: Inbox, tx: Tx) -> None:
    await tx.run("UPDATE channel_accounts SET throughput_mps = throughput_mps WHERE id = $1", inbox.account_id)


async def test_an_outcome_waits_for_what_the_provider_is_saying_of_it_at_this_moment(inbox: Inbox) -> None:
    found = await _queued(inbox)
    async with inbox.db.tx(inbox.system) as tx:
        assert await messages.hold_provider_id(tx, inbox.account_id, "wamid.out.1") is None
        delivery = await _waits(inbox, inbox.deliver(found))
        news = early.status_news("delivered", None)
        await early.keep(tx, inbox.account_id, "wamid.out.1", "status", news, inbox.clock.now())
    assert await delivery == 1
    assert (await inbox.messages(found))[-1].state == "delivered"


async def test_a_merge_and_an_outcome_that_opens_the_days_of_an_ad_both_end(inbox: Inbox) -> None:
    found = await _queued(inbox, referral={"source_type": "ad", "source_id": "1"})
    async with inbox.db.tx(inbox.system) as tx:
        await tx.run(HOLD_CONVERSATION, found.id)
        delivery = await _waits(inbox, inbox.deliver(found))
        await tx.run("UPDATE messages SET conversation_id = conversation_id WHERE conversation_id = $1", found.id)
    assert await delivery == 1
    assert (await inbox.messages(found))[-1].state == "sent"
    assert (await inbox.conversation(found.id)).free_entry_until is not None


async def test_who_waits_for_a_message_has_not_taken_the_numbers_row(inbox: Inbox) -> None:
    outbound_ids = await _sent(inbox, 2)
    inbox.clock.advance(timedelta(minutes=1))
    told = [inbox.status("read", f"wamid.out.{number}", outbound_id=str(found))
            for number, found in enumerate(outbound_ids, start=1)]  # fmt: skip
    await inbox.store(*told, lane="status:0", kind="status")
    async with inbox.db.tx(inbox.system) as tx:
        await tx.run(HOLD_OUTBOUND, outbound_ids[1])
        taking = await _waits(inbox, inbox.take("status:0"))
        await _touch_number(inbox, tx)
    assert await taking == 2
    heard_at = await inbox.value("SELECT last_inbound_at FROM channel_accounts WHERE id = $1", inbox.account_id)
    assert heard_at == inbox.clock.now()


async def test_an_echo_that_waits_has_not_taken_the_numbers_row_either(inbox: Inbox) -> None:
    await inbox.store(PhoneEcho(inbox.message("eco", provider_id="wamid.echo")), kind="echo")
    async with inbox.db.tx(inbox.system) as tx:
        await messages.hold_provider_id(tx, inbox.account_id, "wamid.echo")
        taking = await _waits(inbox, inbox.take())
        await _touch_number(inbox, tx)
    assert await taking == 1


async def test_statuses_of_many_in_crossing_order_with_outcomes_under_way_all_count(inbox: Inbox) -> None:
    found = [await _queued(inbox, number) for number in range(6)]
    told = [inbox.status(status, f"wamid.out.{number}")
            for status in ("read", "sent", "delivered") for number in range(1, 7)]  # fmt: skip
    await inbox.store(*told[::2], lane="status:0", kind="status")
    await inbox.store(*reversed(told[1::2]), lane="status:1", kind="status")
    await asyncio.gather(inbox.take("status:0"), inbox.take("status:1"), *map(inbox.deliver, found))
    states = await inbox.rows("SELECT state FROM messages WHERE direction = 'out'")
    assert [row["state"] for row in states] == ["read"] * 6
    assert await inbox.value("SELECT count(*) FROM inbound_events WHERE kind = 'status' AND state = 'done'") == 18
    assert await inbox.value("SELECT count(*) FROM early_news") == 0
