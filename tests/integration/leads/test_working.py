"""What people and the assistant do with a lead."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.errors import Conflict, InvalidInput, LimitReached, NotFound, PermissionDenied
from domain.kernel.ids import uuid7
from domain.kernel.money import Money
from domain.kernel.roles import Role
from domain.leads.dto import Stage
from sandbox.clock import ManualClock
from tests.fixtures.shop import found_shop
from tests.integration.contacts.people import Door
from tests.integration.leads.floor import Floor

CARDS = "SELECT count(*) FROM outbound_messages WHERE kind = 'lead.card' AND state = 'queued'"


def assistant(floor: Floor) -> Actor:
    return Actor.assistant(floor.door.shop.tenant.id, str(uuid7()))


async def test_a_stage_moves_with_its_history_its_record_and_its_card(floor: Floor) -> None:
    await floor.writes()
    floor.door.clock.advance(timedelta(minutes=5))
    seller = floor.door.shop.act("seller")
    lead = await floor.leads.set_stage(seller, 1, Stage.LOST, " too  dear ")
    assert (lead.stage, lead.lost_reason, lead.updated_at) == (Stage.LOST, "too  dear", floor.door.clock.now())
    event = (await floor.leads.events(seller, 1))[-1]
    assert (event.kind, event.text, event.actor_label) == ("stage", "too  dear", "Seller")
    assert event.details == {"from": "new", "to": "lost"}
    assert await floor.count("SELECT count(*) FROM audit_log WHERE action = 'lead.stage'") == 1
    assert await floor.count(CARDS) == 1
    reopened = await floor.leads.set_stage(floor.door.shop.act("seller"), lead.id, Stage.CONTACTED, "came back")
    assert (reopened.stage, reopened.lost_reason) == (Stage.CONTACTED, "")


async def test_one_command_ten_times_at_once_is_one_change(floor: Floor) -> None:
    await floor.writes()
    one = floor.door.shop.act("seller")
    work: list[Any] = [floor.leads.set_stage(one, 1, Stage.INTERESTED), floor.leads.note(one, 1, "called"),
                       floor.leads.tag(one, 1, "vip"), floor.leads.assign(one, 1, one.member_id)]  # fmt: skip
    for make in range(9):
        work += [floor.leads.note(one, 1, "called"), floor.leads.tag(one, 1, f"vip{make}")]
    await asyncio.gather(*work)
    kinds = await floor.door.value("SELECT array_agg(kind ORDER BY kind) FROM lead_events WHERE kind <> 'created'")
    assert kinds == ["note", "owner", "stage", "tag"]


async def test_of_two_who_end_a_lead_at_once_one_is_refused(floor: Floor) -> None:
    await floor.writes()
    act = floor.door.shop.act
    done = await asyncio.gather(
        floor.leads.set_stage(act("seller"), 1, Stage.WON), floor.leads.set_stage(act("admin"), 1, Stage.LOST, "no"),
        return_exceptions=True,
    )  # fmt: skip
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "Lead"]


async def test_a_refused_move_changes_nothing(floor: Floor) -> None:
    await floor.writes()
    seller = floor.door.shop.act("seller")
    await floor.leads.set_stage(seller, 1, Stage.NEGOTIATION)
    before = await floor.everything()
    for actor, stage, reason, error in (
        (floor.door.shop.act("seller"), Stage.NEW, "why not", Conflict),
        (floor.door.shop.act("seller"), Stage.INTERESTED, "", InvalidInput),
        (floor.door.shop.act("seller"), Stage.LOST, "x" * 301, InvalidInput),
        (assistant(floor), Stage.WON, "", PermissionDenied),
        (floor.door.shop.act("ana"), Stage.WON, "", PermissionDenied),
    ):
        with pytest.raises(error):
            await floor.leads.set_stage(actor, 1, stage, reason)
    assert (await floor.leads.set_stage(floor.door.shop.act("seller"), 1, Stage.NEGOTIATION)).stage == "negotiation"
    assert await floor.everything() == before


async def test_a_lead_is_not_reopened_beside_another_live_one(floor: Floor) -> None:
    await floor.writes()
    await floor.leads.set_stage(floor.door.shop.act("seller"), 1, Stage.LOST, "quiet")
    floor.door.clock.advance(timedelta(days=31))
    await floor.writes()
    with pytest.raises(Conflict, match=r"lead\.other_is_live") as refused:
        await floor.leads.set_stage(floor.door.shop.act("seller"), 1, Stage.NEGOTIATION, "again")
    assert refused.value.params == {"lead": 1, "other": 2}


async def test_reopening_while_the_person_writes_again_leaves_one_live_lead(floor: Floor) -> None:
    for n in range(5):
        lead = await floor.writes(f"3460011122{n}")
        await floor.leads.set_stage(floor.door.shop.act("seller"), lead.id, Stage.LOST, "quiet")
        floor.door.clock.advance(timedelta(days=31))
        await asyncio.gather(
            floor.leads.set_stage(floor.door.shop.act("seller"), lead.id, Stage.NEGOTIATION, "again"),
            floor.ensured(lead.contact_id),
            return_exceptions=True,
        )
        sql = "SELECT count(*) FROM leads WHERE contact_id = $1 AND stage NOT IN ('won', 'lost')"
        assert await floor.count(sql, lead.contact_id) == 1
    assert await floor.count("SELECT count(*) - max(number) FROM leads") == 0


async def test_the_owner_is_an_active_member_who_sells_or_nobody(floor: Floor) -> None:
    await floor.writes()
    act, shop = floor.door.shop.act, floor.door.shop
    seller_id, ana_id = shop.seller.member_id, shop.ana.member_id
    assert seller_id is not None
    assert ana_id is not None
    mine = await floor.leads.assign(act("seller"), 1, seller_id)
    assert (mine.owner_id, mine.owner_name) == (seller_id, "Seller")
    for member_id, roles in ((ana_id, {Role.BOOSTER}), (ana_id, set()), (uuid7(), None), (uuid7(), {Role.SELLER})):
        with pytest.raises(InvalidInput, match=r"lead\.owner"):
            await floor.leads.assign(act("admin"), 1, member_id, roles)
    async with floor.door.db.tx(shop.owner) as tx:
        sql = "INSERT INTO member_roles (tenant_id, member_id, role) VALUES ($1, $2, 'booster')"
        await tx.run(sql, tx.tenant_id, ana_id)
        await tx.run("UPDATE members SET status = 'suspended' WHERE id = $1", shop.dispatcher.member_id)
    for gone_id in (ana_id, shop.dispatcher.member_id):
        with pytest.raises(InvalidInput, match=r"lead\.owner"):
            await floor.leads.assign(act("admin"), 1, gone_id)
    assert (await floor.leads.assign(act("admin"), 1, shop.owner.member_id)).owner_name == "Olivia"
    assert (await floor.leads.assign(act("admin"), 1, None)).owner_id is None
    owners = [e.details for e in await floor.leads.events(shop.owner, 1) if e.kind == "owner"]
    assert owners == [{"from": "", "to": "Seller"}, {"from": "Seller", "to": "Olivia"}, {"from": "Olivia", "to": ""}]


async def test_notes_and_tags_are_kept_within_bounds(floor: Floor) -> None:
    await floor.writes()
    act = floor.door.shop.act
    await floor.leads.note(act("seller"), 1, "x" * 1000)
    for n in range(10):
        await floor.leads.tag(act("seller"), 1, f"#Tag {n}")
    before = await floor.everything()
    for refused, error in (
        (floor.leads.note(act("seller"), 1, "x" * 1001), InvalidInput),
        (floor.leads.note(act("seller"), 1, " "), InvalidInput),
        (floor.leads.tag(act("seller"), 1, "eleven"), LimitReached),
        (floor.leads.tag(act("seller"), 1, " # "), InvalidInput),
    ):
        with pytest.raises(error):
            await refused
    await floor.leads.tag(act("seller"), 1, "TAG 3")
    await floor.leads.tag(act("seller"), 1, "nowhere", remove=True)
    assert await floor.everything() == before
    lead = await floor.leads.tag(act("seller"), 1, "Tag 3", remove=True)
    assert lead.tags == tuple(f"tag {n}" for n in range(10) if n != 3)


async def test_the_assistant_writes_down_the_wish_and_the_same_again_changes_nothing(floor: Floor) -> None:
    lead = await floor.writes()
    ana, quoted = lead.contact_id, Money(4500, "USD")
    await floor.leads.update_wish(assistant(floor), ana, "from E4 to D1", " E4 ", "D1")
    lead = await floor.leads.update_wish(assistant(floor), ana, quoted=quoted)
    assert (lead.wish, lead.start_division, lead.target_division) == ("from E4 to D1", "E4", "D1")
    assert lead.quoted == quoted
    before = await floor.everything()
    await floor.leads.update_wish(assistant(floor), ana, "from E4 to D1", "E4", "D1", quoted)
    with pytest.raises(InvalidInput):
        await floor.leads.update_wish(assistant(floor), ana, "x" * 501)
    with pytest.raises(NotFound):
        await floor.leads.update_wish(assistant(floor), uuid7(), "a wish")
    assert await floor.everything() == before
    assert await floor.count("SELECT count(*) FROM lead_events WHERE kind = 'wish'") == 2


async def test_a_wish_after_the_order_makes_a_new_lead(floor: Floor) -> None:
    lead = await floor.writes()
    await floor.order_posted(lead.contact_id)
    again = await floor.leads.update_wish(assistant(floor), lead.contact_id, "to D1 now")
    assert (again.number, again.wish, again.stage) == (2, "to D1 now", Stage.NEW)


async def test_another_shops_lead_is_unknown(floor: Floor, db: Database, clock: ManualClock) -> None:
    other = Floor.of(Door.of(await found_shop(db, clock, guild_id=2002, name="Other"), db, clock))
    lead, act = await floor.writes(), other.door.shop.act
    for ref in (lead.id, 1, 0, -1, 2**31, 10**30):
        for refused in (
            other.leads.get(act("owner"), ref), other.leads.events(act("owner"), ref),
            other.leads.set_stage(act("owner"), ref, Stage.WON), other.leads.note(act("owner"), ref, "hm"),
            other.leads.assign(act("owner"), ref, None), other.leads.tag(act("owner"), ref, "vip"),
        ):  # fmt: skip
            with pytest.raises(NotFound, match=r"lead\.unknown"):
                await refused
    with pytest.raises(NotFound, match=r"contact\.unknown"):
        await other.leads.update_wish(act("owner"), lead.contact_id, "theirs")
    assert (await other.leads.list(act("owner"))).total_count == 0


async def test_only_sales_and_the_assistant_see_leads(floor: Floor) -> None:
    await floor.writes()
    for name in ("ana", "viewer"):
        actor = floor.door.shop.act(name)
        for refused in (
            floor.leads.get(actor, 1), floor.leads.list(actor), floor.leads.suggest(actor, ""),
            floor.leads.events(actor, 1), floor.leads.note(actor, 1, "hm"), floor.leads.tag(actor, 1, "vip"),
            floor.leads.assign(actor, 1, None), floor.leads.update_wish(actor, uuid7(), "hm"),
            floor.leads.move_cards(actor, 1),
        ):  # fmt: skip
            with pytest.raises(PermissionDenied):
                await refused
    assert (await floor.leads.get(assistant(floor), 1)).number == 1
