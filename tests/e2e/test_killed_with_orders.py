"""kill -9 at each step of an order's life: after the next start it is done once, nothing lost, nothing doubled."""

import asyncio

import pytest

from sandbox.discord.driver.reply import NO_ANSWER
from tests.e2e.company import Company, asked_to_complete, done, drafted, press
from tests.e2e.house import House
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
POSTS = "/channels/*/messages"
EDITS = "/channels/*/messages/*"


async def test_an_order_whose_writing_was_killed_does_not_exist_and_is_written_again(
    world: World, company: Company, house: House
) -> None:
    async with world.held_before_commit(company.tenant_id) as somebody_waits:
        writing = asyncio.create_task(drafted(company))
        await somebody_waits()
        await house.kill9()
    writing.cancel()
    await world.start()

    assert await company.count("orders") == 0
    await drafted(company)
    assert (await company.state(1), await company.events(1)) == ("draft", ["create"])
    assert company.cards(1) == []
    await company.sound()


async def test_a_post_killed_before_its_commit_leaves_a_draft_that_can_be_posted(
    world: World, company: Company, house: House
) -> None:
    draft = await drafted(company)
    async with world.held_before_commit(company.tenant_id) as somebody_waits:
        pressing = asyncio.create_task(press(company.diego, draft, "order.post"))
        await somebody_waits()
        await house.kill9()
    await pressing
    await world.start()

    assert (await company.state(1), company.cards(1)) == ("draft", [])
    shown = await done(await company.diego.slash(company.lobby, "order show", {"code": 1}))
    await done(await press(company.diego, shown, "order.post"))
    await company.card(1, "#1")
    assert await company.events(1) == ["create", "publish"]
    await company.sound()


@pytest.mark.parametrize("is_served", [False, True], ids=["before it arrived", "when it had arrived unanswered"])
async def test_a_card_whose_posting_was_killed_stands_once(
    world: World, company: Company, house: House, is_served: bool
) -> None:
    hold = world.emulator.faults.hold("POST", POSTS, is_served=is_served)
    draft = await drafted(company)
    await done(await press(company.diego, draft, "order.post"))
    await eventually(lambda: hold.caught_count)
    await house.kill9()
    await eventually(lambda: len(company.cards(1)) == is_served)
    world.emulator.faults.clear()
    await world.start()

    await company.sound()
    assert len(company.cards(1)) == 1
    assert await company.events(1) == ["create", "publish"]
    await done(await press(company.ana, await company.card(1), "order.claim"))
    await company.card(1, "Ana")
    await company.sound()


async def test_a_claim_killed_before_its_commit_leaves_the_order_open_for_the_next_press(
    world: World, company: Company, house: House
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    async with world.held_before_commit(company.tenant_id) as somebody_waits:
        reply = await press(company.ana, card, "order.claim")
        await somebody_waits()
        await house.kill9()
    await world.start()

    assert await company.state(order.code) == "open"
    assert await company.events(order.code) == ["create", "publish"]
    assert reply.message is not None
    assert reply.message.loading, "the first press was never answered"
    await done(await press(company.bruno, card, "order.claim"))
    await company.card(order.code, "Bruno")
    assert await company.events(order.code) == ["create", "publish", "claim"]
    await company.sound()


@pytest.mark.parametrize("is_served", [False, True], ids=["before the edit", "when the edit was unanswered"])
async def test_a_claim_killed_after_its_commit_is_shown_once(
    world: World, company: Company, house: House, is_served: bool
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    await company.sound()
    hold = world.emulator.faults.hold("PATCH", EDITS, is_served=is_served)
    reply = await done(await press(company.ana, card, "order.claim"))
    await eventually(lambda: hold.caught_count)
    await house.kill9()
    world.emulator.faults.clear()
    await world.start()

    assert f"#{order.code}" in reply.text
    await company.card(order.code, "Ana")
    again = await done(await company.bruno.slash(company.lobby, "claim", {"code": order.code}))
    assert "already_claimed" in again.text
    assert (await company.state(order.code), await company.events(order.code)) == (
        "claimed", ["create", "publish", "claim"],
    )  # fmt: skip
    await company.sound()


async def test_a_claim_committed_where_nothing_delivers_is_delivered_by_the_next_process(
    world: World, company: Company, house: House
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    await company.sound()
    assert await house.close() == 0
    door_only = await world.start("bot", "web")
    await done(await press(company.ana, card, "order.claim"))
    await door_only.kill9()
    assert (await company.outbox())["queued"] > 0
    assert "Ana" not in card.text

    await world.start()
    await company.card(order.code, "Ana")
    assert await company.events(order.code) == ["create", "publish", "claim"]
    await company.sound()


async def test_a_completion_killed_before_its_commit_changes_nothing_and_works_the_second_time(
    world: World, company: Company, house: House
) -> None:
    order = await company.claimed(company.ana)
    asked = await asked_to_complete(company, order.code)
    async with world.held_before_commit(company.tenant_id) as somebody_waits:
        pressing = asyncio.create_task(press(company.diego, asked, "order.complete"))
        await somebody_waits()
        await house.kill9()
    await pressing
    await world.start()

    assert (await company.state(order.code), await company.entries()) == ("claimed", {})
    asked = await asked_to_complete(company, order.code)
    await done(await press(company.diego, asked, "order.complete"))
    assert (await company.state(order.code), await company.entries()) == ("completed", {"completion": 1})
    assert await company.balance("booster_payable") == -3500
    await company.card(order.code, "✅")
    await company.sound()


async def test_a_completion_killed_after_its_commit_is_booked_once_and_its_card_follows(
    world: World, company: Company, house: House
) -> None:
    order = await company.claimed(company.ana)
    await company.card(order.code, "Ana")
    await company.sound()
    hold = world.emulator.faults.hold("*", "/channels/*/messages*", is_served=True)
    asked = await asked_to_complete(company, order.code)
    await done(await press(company.diego, asked, "order.complete"))
    await eventually(lambda: hold.caught_count)
    await house.kill9()
    world.emulator.faults.clear()
    await world.start()

    again = await done(await company.diego.slash(
        company.lobby, "order complete", {"code": order.code, "division": "D1", "win-rate": 72.0}
    ))  # fmt: skip
    assert "is_completed" in again.text
    assert (await company.state(order.code), await company.entries()) == ("completed", {"completion": 1})
    await company.card(order.code, "✅")
    await company.sound()


async def test_nobody_answers_while_the_house_is_down_and_the_same_button_works_afterwards(
    world: World, company: Company, house: House
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    await house.kill9()
    assert (await press(company.ana, card, "order.claim")).text == NO_ANSWER
    await world.start()
    await done(await press(company.ana, card, "order.claim"))
    assert await company.events(order.code) == ["create", "publish", "claim"]
    await company.sound()
