"""Claiming: exactly one winner, and everybody else is told."""

import asyncio

from domain.kernel.roles import Role
from domain.orders.dto import NewOrder, OrderState
from sandbox.discord import Person
from tests.integration.bot.harness import labels, running_bot
from tests.integration.bot_orders.floor import Floor, answers


async def test_of_two_who_press_at_the_same_moment_one_wins_and_the_other_is_told_who(floor: Floor) -> None:
    card = await floor.posted()
    ana, bruno = await asyncio.gather(floor.ana.click(card, "Claim"), floor.bruno.click(card, "Claim"))
    await floor.stage.settled(ana)
    order = await floor.order()
    assert order.state is OrderState.CLAIMED
    winner, loser = (ana, bruno) if order.booster_name == "Ana" else (bruno, ana)
    assert "Order #1 is yours" in winner.text
    assert f"{order.booster_name} has order #1 already. It was not claimed for you." in loser.text
    assert "order.already_claimed" in loser.text
    assert winner.ephemeral
    assert loser.ephemeral


async def test_the_claim_button_works_after_the_bot_was_restarted(floor: Floor) -> None:
    card = await floor.posted()
    await floor.stage.bot.close()
    async with running_bot(floor.stage.emulator, floor.stage.services, floor.stage.hashes) as bot:
        reply = await floor.ana.click(card, "Claim")
        await bot.drain(5)
        assert "Order #1 is yours" in reply.text
        details = await floor.ana.click(reply, "Progress")
        assert details.modal is not None
    assert (await floor.order()).booster_name == "Ana"


async def test_a_booster_whose_role_was_taken_away_cannot_claim(floor: Floor) -> None:
    card = await floor.posted()
    details = await floor.click(floor.ana, card, "Details")
    take_role(floor, floor.ana, Role.BOOSTER)
    for reply in (await floor.click(floor.ana, card, "Claim"), await floor.click(floor.ana, details, "Claim")):
        assert "permission.denied" in answers(reply)
    assert (await floor.order()).state is OrderState.OPEN


async def test_a_form_opened_before_the_role_was_taken_away_changes_nothing(floor: Floor) -> None:
    card = await floor.claimed()
    details = await floor.click(floor.dani, card, "Details")
    opened = await floor.click(floor.dani, details, "Pause")
    take_role(floor, floor.dani, Role.DISPATCHER)
    refused = await floor.submit(floor.dani, opened, {"reason": "exams"})
    assert "permission.denied" in answers(refused)
    assert (await floor.order()).state is OrderState.CLAIMED


async def test_a_suspended_booster_is_told_so(floor: Floor) -> None:
    card = await floor.posted()
    owner, staff = await floor.stage.as_owner(), floor.stage.services.staff
    await floor.slash(floor.ana, "me")
    [ana] = [member for member in (await staff.list(owner, 1)).rows if member.name == "Ana"]
    await staff.suspend(owner, ana.id, "away")
    assert "member.suspended" in (await floor.click(floor.ana, card, "Claim")).text
    assert (await floor.order()).state is OrderState.OPEN


async def test_a_dispatcher_has_no_claim_button_and_is_refused(floor: Floor) -> None:
    card = await floor.posted()
    details = await floor.click(floor.dani, card, "Details")
    assert labels(details.message) == ["More days", "Cancel order"]
    assert "permission.denied" in (await floor.click(floor.dani, card, "Claim")).text


async def test_claiming_by_command_and_suggestions(floor: Floor) -> None:
    await floor.posted()
    await floor.posted(account="", target="E1", start="P4")
    await floor.claimed(floor.bruno, account="", target="P1", start="P4")
    found = await floor.ana.autocomplete(floor.orders, "claim", "code")
    assert [(choice["name"], choice["value"]) for choice in found] == [("#2 · P4 → E1", 2), ("#1 · E4 → D1", 1)]
    assert [choice["value"] for choice in await floor.ana.autocomplete(floor.orders, "claim", "code", "E1")] == [2]
    [nothing] = await floor.ana.autocomplete(floor.orders, "claim", "code", "zzz")
    assert nothing["name"].startswith("Nothing found.")
    refused = await floor.slash(floor.ana, "claim", {"code": nothing["value"]})
    assert "order.unknown" in refused.text
    assert "Order #2 is yours" in (await floor.slash(floor.ana, "claim", {"code": 2})).text
    late = await floor.slash(floor.ana, "claim", {"code": 3})
    assert "Bruno has order #3 already." in late.text


async def test_suggestions_show_prices_and_customers_to_staff_only(floor: Floor) -> None:
    await floor.claimed()
    [mine] = await floor.ana.autocomplete(floor.orders, "order show", "code")
    assert mine["name"] == "#1 · E4 → D1 · Under way · yours"
    [theirs] = await floor.bruno.autocomplete(floor.orders, "order show", "code")
    assert theirs["name"] == "#1 · E4 → D1 · Under way · Ana"
    [staff] = await floor.dani.autocomplete(floor.orders, "order show", "code")
    assert staff["name"] == "#1 · E4 → D1 · Under way · Ana · Marta · $45.00"
    divisions = await floor.ana.autocomplete(floor.orders, "order complete", "division", "e", {"code": 1})
    assert [choice["value"] for choice in divisions] == ["E1", "E2", "E3", "E4"]


async def test_another_shops_order_is_as_unknown_as_one_that_never_was(floor: Floor) -> None:
    from tests.fixtures.shop import found_shop

    other = await found_shop(floor.stage.db, floor.stage.clock, guild_id=2002, name="Other Shop")
    for _ in range(3):
        order = await floor.stage.services.orders.create(other.act("seller"), NewOrder("Secret", "E4", "D1"))
        await floor.stage.services.orders.publish(other.act("seller"), order.code)
    card = await floor.posted()
    assert "order.unknown" in (await floor.slash(floor.ana, "claim", {"code": 3})).text
    shown = await floor.slash(floor.dani, "order show", {"code": 2})
    assert "There is no such order in this shop. Nothing was changed." in shown.text
    assert "Secret" not in shown.text
    found = await floor.dani.autocomplete(floor.orders, "order show", "code")
    assert [choice["value"] for choice in found] == [1]
    assert "order.unknown" in await floor.press_forged(floor.ana, card, "v1:order.claim:3")
    assert "card.out_of_date" in await floor.press_forged(floor.ana, card, f"v1:order.claim:{order.id.hex}")
    assert (await floor.stage.services.orders.get(other.owner, 3)).order.state is OrderState.OPEN


def take_role(floor: Floor, who: Person, role: Role) -> None:
    """Take the Discord role that carries one of ours."""
    [discord_role] = [r for r in floor.stage.guild.roles.values() if r.name == role.value.title()]
    floor.stage.guild.take_role(who, discord_role)
