"""Whatever comes in whatever order, every identifier belongs to exactly one living contact."""

import asyncio
import random
from datetime import timedelta

import pytest

from domain.contacts.dto import Identity
from domain.kernel.errors import Conflict, NotFound
from tests.integration.contacts.people import Door, who

VALUES = {
    "wa_id": ("5511987654321", "551187654321", "5491155551234", "541155551234", "34600111222"),
    "phone": ("+55 11 98765-4321", "34600111222", "525512345678", "5215512345678"),
    "bsuid": ("ES.1", "ES.2", "BR.1"),
    "parent_bsuid": ("ES.ENT.1", "BR.ENT.1"),
    "username": ("star", "Star", "moon"),
}
_STRAY = """
SELECT count(*) FROM contact_identifiers i JOIN contacts c ON c.tenant_id = i.tenant_id AND c.id = i.contact_id
WHERE c.merged_into IS NOT NULL
"""
_HALF_UNDONE = """
SELECT count(*) FROM contact_merges m JOIN contacts c ON c.id = m.merged_id
WHERE m.undone_at IS NULL AND c.merged_into IS DISTINCT FROM m.kept_id
"""


def somebody(dice: random.Random) -> Identity:
    kinds = dice.sample(sorted(VALUES), dice.randint(1, 3))
    return who(dice.choice(["", "Ana", "Eva"]), **{kind: dice.choice(VALUES[kind]) for kind in kinds})


async def step(door: Door, dice: random.Random) -> None:
    """One thing happens; refusals are fine."""
    door.clock.advance(timedelta(seconds=dice.randint(0, 60)))
    admin, what = door.shop.act("admin"), dice.random()
    ids = await door.value("SELECT array_agg(id ORDER BY id) FROM contacts") or []
    merges = await door.value("SELECT array_agg(id ORDER BY id) FROM contact_merges") or []
    try:
        if what < 0.15 and len(ids) > 1:
            kept_id, merged_id = dice.sample(ids, 2)
            await door.contacts.merge(admin, kept_id, merged_id, {})
        elif what < 0.35 and merges:
            await door.contacts.undo_merge(admin, dice.choice(merges))
        elif what < 0.5:
            async with door.db.tx(door.worker) as tx:
                await door.contacts.change_identity(tx, somebody(dice), somebody(dice))
        else:
            async with door.db.tx(door.worker) as tx:
                await door.contacts.resolve(tx, somebody(dice))
    except (Conflict, NotFound):
        pass


async def check(door: Door) -> None:
    assert await door.value(_STRAY) == 0
    assert await door.value(_HALF_UNDONE) == 0


@pytest.mark.parametrize("seed", range(6))
async def test_every_identifier_belongs_to_one_living_contact(door: Door, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(40):
        await step(door, dice)
        await check(door)


async def test_and_so_it_is_when_everything_happens_at_once(door: Door) -> None:
    for seed in range(8):
        await asyncio.gather(*(step(door, random.Random(seed * 100 + n)) for n in range(8)))
        await check(door)
