"""Discord says no: what can be repeated is delivered once and in order, what cannot ends with its reason."""

import pytest

from domain.tenancy.dto import Purpose
from tests.e2e.company import Company, done, press, spoken
from tests.e2e.house import House
from tests.e2e.world import World, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
NUMBERS = tuple(range(9001, 9009))
POST_REFUSALS = [(429, 2), (500, 1), (500, 2), (503, 2)]
EDIT_REFUSALS = [(429, 2), (500, 1), (500, 2), (503, 1)]


@pytest.mark.parametrize(("status", "times"), POST_REFUSALS)
async def test_messages_that_discord_refuses_for_now_arrive_once_and_in_order(
    world: World, company: Company, house: House, status: int, times: int
) -> None:
    world.emulator.faults.fail("POST", f"/channels/{company.channels[Purpose.LOG].id}/messages", status, times=times)
    await company.notices(*NUMBERS)
    await company.sound()
    assert tuple(company.noticed) == NUMBERS


@pytest.mark.parametrize(("status", "times"), EDIT_REFUSALS)
async def test_a_card_whose_edit_is_refused_for_now_shows_the_last_state_in_the_end(
    world: World, company: Company, house: House, status: int, times: int
) -> None:
    order = await company.order()
    card = await company.card(order.code)
    await company.sound()
    world.emulator.faults.fail("PATCH", f"/channels/{company.orders.id}/messages/{card.id}", status, times=times)
    await done(await press(company.ana, card, "order.claim"))
    await done(await company.ana.slash(company.lobby, "order release", {"code": order.code, "reason": "ill"}))
    await company.sound()
    assert await company.events(order.code) == ["create", "publish", "claim", "release"]
    assert "Ana" not in (await company.card(order.code)).text
    assert "Claim" in [button.label for button in card.buttons]


async def test_a_post_that_was_accepted_but_answered_with_an_error_is_found_and_not_posted_again(
    world: World, company: Company, house: House
) -> None:
    log = company.channels[Purpose.LOG]
    hold = world.emulator.faults.hold("POST", f"/channels/{log.id}/messages", is_served=True, times=1)
    await company.notices(*NUMBERS)
    await eventually(lambda: hold.caught_count)  # the answer never comes: the sender gives up and looks for it
    await company.sound()
    assert tuple(company.noticed) == NUMBERS


async def test_rate_limits_slow_a_burst_down_without_losing_or_doubling_anything(
    world: World, company: Company, house: House
) -> None:
    limits = world.emulator.ratelimits
    limits.set("POST", "/channels/{channel_id}/messages", 3, 0.5)
    limits.enabled = True
    try:
        await company.notices(*NUMBERS)
        await company.sound()
    finally:
        limits.enabled = False
    assert tuple(company.noticed) == NUMBERS


async def test_a_deleted_channel_gives_way_to_the_log_channel_which_is_told(
    world: World, company: Company, house: House
) -> None:
    company.guild.remove_channel(company.orders)
    order = await company.order()
    log = company.channels[Purpose.LOG]
    await eventually(lambda: any(button.label == "Claim" for message in log.messages for button in message.buttons))
    await company.notices(*NUMBERS)
    claimed = await done(await company.ana.slash(company.lobby, "claim", {"code": order.code}))
    assert f"#{order.code}" in claimed.text
    assert await company.events(order.code) == ["create", "publish", "claim"]
    await company.sound()
    assert tuple(company.noticed) == NUMBERS
    assert any("no channel" in message.text for message in spoken(log))


async def test_a_forbidden_channel_is_told_once_holds_nobody_up_and_shows_all_when_it_is_permitted_again(
    world: World, company: Company, house: House
) -> None:
    path = f"/channels/{company.orders.id}/messages"
    world.emulator.faults.fail("POST", path, 403, code=50013, message="Missing Permissions")
    order = await company.order()
    await company.notices(*NUMBERS)
    log = company.channels[Purpose.LOG]
    await eventually(lambda: any("Not shown in" in message.text for message in spoken(log)))
    await eventually(lambda: tuple(company.noticed) == NUMBERS)
    assert await waiting(company) == ["discord: not_permitted"]

    world.emulator.faults.clear()  # somebody gave the permission back: the next change posts the card at once
    await done(await company.ana.slash(company.lobby, "claim", {"code": order.code}))
    await company.card(order.code, "Ana")
    await company.sound()
    assert sum("Not shown in" in message.text for message in spoken(log)) == 1


async def test_a_card_that_a_person_deleted_is_posted_anew_at_the_next_change(
    world: World, company: Company, house: House
) -> None:
    order = await company.order()
    await company.olivia.delete(await company.card(order.code))
    assert company.cards(order.code) == []
    await done(await company.ana.slash(company.lobby, "claim", {"code": order.code}))
    card = await company.card(order.code, "Ana")
    await company.sound(deleted_count=1)
    await done(await press(company.diego, card, "order.details"))
    assert len(spoken(company.orders)) == 1


async def waiting(company: Company) -> list[str]:
    """Why what waits does."""
    sql = "SELECT error FROM guildhall.outbound_messages WHERE tenant_id = $1 AND state = 'queued' ORDER BY position"
    return [row[0] for row in await company.world.rows(sql, company.tenant_id)]
