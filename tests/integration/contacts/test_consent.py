"""Stop, start, language, and the block list."""

from datetime import timedelta

import pytest

from domain.kernel.errors import NotFound
from domain.kernel.ids import uuid7
from tests.integration.contacts.people import Door


async def test_stopping_twice_is_one_change_with_its_exact_words(door: Door) -> None:
    contact = await door.comes(wa_id="34600111222")
    async with door.db.tx(door.worker) as tx:
        changed = [
            await door.contacts.opt_out(tx, contact.id, "Bájame \x00 YA\ud800 🙏", "wamid.1"),
            await door.contacts.opt_out(tx, contact.id, "BAJA", "wamid.2"),
        ]
    assert changed == [True, False]
    assert await door.value("SELECT array_agg(words) FROM contact_consents") == ["Bájame  YA 🙏"]
    assert (await door.contacts.get(door.shop.owner, contact.id)).opted_out_at == door.clock.now()


async def test_stopping_again_counts_from_then_even_where_a_merge_is_undone(door: Door) -> None:
    kept, merged = await door.comes(wa_id="34600111222"), await door.comes(wa_id="34600999888")
    async with door.db.tx(door.worker) as tx:
        await door.contacts.opt_out(tx, merged.id, "BAJA", "wamid.1")
    done = await door.contacts.merge(door.shop.act("admin"), kept.id, merged.id, {})
    door.clock.advance(timedelta(hours=1))
    async with door.db.tx(door.worker) as tx:
        assert not await door.contacts.opt_out(tx, kept.id, "STOP", "wamid.2")
    assert (await door.contacts.get(door.shop.owner, kept.id)).opted_out_at == door.clock.now()
    await door.contacts.undo_merge(door.shop.act("admin"), done.id)
    assert (await door.contacts.get(door.shop.owner, kept.id)).opted_out_at == door.clock.now()


async def test_who_stopped_can_start_again_and_both_are_kept(door: Door) -> None:
    contact = await door.comes(wa_id="34600111222")
    async with door.db.tx(door.worker) as tx:
        assert not await door.contacts.opt_in(tx, contact.id, "ALTA", "wamid.1")
        assert await door.contacts.opt_out(tx, contact.id, "BAJA", "wamid.2")
        assert await door.contacts.opt_in(tx, contact.id, "ALTA", "wamid.3")
    assert (await door.comes(wa_id="34600111222")).opted_out_at is None
    kinds = await door.value("SELECT array_agg(kind ORDER BY provider_id) FROM contact_consents")
    assert kinds == ["opt_out", "opt_in"]


async def test_what_the_provider_says_about_marketing_is_kept(door: Door) -> None:
    contact = await door.comes(wa_id="34600111222")
    async with door.db.tx(door.worker) as tx:
        for wants in (False, True):
            await door.contacts.note_marketing(tx, contact.id, wants_marketing=wants, at=door.clock.now())
    assert await door.value("SELECT array_agg(kind ORDER BY id) FROM contact_consents") == [
        "marketing_out", "marketing_in",
    ]  # fmt: skip
    assert (await door.comes(wa_id="34600111222")).opted_out_at is None


async def test_a_language_is_remembered_if_it_is_one_of_ours(door: Door) -> None:
    contact = await door.comes(wa_id="34600111222")
    async with door.db.tx(door.worker) as tx:
        await door.contacts.set_locale(tx, contact.id, "pt-BR")
        await door.contacts.set_locale(tx, contact.id, "tlh")
    assert (await door.comes(wa_id="34600111222")).locale == "pt-BR"


async def test_blocking_is_recorded_once_and_unblocking_too(door: Door) -> None:
    contact = await door.comes(wa_id="34600111222")
    blocked = await door.contacts.block(door.shop.act("dispatcher"), contact.id)
    door.clock.advance(timedelta(hours=1))
    assert await door.contacts.block(door.shop.act("admin"), contact.id) == blocked
    assert (await door.contacts.unblock(door.shop.act("admin"), contact.id)).blocked_at is None
    await door.contacts.unblock(door.shop.act("admin"), contact.id)
    actions = await door.value("SELECT array_agg(action ORDER BY seq) FROM audit_log WHERE action LIKE 'contact.%'")
    assert actions == ["contact.block", "contact.unblock"]


async def test_each_message_of_a_blocked_person_counts_once(door: Door) -> None:
    contact = await door.comes(wa_id="34600111222")
    await door.contacts.block(door.shop.act("admin"), contact.id)
    async with door.db.tx(door.worker) as tx:
        noted = [await door.contacts.note_blocked(tx, contact.id, f"wamid.{n}") for n in (1, 2, 1)]
    assert noted == [True, True, False]
    assert (await door.contacts.get(door.shop.owner, contact.id)).blocked_attempt_count == 2


async def test_an_unknown_contact_asks_for_nothing(door: Door) -> None:
    async with door.db.tx(door.worker) as tx:
        for refused in (
            door.contacts.opt_out(tx, uuid7(), "BAJA", "wamid.1"), door.contacts.opt_in(tx, uuid7(), "ALTA", "wamid.1"),
            door.contacts.note_blocked(tx, uuid7(), "wamid.1"), door.contacts.set_locale(tx, uuid7(), "es"),
        ):  # fmt: skip
            with pytest.raises(NotFound, match=r"contact\.unknown"):
                await refused
