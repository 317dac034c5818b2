"""/staff limits through the real client: what a booster may take on."""

from uuid import UUID

import pytest

from bot.ui.limit_cards import allowed_choices, limits_form, read_divisions, read_live_limit
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.kernel.errors import DomainError, InvalidInput
from domain.kernel.roles import Role
from domain.orders.dto import NewOrder
from domain.staff.dto import Limits, StaffMember
from sandbox.discord import Person, Reply
from tests.integration.bot.harness import Stage, labels


async def booster(stage: Stage) -> tuple[Person, StaffMember]:
    person = stage.emulator.add_person("ana")
    stage.guild.join(person)
    member = await stage.services.staff.add(await stage.as_owner(), person.id, "Ana", Role.BOOSTER)
    return person, member


async def opened(stage: Stage, by: Person | None = None) -> Reply:
    """The card of the first member whose name begins with Ana."""
    who = by or stage.olivia
    found = await stage.olivia.autocomplete(stage.lobby, "staff limits", "member", "ana")
    return await stage.settled(await who.slash(stage.lobby, "staff limits", {"member": found[0]["value"]}))


async def act_as(stage: Stage, person: Person, step: str) -> Actor:
    return await stage.services.tenancy.identify(await stage.tenant_id(), person.id, "Ana", (), step, "en")


async def limits_of(stage: Stage, member_id: UUID) -> Limits:
    return (await stage.services.staff.get(await stage.as_owner(), member_id)).limits


async def test_limits_are_shown_changed_and_hold_for_the_next_claim(shop_stage: Stage) -> None:
    person, member = await booster(shop_stage)
    card = await opened(shop_stage)
    assert card.ephemeral
    assert card.text == (
        "### What Ana may take on\n**Divisions**: all\n**Orders at once**: 3, as the shop · 0 under way now\n"
        "**Ranking**: takes part"
    )
    form = await shop_stage.olivia.click(card, "Change")
    filled = {"divisions": ["E4", "E3"], "live": "1", "ranked": False}
    done = await shop_stage.settled(await shop_stage.olivia.submit(form, filled))
    assert "✅ Saved. It counts for what they claim and complete from now on" in done.text
    assert (
        "**Divisions**: E3, E4\n**Orders at once**: 1 · 0 under way now\n**Ranking**: does not take part" in done.text
    )
    assert await limits_of(shop_stage, member.id) == Limits(1, ("E3", "E4"), is_ranked=False)

    owner, orders = await shop_stage.as_owner(), shop_stage.services.orders
    order = await orders.create(owner.for_step("new"), NewOrder("Marta", "E4", "D1"))
    await orders.publish(owner.for_step("post"), order.code)
    with pytest.raises(DomainError, match=r"order\.division_not_yours") as refused:
        await orders.claim(await act_as(shop_stage, person, "claim"), order.code)
    assert "with /staff limits." in Reader("en")("error.order.division_not_yours", **refused.value.params)

    again = await shop_stage.olivia.click(done, "Change")
    done = await shop_stage.settled(
        await shop_stage.olivia.submit(again, {"divisions": [], "live": "", "ranked": True})
    )
    assert "**Divisions**: all\n**Orders at once**: 3, as the shop" in done.text
    assert (await orders.claim(await act_as(shop_stage, person, "claim again"), order.code)).booster_name == "Ana"


async def test_the_form_opens_with_what_holds_and_sent_as_it_is_changes_nothing(shop_stage: Stage) -> None:
    _, member = await booster(shop_stage)
    limits = Limits(2, ("D1", "OLD 1"), is_ranked=True)  # OLD 1: in no tariff any more
    await shop_stage.services.staff.set_limits(await shop_stage.as_owner(), member.id, limits)
    form = await shop_stage.olivia.click(await opened(shop_stage), "Change")
    done = await shop_stage.settled(await shop_stage.olivia.submit(form, {}))
    assert "**Divisions**: D1, OLD 1\n**Orders at once**: 2 ·" in done.text
    assert await limits_of(shop_stage, member.id) == limits


async def test_a_form_that_somebody_overtook_saves_nothing_and_shows_what_holds(shop_stage: Stage) -> None:
    _, member = await booster(shop_stage)
    form = await shop_stage.olivia.click(await opened(shop_stage), "Change")
    await shop_stage.services.staff.set_limits(await shop_stage.as_owner(), member.id, Limits(7))
    reply = await shop_stage.settled(await shop_stage.olivia.submit(form, {"live": "1", "ranked": True}))
    assert "⚠️ **Somebody else changed this meanwhile. Nothing of yours was saved." in reply.text
    assert "**Orders at once**: 7 ·" in reply.text
    assert labels(reply.message) == ["Change"]
    assert await limits_of(shop_stage, member.id) == Limits(7)


@pytest.mark.parametrize("typed", ["0", "101", "many", "-1", "1.5"])
async def test_a_number_of_orders_out_of_range_is_refused(shop_stage: Stage, typed: str) -> None:
    _, member = await booster(shop_stage)
    form = await shop_stage.olivia.click(await opened(shop_stage), "Change")
    reply = await shop_stage.settled(await shop_stage.olivia.submit(form, {"live": typed, "ranked": True}))
    assert "The limit of orders under way goes from 1 to 100. Nothing was changed." in reply.followups[0].text
    assert await limits_of(shop_stage, member.id) == Limits()


async def test_only_who_leads_may_look_and_who_lost_the_role_cannot_send_the_form(shop_stage: Stage) -> None:
    _, member = await booster(shop_stage)
    dora = await shop_stage.join("dora", Role.DISPATCHER)
    refused = await opened(shop_stage, dora)
    assert "permission.denied" in refused.text

    marta = await shop_stage.join("marta", Role.ADMIN)
    card = await opened(shop_stage, marta)
    form = await marta.click(card, "Change")
    other = shop_stage.guild.add_role("Other")
    await shop_stage.services.tenancy.bind_role(await shop_stage.as_owner(), Role.ADMIN, other.id)
    reply = await shop_stage.settled(await marta.submit(form, {"live": "1", "ranked": True}))
    assert "permission.denied" in reply.followups[0].text
    assert await limits_of(shop_stage, member.id) == Limits()


async def test_somebody_typed_past_the_suggestions_is_refused(shop_stage: Stage) -> None:
    reply = await shop_stage.settled(
        await shop_stage.olivia.slash(shop_stage.lobby, "staff limits", {"member": "nobody"})
    )
    assert "staff.unknown" in reply.text


async def test_a_ladder_longer_than_a_menu_is_typed(shop_stage: Stage) -> None:
    _, member = await booster(shop_stage)
    member = await shop_stage.services.staff.set_limits(
        await shop_stage.as_owner(), member.id, Limits(divisions=("L3", "L4"))
    )
    ladder = [f"L{number}" for number in range(30)]
    form = limits_form(Reader("en"), member, ladder, 3)
    assert form.to_dict()["components"][0]["component"]["value"] == "L3, L4"
    assert read_divisions(("l1, L2 ;l3",), allowed_choices(member, ladder)) == ("L1", "L2", "L3")
    assert read_divisions((), ladder) == ()
    with pytest.raises(InvalidInput, match=r"tariff\.unknown_division"):
        read_divisions(("L1, L99",), ladder)
    assert (read_live_limit(""), read_live_limit("4"), read_live_limit("four")) == (None, 4, 0)
