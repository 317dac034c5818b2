"""One person, several identifiers."""

from datetime import timedelta

import pytest

from domain.contacts.dto import IdentifierKind, Identity
from domain.kernel.db import Database
from domain.kernel.errors import InvalidInput
from sandbox.clock import ManualClock
from tests.fixtures.shop import found_shop
from tests.integration.contacts.people import Door, who


async def test_a_person_is_the_same_under_every_identifier_seen_together(door: Door) -> None:
    first = await door.comes("Ana", wa_id="34600111222", bsuid="ES.1", parent_bsuid="ES.ENT.1", username="ana")
    for values in (
        {"wa_id": "34600111222"}, {"bsuid": "ES.1"}, {"parent_bsuid": "ES.ENT.1"}, {"username": "ana"},
        {"phone": "+34 600 111 222"}, {"wa_id": "ES.1"},
    ):  # fmt: skip
        assert (await door.comes(**values)).id == first.id, values
    assert await door.living_count() == 1


@pytest.mark.parametrize(
    ("known", "delivered"),
    [
        ("5511987654321", "551187654321"),
        ("551187654321", "5511987654321"),
        ("541155551234", "5491155551234"),
        ("5215512345678", "525512345678"),
        ("525512345678", "5215512345678"),
    ],
)
async def test_a_number_is_known_under_its_other_spelling_and_both_are_kept_as_they_came(
    door: Door, known: str, delivered: str
) -> None:
    first = await door.comes(wa_id=known)
    door.clock.advance(timedelta(minutes=1))
    again = await door.comes(wa_id=delivered)
    assert again.id == first.id
    assert again.identifiers[IdentifierKind.WA_ID] == (delivered, known)
    assert again.phone == f"+{delivered}"


@pytest.mark.parametrize(
    ("known", "delivered"),
    [("5491155551234", "541155551234"), ("551131234567", "5511931234567"), ("34600111222", "34600111223")],
)
async def test_a_landline_is_nobodys_mobile_number(door: Door, known: str, delivered: str) -> None:
    assert (await door.comes(wa_id=known)).id != (await door.comes(wa_id=delivered)).id


async def test_the_exact_spelling_goes_before_a_variant(door: Door) -> None:
    mobile = await door.comes(wa_id="5491155551234")
    landline = await door.comes(wa_id="541155551234")
    assert (await door.comes(wa_id="5491155551234")).id == mobile.id
    assert (await door.comes(wa_id="541155551234")).id == landline.id


async def test_a_username_recognises_nobody_beside_something_stronger_and_moves_to_who_shows_it(door: Door) -> None:
    ana = await door.comes("Ana", bsuid="ES.1", username="star")
    eva = await door.comes("Eva", bsuid="ES.2", username="Star")
    assert eva.id != ana.id
    assert (await door.comes(username="STAR")).id == eva.id
    assert (await door.comes(bsuid="ES.1")).id == ana.id


async def test_a_stranger_is_created_with_a_clean_name_and_gets_a_new_one_when_they_change_it(door: Door) -> None:
    contact = await door.comes("  A\u202ena \x00\n@everyone {}" + "x" * 500, wa_id="34600111222")
    assert contact.name.startswith("Ana @everyone {}x")
    assert len(contact.name) == 80
    assert (await door.comes("", wa_id="34600111222")).name == contact.name
    assert (await door.comes("Ana", wa_id="34600111222")).name == "Ana"


async def test_an_event_without_any_identifier_is_refused(door: Door) -> None:
    for identity in (Identity(), who("Ana", wa_id=" \x00 "), who(username="x" * 161)):
        async with door.db.tx(door.worker) as tx:
            with pytest.raises(InvalidInput):
                await door.contacts.resolve(tx, identity)
    assert await door.living_count() == 0


async def test_an_event_that_names_two_people_makes_them_one_and_keeps_the_evidence(door: Door) -> None:
    older = await door.comes("Ana", wa_id="34600111222")
    door.clock.advance(timedelta(minutes=1))
    newer = await door.comes(bsuid="ES.1")
    assert older.id != newer.id
    one = await door.comes(wa_id="34600111222", bsuid="ES.1")
    assert one.id == older.id
    assert one.identifiers == {IdentifierKind.WA_ID: ("34600111222",), IdentifierKind.BSUID: ("ES.1",)}
    evidence = await door.value("SELECT evidence FROM contact_merges")
    assert {(one["kind"], one["contact_id"]) for one in evidence["identifiers"]} == {
        ("wa_id", str(older.id)), ("bsuid", str(newer.id)),
    }  # fmt: skip


async def test_one_person_who_writes_to_two_shops_is_two_contacts(door: Door, db: Database, clock: ManualClock) -> None:
    other = Door.of(await found_shop(db, clock, guild_id=2002, name="Other"), db, clock)
    here, there = await door.comes(wa_id="34600111222"), await other.comes(wa_id="34600111222")
    assert here.id != there.id
    assert (await door.living_count(), await other.living_count()) == (1, 1)


async def test_a_new_number_is_added_and_the_old_one_stays_as_it_was_seen(door: Door) -> None:
    before = await door.comes("Ana", wa_id="34600111222")
    seen_at = door.clock.now()
    door.clock.advance(timedelta(days=1))
    async with door.db.tx(door.worker) as tx:
        after = await door.contacts.change_identity(
            tx, who(wa_id="34600111222"), who(wa_id="34600999888", bsuid="ES.2")
        )
    assert after.id == before.id
    assert after.identifiers[IdentifierKind.WA_ID] == ("34600999888", "34600111222")
    last = await door.value("SELECT last_seen_at FROM contact_identifiers WHERE value = '34600111222'")
    assert last == seen_at


async def test_a_change_to_an_identifier_of_somebody_else_makes_them_one(door: Door) -> None:
    old = await door.comes(bsuid="ES.1")
    door.clock.advance(timedelta(minutes=1))
    new = await door.comes(bsuid="ES.2")
    async with door.db.tx(door.worker) as tx:
        one = await door.contacts.change_identity(tx, who(bsuid="ES.1"), who(bsuid="ES.2"))
    assert one.id == old.id
    assert (await door.comes(bsuid="ES.2")).id == old.id != new.id


async def test_a_change_of_somebody_unknown_makes_one_contact(door: Door) -> None:
    async with door.db.tx(door.worker) as tx:
        one = await door.contacts.change_identity(tx, who(wa_id="34600111222"), who(wa_id="34600999888"))
    assert (await door.comes(wa_id="34600111222")).id == (await door.comes(wa_id="34600999888")).id == one.id


async def test_asking_whether_somebody_is_known_creates_nobody(door: Door) -> None:
    await door.comes(wa_id="5511987654321", username="ana")
    async with door.db.tx(door.worker) as tx:
        known = [
            await door.contacts.is_known(tx, identity)
            for identity in (
                who(phone="+55 11 8765-4321"),
                who(username="Ana"),
                who(bsuid="BR.1", username="ana"),
                who(),
            )
        ]
    assert known == [True, True, False, False]
    assert await door.living_count() == 1
