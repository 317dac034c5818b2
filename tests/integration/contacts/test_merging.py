"""Two rows that turn out to be one person, and back."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.contacts.dto import Contact, IdentifierKind, Merge
from domain.kernel.db import Database, Tx
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from domain.kernel.ids import uuid7
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop, found_shop
from tests.integration.contacts.people import Door, who


async def two(door: Door) -> tuple[Contact, Contact]:
    older = await door.comes("Ana", wa_id="34600111222")
    door.clock.advance(timedelta(minutes=1))
    return older, await door.comes("Ana M", bsuid="ES.1", username="ana")


async def merge(door: Door, kept: Contact, merged: Contact) -> Merge:
    return await door.contacts.merge(door.shop.act("admin"), kept.id, merged.id, {"why": "same voice"})


async def everything(door: Door) -> dict[str, Any]:
    tables = ("contacts", "contact_identifiers", "contact_merges", "contact_consents", "audit_log")
    sql = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
    return {table: await door.value(sql.format(table)) for table in tables}


async def test_staff_merge_two_and_the_one_has_every_identifier(door: Door) -> None:
    kept, merged = await two(door)
    done = await merge(door, kept, merged)
    assert (done.kept_id, done.merged_id, done.undone_at) == (kept.id, merged.id, None)
    assert done.evidence == {"by": "staff", "why": "same voice"}
    one = await door.contacts.get(door.shop.act("seller"), merged.id)
    assert one.id == kept.id
    assert set(one.identifiers) == {IdentifierKind.WA_ID, IdentifierKind.BSUID, IdentifierKind.USERNAME}
    assert (await door.comes(bsuid="ES.1")).id == kept.id
    assert await door.contacts.merges(door.shop.act("admin"), kept.id) == (done,)
    assert await door.value("SELECT count(*) FROM audit_log WHERE action = 'contact.merge'") == 1


async def test_undoing_a_merge_gives_back_what_each_had(door: Door) -> None:
    kept, merged = await two(door)
    async with door.db.tx(door.worker) as tx:
        await door.contacts.opt_out(tx, merged.id, "BAJA", "wamid.1")
        await door.contacts.set_locale(tx, merged.id, "es")
    await door.contacts.block(door.shop.act("admin"), merged.id)
    before = [await door.contacts.get(door.shop.owner, contact.id) for contact in (kept, merged)]
    done = await merge(door, kept, merged)
    one = await door.contacts.get(door.shop.owner, kept.id)
    assert None not in (one.opted_out_at, one.blocked_at)
    assert (one.locale, one.name) == ("es", "Ana")
    undone = await door.contacts.undo_merge(door.shop.act("admin"), done.id)
    assert undone.undone_at == door.clock.now()
    assert [await door.contacts.get(door.shop.owner, contact.id) for contact in (kept, merged)] == before
    assert (await door.comes(bsuid="ES.1")).id == merged.id


async def test_what_came_after_the_merge_stays_with_the_kept_one(door: Door) -> None:
    kept, merged = await two(door)
    done = await merge(door, kept, merged)
    await door.comes(bsuid="ES.1", phone="+34 699 000 111")
    await door.contacts.undo_merge(door.shop.act("admin"), done.id)
    assert (await door.comes(phone="34699000111")).id == kept.id


async def test_merging_and_undoing_twice_changes_nothing_the_second_time(door: Door) -> None:
    kept, merged = await two(door)
    first = await merge(door, kept, merged)
    before = await everything(door)
    assert await merge(door, kept, merged) == first
    assert await merge(door, merged, kept) == first
    assert await everything(door) == before
    undone = await door.contacts.undo_merge(door.shop.act("admin"), first.id)
    before = await everything(door)
    assert await door.contacts.undo_merge(door.shop.act("admin"), first.id) == undone
    assert await everything(door) == before


async def test_merges_both_ways_at_once_make_one_merge(door: Door) -> None:
    kept, merged = await two(door)
    done = await asyncio.gather(*(merge(door, *pair) for pair in [(kept, merged), (merged, kept)] * 4))
    assert len({one.id for one in done}) == 1
    assert await door.living_count() == 1


async def test_merged_contacts_stand_for_the_one_they_went_into(door: Door) -> None:
    kept, merged = await two(door)
    third = await door.comes("Ana", discord="123")
    first = await merge(door, kept, merged)
    second = await merge(door, third, merged)
    assert (second.kept_id, second.merged_id) == (third.id, kept.id)
    for contact in (kept, merged, third):
        assert (await door.contacts.get(door.shop.owner, contact.id)).id == third.id
    assert (await door.comes(bsuid="ES.1")).id == third.id
    before = await everything(door)
    with pytest.raises(Conflict, match=r"contact\.merged_further"):
        await door.contacts.undo_merge(door.shop.act("admin"), first.id)
    assert await everything(door) == before
    await door.contacts.undo_merge(door.shop.act("admin"), second.id)
    await door.contacts.undo_merge(door.shop.act("admin"), first.id)
    assert await door.living_count() == 3
    assert (await door.comes(bsuid="ES.1")).id == merged.id


async def test_whom_somebody_parted_no_event_merges_again(door: Door) -> None:
    kept, merged = await two(door)
    both = {"wa_id": "34600111222", "bsuid": "ES.1"}
    assert (await door.comes(**both)).id == kept.id
    done = (await door.contacts.merges(door.shop.act("admin"), kept.id))[0]
    await door.contacts.undo_merge(door.shop.act("admin"), done.id)
    assert (await door.comes(**both)).id == merged.id  # the user id says it better than the number
    assert await door.living_count() == 2
    assert (await door.comes(wa_id="34600111222")).id == kept.id


async def test_a_merge_while_the_people_write_loses_nobody(door: Door) -> None:
    kept, merged = await two(door)
    events = [who(wa_id="34600111222"), who(bsuid="ES.1"), who(bsuid="ES.1", phone="34600111222")] * 3
    _, found = await asyncio.gather(merge(door, kept, merged), door.come_at_once(events))
    assert {contact.id for contact in found} <= {kept.id, merged.id}
    assert await door.living_count() == 1
    sql = """SELECT count(*) FROM contact_identifiers i JOIN contacts c ON c.id = i.contact_id
             WHERE c.merged_into IS NOT NULL"""
    assert await door.value(sql) == 0


async def test_one_contact_cannot_be_merged_with_itself_or_with_nobody(door: Door) -> None:
    kept, _ = await two(door)
    before = await everything(door)
    with pytest.raises(InvalidInput, match=r"contact\.same"):
        await merge(door, kept, kept)
    with pytest.raises(NotFound, match=r"contact\.unknown"):
        await door.contacts.merge(door.shop.act("admin"), kept.id, uuid7(), {})
    with pytest.raises(NotFound, match=r"contact\.merge_unknown"):
        await door.contacts.undo_merge(door.shop.act("admin"), uuid7())
    assert await everything(door) == before


async def test_another_shops_contact_is_unknown(door: Door, db: Database, clock: ManualClock) -> None:
    other = Door.of(await found_shop(db, clock, guild_id=2002, name="Other"), db, clock)
    mine, theirs = await door.comes(bsuid="ES.1"), await other.comes(bsuid="ES.2")
    admin = door.shop.act("admin")
    for refused in (
        door.contacts.get(admin, theirs.id), door.contacts.block(admin, theirs.id),
        door.contacts.merge(admin, mine.id, theirs.id, {}), door.contacts.merge(admin, theirs.id, mine.id, {}),
    ):  # fmt: skip
        with pytest.raises(NotFound, match=r"contact\.unknown"):
            await refused
    assert await door.contacts.merges(admin, theirs.id) == ()


async def test_sellers_see_contacts_and_only_the_desk_changes_them(door: Door) -> None:
    kept, merged = await two(door)
    seller, viewer = door.shop.act("seller"), door.shop.act("viewer")
    assert (await door.contacts.get(seller, kept.id)).id == kept.id
    for refused in (
        door.contacts.get(viewer, kept.id), door.contacts.block(seller, kept.id),
        door.contacts.unblock(seller, kept.id), door.contacts.merge(seller, kept.id, merged.id, {}),
        door.contacts.undo_merge(seller, uuid7()), door.contacts.merges(seller, kept.id),
    ):  # fmt: skip
        with pytest.raises(PermissionDenied):
            await refused


class Purse:
    """A mover that remembers."""

    name = "purse"

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def move(self, tx: Tx, kept_id: UUID, merged_id: UUID) -> dict[str, Any]:
        self.calls.append(("move", kept_id, merged_id))
        return {"coins": 3}

    async def move_back(self, tx: Tx, kept_id: UUID, merged_id: UUID, moved: dict[str, Any]) -> None:
        self.calls.append(("back", kept_id, merged_id, moved))


async def test_what_belongs_to_a_contact_moves_and_comes_back(shop: Shop, db: Database, clock: ManualClock) -> None:
    purse = Purse()
    door = Door.of(shop, db, clock, [purse])
    kept, merged = await two(door)
    done = await merge(door, kept, merged)
    await door.contacts.undo_merge(shop.act("admin"), done.id)
    assert purse.calls == [("move", kept.id, merged.id), ("back", kept.id, merged.id, {"coins": 3})]
