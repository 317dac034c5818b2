"""A person's Discord account: linked by staff, one contact's only, and recognised like any other identifier."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from domain.contacts.dto import IdentifierKind
from domain.kernel.errors import Conflict, NotFound, PermissionDenied
from domain.kernel.ids import uuid7
from sandbox.clock import ManualClock
from tests.fixtures.shop import found_shop
from tests.integration.contacts.people import Door, who

ACCOUNT = 111222333444555666


def _accounts(contact: Any) -> tuple[str, ...]:
    found: tuple[str, ...] = contact.identifiers.get(IdentifierKind.DISCORD, ())
    return found


async def _count(door: Door) -> int:
    return int(await door.value("SELECT count(*) FROM contact_identifiers WHERE kind = 'discord'"))


async def test_linked_account_is_the_persons_and_recognises_them(door: Door) -> None:
    marta = await door.comes("Marta", wa_id="34600111222")
    linked = await door.contacts.link_discord(door.shop.act("dispatcher"), marta.id, ACCOUNT)
    assert _accounts(linked) == (str(ACCOUNT),)
    again = await door.contacts.link_discord(door.shop.act("dispatcher"), marta.id, ACCOUNT)
    assert _accounts(again) == (str(ACCOUNT),)
    assert await door.value("SELECT count(*) FROM audit_log WHERE action = 'contact.link'") == 1
    assert await door.contacts_of(who(discord=str(ACCOUNT))) == marta.id
    assert await door.contacts_of(who(bsuid="ES.1", discord=str(ACCOUNT))) == marta.id
    assert (await door.comes(bsuid="ES.1")).id == marta.id
    assert await door.living_count() == 1


async def test_account_of_somebody_else_is_refused_with_their_name_and_changes_nothing(door: Door) -> None:
    marta, luis = await door.comes("Marta", wa_id="34600111222"), await door.comes("Luis", wa_id="34600333444")
    await door.contacts.link_discord(door.shop.act("dispatcher"), marta.id, ACCOUNT)
    with pytest.raises(Conflict, match="linked_elsewhere") as refused:
        await door.contacts.link_discord(door.shop.act("dispatcher"), luis.id, ACCOUNT)
    assert (refused.value.params["name"], refused.value.params["contact_id"]) == ("Marta", marta.id)
    assert _accounts(await door.contacts.get(door.shop.act("dispatcher"), luis.id)) == ()
    assert await _count(door) == 1


async def test_of_many_who_link_one_account_at_once_one_wins(door: Door) -> None:
    people = [await door.comes(f"P{place}", wa_id=f"3460011122{place}") for place in range(8)]
    ends = await asyncio.gather(
        *(door.contacts.link_discord(door.shop.act("dispatcher"), person.id, ACCOUNT) for person in people),
        return_exceptions=True,
    )
    refused = [end for end in ends if isinstance(end, BaseException)]
    assert len(refused) == 7
    assert all(isinstance(end, Conflict) and end.code == "contact.linked_elsewhere" for end in refused)
    assert await _count(door) == 1


async def test_link_and_a_first_message_under_the_account_at_once_leave_one_owner(door: Door) -> None:
    for place in range(6):
        marta, account = await door.comes("Marta", wa_id=f"3460011122{place}"), ACCOUNT + place
        ends = await asyncio.gather(
            door.contacts.link_discord(door.shop.act("dispatcher"), marta.id, account),
            door.comes("Somebody", discord=str(account)),
            return_exceptions=True,
        )
        assert not isinstance(ends[1], BaseException)
        is_hers = not isinstance(ends[0], BaseException)
        assert (ends[1].id == marta.id) is is_hers
        assert await _count(door) == place + 1


async def test_unlinked_account_is_free_for_somebody_else(door: Door) -> None:
    marta, luis = await door.comes("Marta", wa_id="34600111222"), await door.comes("Luis", wa_id="34600333444")
    act, contacts = door.shop.act, door.contacts
    await contacts.link_discord(act("admin"), marta.id, ACCOUNT)
    await contacts.link_discord(act("admin"), marta.id, ACCOUNT + 1)
    assert await contacts.unlink_discord(act("admin"), luis.id) == ()
    assert await contacts.unlink_discord(act("admin"), marta.id, ACCOUNT + 9) == ()
    assert await contacts.unlink_discord(act("admin"), marta.id, ACCOUNT) == (ACCOUNT,)
    assert _accounts(await contacts.link_discord(act("admin"), luis.id, ACCOUNT)) == (str(ACCOUNT),)
    assert await contacts.unlink_discord(act("admin"), marta.id) == (ACCOUNT + 1,)
    assert await door.contacts_of(who(wa_id="34600111222")) == marta.id
    assert await door.value("SELECT count(*) FROM audit_log WHERE action = 'contact.unlink'") == 2


async def test_merge_brings_the_account_along_and_its_undo_gives_it_back(door: Door) -> None:
    marta, luis = await door.comes("Marta", wa_id="34600111222"), await door.comes("Luis", wa_id="34600333444")
    act, contacts = door.shop.act, door.contacts
    await contacts.link_discord(act("owner"), luis.id, ACCOUNT)
    merge = await contacts.merge(act("owner"), marta.id, luis.id, {})
    assert _accounts(await contacts.get(act("owner"), marta.id)) == (str(ACCOUNT),)
    assert _accounts(await contacts.link_discord(act("owner"), luis.id, ACCOUNT)) == (str(ACCOUNT),)  # is Marta now
    await contacts.undo_merge(act("owner"), merge.id)
    assert _accounts(await contacts.get(act("owner"), luis.id)) == (str(ACCOUNT),)
    assert _accounts(await contacts.get(act("owner"), marta.id)) == ()


@pytest.mark.parametrize("person", ["seller", "ana", "viewer"])
async def test_only_who_may_change_contacts_links(door: Door, person: str) -> None:
    marta = await door.comes("Marta", wa_id="34600111222")
    for refused in (
        door.contacts.link_discord(door.shop.act(person), marta.id, ACCOUNT),
        door.contacts.unlink_discord(door.shop.act(person), marta.id),
    ):
        with pytest.raises(PermissionDenied):
            await refused
    assert await _count(door) == 0


async def test_another_shop_may_know_the_same_account_and_reaches_nobody_here(door: Door) -> None:
    marta = await door.comes("Marta", wa_id="34600111222")
    await door.contacts.link_discord(door.shop.act("owner"), marta.id, ACCOUNT)
    other = Door.of(await found_shop(door.db, door.clock, guild_id=2002, name="Other"), door.db, door.clock)
    hers = await other.comes("Marta", wa_id="34600111222")
    assert _accounts(await other.contacts.link_discord(other.shop.act("owner"), hers.id, ACCOUNT)) == (str(ACCOUNT),)
    for contact_id in (marta.id, uuid7()):
        with pytest.raises(NotFound, match="unknown"):
            await other.contacts.link_discord(other.shop.act("owner"), contact_id, ACCOUNT)


async def test_who_is_linked_is_looked_up_no_longer_than_others(door: Door, clock: ManualClock) -> None:
    marta = await door.comes("Marta", wa_id="34600111222")
    await door.contacts.link_discord(door.shop.act("dispatcher"), marta.id, ACCOUNT)
    seen_at = "SELECT last_seen_at FROM contact_identifiers WHERE kind = 'wa_id'"
    clock.advance(timedelta(minutes=30))
    await door.comes("Marta", wa_id="34600111222")
    first_at = await door.value(seen_at)
    clock.advance(timedelta(minutes=1))
    await door.comes("Marta", wa_id="34600111222")
    assert await door.value(seen_at) == first_at == clock.now() - timedelta(minutes=1)  # nothing new, nothing written


async def test_an_account_that_is_taken_back_while_another_links_it_is_free_or_not(door: Door) -> None:
    marta, luis = await door.comes("Marta", wa_id="34600111222"), await door.comes("Luis", wa_id="34600333444")

    async def given_and_taken() -> None:
        for _ in range(150):
            with suppress(Conflict):
                await door.contacts.link_discord(door.shop.act("dispatcher"), marta.id, ACCOUNT)
            await door.contacts.unlink_discord(door.shop.act("dispatcher"), marta.id)

    async def wanted() -> None:
        for _ in range(300):
            with suppress(Conflict):  # it is Marta's at this moment
                await door.contacts.link_discord(door.shop.act("dispatcher"), luis.id, ACCOUNT)
                await door.contacts.unlink_discord(door.shop.act("dispatcher"), luis.id)

    await asyncio.gather(given_and_taken(), wanted())
    assert await _count(door) == 0
