"""A customer who has a live order gets another one only when somebody says so."""

import asyncio

from domain.kernel.errors import Conflict
from domain.orders.dto import NewOrder, OrderState
from sandbox.discord import Channel
from sandbox.discord.driver.reply import Reply
from tests.integration.bot.harness import labels
from tests.integration.bot_inbox.desk import Desk

WANTED = {"customer": "Marta", "start": "E4", "target": "D1"}


async def _draft(desk: Desk, thread: Channel) -> Reply:
    return await desk.submit(desk.sole, await desk.click(desk.sole, thread.messages[0], "New order"), WANTED)


async def _states(desk: Desk) -> list[str]:
    async with desk.stage.db.tx(await desk.system()) as tx:
        return [row["state"] for row in await tx.rows("SELECT state FROM orders ORDER BY code")]


async def test_a_draft_beside_a_live_order_names_it_and_is_posted_only_as_another_one(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    await desk.click(desk.sole, await _draft(desk, thread), "Post")
    second = await _draft(desk, thread)
    assert "This customer has order #1 already: E4 → D1, Open." in second.text
    assert "Post" not in labels(second.message)
    posted = await desk.click(desk.sole, second, "Post another one")
    assert "Order #2 is open." in posted.text
    assert await _states(desk) == ["open", "open"]


async def test_two_drafts_written_before_either_was_posted_are_not_both_posted_unseen(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    first, second = await _draft(desk, thread), await _draft(desk, thread)
    assert "already" not in first.text + second.text
    await desk.click(desk.sole, first, "Post")
    asked = await desk.click(desk.sole, second, "Post")
    assert "This customer has order #1 already" in asked.text
    assert await _states(desk) == ["open", "draft"]
    await desk.click(desk.sole, asked, "Discard")
    assert await _states(desk) == ["open", "cancelled"]


async def test_two_drafts_posted_at_once_leave_one(desk: Desk) -> None:
    conversation, _ = await desk.shown("hola")
    orders = desk.stage.services.orders
    for _ in range(3):
        new = NewOrder("Marta", "E4", "D1", contact_id=conversation.contact_id)
        codes = [(await orders.create(await desk.seller(), new)).code for _ in range(2)]
        done = await asyncio.gather(
            *[orders.publish(await desk.seller(), code) for code in codes], return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in done) == ["Conflict", "Order"]
        [refused] = [one for one in done if isinstance(one, Conflict)]
        assert refused.code == "order.has_live"
        for code in codes:
            if (await orders.get(await desk.seller(), code)).order.state is OrderState.OPEN:
                await orders.cancel(await desk.stage.as_owner(), code, "again")


async def test_what_ended_or_is_somebody_elses_asks_nothing(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    orders = desk.stage.services.orders
    await orders.create(await desk.seller(), NewOrder("Walk-in", "E4", "D1"))
    await orders.publish(await desk.seller(), 1)
    await desk.click(desk.sole, await _draft(desk, thread), "Post")
    await orders.cancel(await desk.stage.as_owner(), 2, "changed their mind")
    again = await _draft(desk, thread)
    assert "already" not in again.text
    assert "Order #3 is open." in (await desk.click(desk.sole, again, "Post")).text
    assert (await orders.get(await desk.seller(), 3)).order.contact_id == conversation.contact_id


async def test_the_hint_stays_while_the_draft_is_put_right(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    await desk.click(desk.sole, await _draft(desk, thread), "Post")
    edit = await desk.click(desk.sole, await _draft(desk, thread), "Edit")
    edited = await desk.submit(desk.sole, edit, {**WANTED, "target": "D2"})
    assert "This customer has order #1 already" in edited.text
    assert "Post another one" in labels(edited.message)
