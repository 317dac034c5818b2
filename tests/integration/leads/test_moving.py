"""Leads and orders follow their person."""

from datetime import timedelta

import pytest

from domain.contacts.dto import Contact
from domain.leads.dto import Stage
from domain.orders.dto import NewOrder
from domain.orders.service import OrderService
from tests.integration.leads.floor import Floor


async def two(floor: Floor) -> tuple[Contact, Contact]:
    kept = await floor.door.comes("Ana", wa_id="34600111222")
    floor.door.clock.advance(timedelta(minutes=1))
    return kept, await floor.door.comes("Ana", bsuid="ES.1")


async def merge(floor: Floor, kept: Contact, merged: Contact) -> None:
    await floor.door.contacts.merge(floor.door.shop.act("admin"), kept.id, merged.id, {})


async def undo(floor: Floor, kept: Contact) -> None:
    admin = floor.door.shop.act("admin")
    done = (await floor.door.contacts.merges(admin, kept.id))[0]
    await floor.door.contacts.undo_merge(admin, done.id)


async def stages(floor: Floor) -> list[tuple[int, str, object]]:
    page = await floor.leads.list(floor.door.shop.owner, tuple(Stage))
    return sorted((lead.number, lead.stage.value, lead.contact_id) for lead in page.rows)


async def test_a_lead_goes_with_its_person_and_comes_back(floor: Floor) -> None:
    kept, merged = await two(floor)
    await floor.ensured(merged.id)
    await merge(floor, kept, merged)
    assert await stages(floor) == [(1, "new", kept.id)]
    assert await floor.ensured(kept.id) == (await floor.leads.get(floor.door.shop.owner, 1)).id
    await undo(floor, kept)
    assert await stages(floor) == [(1, "new", merged.id)]


@pytest.mark.parametrize("further", ["kept", "merged"])
async def test_of_two_live_leads_the_one_that_is_further_goes_on_and_undoing_brings_both_back(
    floor: Floor, further: str
) -> None:
    kept, merged = await two(floor)
    for contact in (kept, merged):
        await floor.ensured(contact.id)
    await floor.replied((kept if further == "kept" else merged).id)
    before = await stages(floor)
    await merge(floor, kept, merged)
    on, ended = (1, 2) if further == "kept" else (2, 1)
    assert sorted(await stages(floor)) == sorted([(on, "contacted", kept.id), (ended, "lost", kept.id)])
    lost = await floor.leads.get(floor.door.shop.owner, ended)
    assert lost.lost_reason == f"L-{on}"
    await undo(floor, kept)
    assert await stages(floor) == before
    events = await floor.leads.events(floor.door.shop.owner, ended)
    assert [event.details.get("to") for event in events] == [None, "lost", "new"]


async def test_of_two_equal_leads_the_older_goes_on(floor: Floor) -> None:
    kept, merged = await two(floor)
    await floor.ensured(merged.id)
    await floor.ensured(kept.id)
    await merge(floor, kept, merged)
    assert await stages(floor) == [(1, "new", kept.id), (2, "lost", kept.id)]


async def test_a_lead_that_ended_otherwise_since_is_not_brought_back(floor: Floor) -> None:
    kept, merged = await two(floor)
    for contact in (kept, merged):
        await floor.ensured(contact.id)
    await merge(floor, kept, merged)
    await floor.leads.set_stage(floor.door.shop.act("seller"), 1, Stage.LOST, "quiet")
    await floor.leads.set_stage(floor.door.shop.act("seller"), 2, Stage.NEGOTIATION, "really")
    await undo(floor, kept)
    assert await stages(floor) == [(1, "lost", kept.id), (2, "negotiation", merged.id)]


async def test_an_event_that_shows_two_to_be_one_moves_their_leads(floor: Floor) -> None:
    kept, merged = await two(floor)
    await floor.ensured(merged.id)
    assert (await floor.door.comes(wa_id="34600111222", bsuid="ES.1")).id == kept.id
    assert await stages(floor) == [(1, "new", kept.id)]


async def test_orders_go_with_their_person_and_come_back(floor: Floor) -> None:
    kept, merged = await two(floor)
    orders = OrderService(floor.door.db, floor.door.clock)
    seller = floor.door.shop.act
    theirs = await orders.create(seller("seller"), NewOrder("Ana", "E4", "D1", contact_id=merged.id))
    mine = await orders.create(seller("seller"), NewOrder("Ana", "E4", "D1", contact_id=kept.id))
    await merge(floor, kept, merged)
    for order in (theirs, mine):
        assert (await orders.get(floor.door.shop.owner, order.id)).order.contact_id == kept.id
    await undo(floor, kept)
    assert (await orders.get(floor.door.shop.owner, theirs.id)).order.contact_id == merged.id
    assert (await orders.get(floor.door.shop.owner, mine.id)).order.contact_id == kept.id
