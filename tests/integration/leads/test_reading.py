"""Finding leads."""

from datetime import timedelta

import pytest

from domain.kernel.db import Database
from domain.leads.dto import Lead, Stage
from domain.leads.reading import _LIST
from tests.integration.leads.floor import Floor


def numbers(leads: object) -> list[int]:
    return [lead.number for lead in leads if isinstance(lead, Lead)]  # type: ignore[attr-defined]  # any iterable


async def some(floor: Floor, count: int) -> None:
    for n in range(count):
        floor.door.clock.advance(timedelta(minutes=1))
        await floor.writes(f"346001112{n:02}", f"Person {n}")


async def test_leads_are_listed_in_pages_the_latest_change_first(floor: Floor) -> None:
    await some(floor, 12)
    floor.door.clock.advance(timedelta(minutes=1))
    seller = floor.door.shop.act("seller")
    await floor.leads.note(seller, 3, "called")
    first = await floor.leads.list(seller)
    assert numbers(first.rows) == [3, 12, 11, 10, 9, 8, 7, 6, 5, 4]
    assert (first.total_count, first.page_count) == (12, 2)
    for page in (2, 3, 2**40):
        assert numbers((await floor.leads.list(seller, page=page)).rows) == [2, 1]
    assert numbers((await floor.leads.list(seller, page=-5)).rows) == numbers(first.rows)


async def test_leads_are_listed_by_stage_and_owner(floor: Floor) -> None:
    await some(floor, 4)
    act, seller_id = floor.door.shop.act, floor.door.shop.seller.member_id
    await floor.leads.set_stage(act("seller"), 1, Stage.WON)
    await floor.leads.set_stage(act("seller"), 2, Stage.INTERESTED)
    await floor.leads.assign(act("seller"), 2, seller_id)
    assert sorted(numbers((await floor.leads.list(act("seller"))).rows)) == [2, 3, 4]
    assert numbers((await floor.leads.list(act("seller"), (Stage.WON, Stage.LOST))).rows) == [1]
    assert numbers((await floor.leads.list(act("seller"), (), seller_id)).rows) == [2]
    assert (await floor.leads.list(act("seller"), (Stage.NEW,), seller_id)).total_count == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [("", [3, 2, 1]), ("person 1", [2]), ("PERSON", [3, 2, 1]), ("L-2", [2, 3]), ("2", [2, 3]), ("#vip", [1]),
     ("master", [1]), ("nobody", []), ("\x00", [3, 2, 1]), ("9" * 200, []), ("%", [])],
)  # fmt: skip
async def test_leads_are_suggested_by_number_name_tag_and_wish(floor: Floor, text: str, found: list[int]) -> None:
    lead = await floor.writes("34600111200", "Person 0")
    await floor.leads.tag(floor.door.shop.act("seller"), 1, "VIP")
    await floor.leads.update_wish(floor.door.shop.act("seller"), lead.contact_id, "up to Master")
    for n in (1, 2):
        floor.door.clock.advance(timedelta(minutes=1))
        await floor.writes(f"3460011120{n}", f"Person {n}")
    assert numbers(await floor.leads.suggest(floor.door.shop.act("seller"), text)) == found


async def test_cards_follow_the_leads_channel(floor: Floor) -> None:
    await some(floor, 3)
    await floor.leads.set_stage(floor.door.shop.act("seller"), 1, Stage.WON)
    async with floor.door.db.tx(floor.door.shop.owner) as tx:
        sql = "INSERT INTO posted_cards SELECT tenant_id, 'lead.card', id, 77, 1 FROM leads"
        await tx.run(sql)
    assert await floor.leads.move_cards(floor.door.shop.act("admin"), 88) == 2
    assert await floor.count("SELECT count(*) FROM posted_cards") == 0


async def test_a_page_among_many_leads_reads_a_few_rows_of_the_index(floor: Floor, db: Database) -> None:
    contact = await floor.door.comes(wa_id="34600111222")
    async with db.tx(floor.door.shop.owner) as tx:
        await tx.run(
            """INSERT INTO leads (id, tenant_id, number, contact_id, stage, ended_at, created_at, updated_at)
               SELECT gen_random_uuid(), $1, n, $2, 'lost', now(), now(), now() - n * interval '1 minute'
               FROM generate_series(1, 20000) n""",
            tx.tenant_id, contact.id,
        )  # fmt: skip
        plan = await tx.rows(
            "EXPLAIN (ANALYZE, FORMAT TEXT) " + _LIST.format(owner=""),
            tx.tenant_id, [stage.value for stage in Stage], 10, 0,
        )  # fmt: skip
    text = "\n".join(row["QUERY PLAN"] for row in plan)
    assert "leads_by_stage" in text
    assert "Seq Scan on leads" not in text
