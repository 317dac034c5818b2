"""First messages at the same moment, on real connections."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from domain.contacts import identifier_rows, queries
from domain.contacts.dto import Identity
from domain.kernel.db import Tx
from tests.integration.contacts.people import Door, who

SAME = [who(wa_id="5511987654321")] * 8
VARIANTS = [who(wa_id="5511987654321"), who(wa_id="551187654321"), who(phone="+55 11 98765-4321")] * 3
PAIRED = [who(bsuid="BR.1"), who(wa_id="5511987654321", bsuid="BR.1")] * 4
CROSSED = [who(wa_id="34600111222", bsuid="ES.1"), who(bsuid="ES.1", wa_id="34600111222")] * 4
BRIDGED = [who(wa_id="34600111222"), who(bsuid="ES.1"), who(wa_id="34600111222", bsuid="ES.1")] * 3


@pytest.mark.parametrize("identities", [SAME, VARIANTS, PAIRED, CROSSED, BRIDGED])
async def test_first_messages_at_once_make_one_contact(door: Door, identities: Sequence[Identity]) -> None:
    await door.come_at_once(identities)
    assert await door.living_count() == 1
    assert len({(await door.contacts_of(identity)) for identity in identities}) == 1


async def test_many_who_find_two_rows_to_merge_at_once_merge_them_once(door: Door) -> None:
    for number in range(4):
        await door.comes(wa_id=f"3460011122{number}")
        await door.comes(bsuid=f"ES.{number}")
    both = [who(wa_id=f"3460011122{number}", bsuid=f"ES.{number}") for number in range(4)]
    await door.come_at_once(both * 2)
    assert await door.living_count() == 4
    assert await door.value("SELECT count(*) FROM contact_merges") == 4


async def test_without_the_keys_the_first_messages_make_several(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_lock(tx: Tx, keys: Sequence[str]) -> None:
        await tx.rows("SELECT 1")

    monkeypatch.setattr(identifier_rows, "lock_keys", no_lock)
    await door.come_at_once(VARIANTS, linger_s=0.3)
    assert await door.living_count() > 1


class Slow:
    """A mover that takes its time."""

    name = "slow"

    async def move(self, tx: Tx, kept_id: UUID, merged_id: UUID) -> dict[str, Any]:
        await asyncio.sleep(0.3)
        return {}

    async def move_back(self, tx: Tx, kept_id: UUID, merged_id: UUID, moved: dict[str, Any]) -> None:
        await asyncio.sleep(0.3)


@pytest.mark.parametrize("is_held", [True, False])
async def test_merges_at_once_are_one_merge_because_each_holds_merging_alone(
    door: Door, monkeypatch: pytest.MonkeyPatch, is_held: bool
) -> None:
    async def no_lock(tx: Tx, *, is_shared: bool) -> None:
        await tx.rows("SELECT 1")

    slow = Door.of(door.shop, door.db, door.clock, [Slow()])
    kept, merged = await door.comes(wa_id="34600111222"), await door.comes(bsuid="ES.1")
    if not is_held:
        monkeypatch.setattr(queries, "lock_merging", no_lock)
    admin = door.shop.act("admin")
    await asyncio.gather(*(slow.contacts.merge(admin, kept.id, merged.id, {}) for _ in range(3)))
    assert (await door.value("SELECT count(*) FROM contact_merges") == 1) == is_held
