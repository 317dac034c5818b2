"""Leads come with the first message and go on by what happens."""

import asyncio
from datetime import timedelta

import pytest

from domain.kernel.db import Tx
from domain.leads import queries
from domain.leads.dto import Stage
from tests.integration.leads.floor import Floor

AD = {"source_type": "ad", "source_id": "120", "headline": "Climb", "ctwa_clid": "abc"}
POST = {"source_type": "post", "source_id": "7"}
CARDS = "SELECT count(*) FROM outbound_messages WHERE kind = 'lead.card' AND purpose = 'leads'"


async def test_the_first_message_makes_a_lead_and_the_second_finds_it(floor: Floor) -> None:
    first, second = await floor.writes(), await floor.writes()
    assert first == second
    assert (first.number, first.stage, first.source, first.contact_name) == (1, Stage.NEW, "whatsapp", "Ana")
    assert [event.kind for event in await floor.leads.events(floor.door.shop.owner, 1)] == ["created"]
    assert await floor.count(CARDS) == 1


@pytest.mark.parametrize(("ad", "source"), [(AD, "ad"), (POST, "post"), ({"source_type": "x"}, "whatsapp")])
async def test_an_ad_is_the_source_and_stays_with_the_lead(floor: Floor, ad: dict[str, str], source: str) -> None:
    lead = await floor.writes(ad=ad)
    assert (lead.source, lead.referral) == (source, ad)


async def test_the_first_touch_counts_and_later_ads_go_to_the_history(floor: Floor) -> None:
    await floor.writes(ad=AD)
    await floor.writes(ad=AD)
    lead = await floor.writes(ad=POST)
    assert (lead.source, lead.referral) == ("ad", AD)
    events = await floor.leads.events(floor.door.shop.owner, lead.id)
    assert [(event.kind, event.details) for event in events] == [("created", {"source": "ad"}), ("referral", POST)]
    plain = await floor.writes("34600999888")
    assert (await floor.writes("34600999888", ad=AD)).source == plain.source == "whatsapp"


async def test_first_messages_at_once_make_one_lead_and_numbers_have_no_gaps(floor: Floor) -> None:
    ids = [(await floor.door.comes(wa_id=f"3460011122{n}")).id for n in range(4)]
    found = await asyncio.gather(*(floor.ensured(contact_id, linger_s=0.01) for contact_id in ids * 4))
    assert len(set(found)) == 4
    numbers = await floor.door.value("SELECT array_agg(number ORDER BY number) FROM leads")
    assert numbers == [1, 2, 3, 4]
    assert await floor.count("SELECT count(*) FROM lead_events") == 4


async def test_without_holding_the_numbers_one_lead_costs_several(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_lock(tx: Tx) -> None:
        await tx.rows("SELECT 1")

    monkeypatch.setattr(queries, "hold_numbers", no_lock)
    contact = await floor.door.comes(wa_id="34600111222")
    await asyncio.gather(*(floor.ensured(contact.id, linger_s=0.3) for _ in range(4)))
    assert await floor.count("SELECT count(*) FROM leads") == 1
    assert (await floor.writes("34600999888")).number > 2


async def test_the_shops_answer_makes_a_new_lead_contacted_and_leaves_any_other_alone(floor: Floor) -> None:
    lead = await floor.writes()
    await floor.replied(lead.contact_id)
    await floor.replied(lead.contact_id)
    assert (await floor.leads.get(floor.door.shop.owner, 1)).stage is Stage.CONTACTED
    await floor.leads.set_stage(floor.door.shop.act("seller"), 1, Stage.NEGOTIATION)
    await floor.replied(lead.contact_id)
    stages = [e.details for e in await floor.leads.events(floor.door.shop.owner, 1) if e.kind == "stage"]
    assert stages == [{"from": "new", "to": "contacted"}, {"from": "contacted", "to": "negotiation"}]


async def test_a_posted_order_wins_the_lead_once(floor: Floor) -> None:
    lead = await floor.writes()
    for _ in range(2):
        await floor.order_posted(lead.contact_id)
    assert (await floor.leads.get(floor.door.shop.owner, 1)).stage is Stage.WON
    assert await floor.count("SELECT count(*) FROM lead_events WHERE kind = 'stage'") == 1


@pytest.mark.parametrize("end", [Stage.WON, Stage.LOST])
async def test_who_writes_again_within_thirty_days_keeps_the_lead_and_later_gets_a_new_one(
    floor: Floor, end: Stage
) -> None:
    await floor.writes()
    await floor.leads.set_stage(floor.door.shop.act("seller"), 1, end, "so it is")
    floor.door.clock.advance(timedelta(days=29))
    assert (await floor.writes()).number == 1
    await floor.leads.note(floor.door.shop.act("seller"), 1, "a note does not make it younger")
    floor.door.clock.advance(timedelta(days=1))
    again = await floor.writes()
    assert (again.number, again.stage) == (2, Stage.NEW)
    assert (await floor.writes()).number == 2


async def test_a_lead_knows_the_persons_conversation_and_thread(floor: Floor) -> None:
    lead = await floor.writes()
    assert (lead.conversation_number, lead.thread_id) == (None, None)
    await floor.talks(await floor.door.comes(wa_id="34600111222"), 555)
    talking = await floor.writes()
    assert (talking.conversation_number, talking.thread_id) == (1, 555)
