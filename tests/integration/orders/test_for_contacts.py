"""An order is for a contact of this shop, or for nobody in particular."""

import pytest

from domain.kernel.db import Database
from domain.kernel.errors import NotFound
from domain.kernel.ids import uuid7
from domain.orders.dto import NewOrder
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop, found_shop
from tests.integration.contacts.people import Door
from tests.integration.orders.desk import CHANGING_TABLES, Desk


async def _counts(desk: Desk) -> dict[str, int]:
    async with desk.db.tx(desk.shop.owner) as tx:
        return {table: await tx.value(f"SELECT count(*) FROM {table}") for table in CHANGING_TABLES}


async def test_an_unknown_contact_or_another_shops_is_refused_and_nothing_changes(
    shop: Shop, db: Database, clock: ManualClock
) -> None:
    desk = Desk.of(shop, db, clock)
    other = await found_shop(db, clock, guild_id=2002, name="Other")
    stranger = await Door.of(other, db, clock).comes(wa_id="34600111222")
    await desk.draft()
    before = await _counts(desk)
    for contact_id in (uuid7(), stranger.id):
        with pytest.raises(NotFound) as refused:
            await desk.orders.create(shop.act("seller"), NewOrder("Marta", "E4", "D1", contact_id=contact_id))
        assert refused.value.code == "contact.unknown"
        assert await _counts(desk) == before


async def test_an_order_for_a_contact_that_was_merged_is_for_the_one_that_stands(
    shop: Shop, db: Database, clock: ManualClock
) -> None:
    door, desk = Door.of(shop, db, clock), Desk.of(shop, db, clock)
    kept, merged = await door.comes(wa_id="34600111222"), await door.comes(wa_id="34600999888")
    await door.contacts.merge(shop.act("owner"), kept.id, merged.id, {"by": "test"})
    assert (await desk.draft(contact_id=merged.id)).contact_id == kept.id
