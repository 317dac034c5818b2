"""Two rows that turned out to be one person, in one transaction, with evidence and a way back.

Whoever merges or undoes holds merging alone (`queries.lock_merging`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.contacts import merge_rows, queries
from domain.contacts.dto import Merge
from domain.contacts.ports import Mover
from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.kernel.errors import Conflict
from domain.kernel.ids import uuid7


async def merge_all(
    tx: Tx, clock: Clock, movers: Sequence[Mover], contact_ids: Sequence[UUID], evidence: dict[str, object]
) -> UUID:
    """Merge living contacts into the oldest of them; its id."""
    kept_id, *rest = await merge_rows.oldest_first(tx, contact_ids)
    for merged_id in rest:
        await merge(tx, clock, movers, kept_id, merged_id, evidence)
    return kept_id


async def merge(
    tx: Tx, clock: Clock, movers: Sequence[Mover], kept_id: UUID, merged_id: UUID, evidence: dict[str, object]
) -> UUID:
    """Give everything of one living contact to another; the merge's id.

    Who stopped messages, or is blocked, stays so whichever row said it.
    """
    moved: dict[str, Any] = {
        "fields": await _carry_fields(tx, kept_id, merged_id),
        "identifiers": await merge_rows.move_identifiers(tx, kept_id, merged_id),
        "areas": {mover.name: await mover.move(tx, kept_id, merged_id) for mover in movers},
    }
    await queries.set_fields(tx, merged_id, {"merged_into": kept_id})
    merge_id = uuid7()
    await merge_rows.insert_merge(tx, merge_id, kept_id, merged_id, evidence, moved, clock.now())
    return merge_id


async def undo(tx: Tx, clock: Clock, movers: Sequence[Mover], merge: Merge, moved: dict[str, Any]) -> None:
    """Make two contacts of one again; what came after the merge stays with the kept one.

    Raises:
        Conflict: `contact.merged_further`: the kept one was merged itself meanwhile; that is undone first.
    """
    if await queries.living(tx, merge.kept_id) != merge.kept_id:
        raise Conflict("contact.merged_further")
    await queries.set_fields(tx, merge.merged_id, {"merged_into": None})
    await merge_rows.move_identifiers_back(tx, merge.kept_id, merge.merged_id, moved["identifiers"])
    for mover in reversed(movers):
        if mover.name in moved["areas"]:
            await mover.move_back(tx, merge.kept_id, merge.merged_id, moved["areas"][mover.name])
    await _restore_fields(tx, merge.kept_id, moved["fields"])
    await merge_rows.end_merge(tx, merge.id, clock.now())


async def _carry_fields(tx: Tx, kept_id: UUID, merged_id: UUID) -> dict[str, list[str | None]]:
    """Fill the kept one's empty columns from the merged one; before and after of what changed."""
    kept, merged = await merge_rows.fields(tx, kept_id), await merge_rows.fields(tx, merged_id)
    changes = {name: merged[name] for name, value in kept.items() if not value and merged[name]}
    if changes:
        await queries.set_fields(tx, kept_id, changes)
    return {name: [_plain(kept[name]), _plain(value)] for name, value in changes.items()}


async def _restore_fields(tx: Tx, kept_id: UUID, carried: dict[str, list[str | None]]) -> None:
    """Undo what `_carry_fields` did, where nobody has changed it since."""
    now = await merge_rows.fields(tx, kept_id)
    empty = {name: "" if name == "name" else None for name in now}
    changes: dict[str, object] = {
        name: empty[name] for name, (_, after) in carried.items() if _plain(now[name]) == after
    }  # fmt: skip
    if changes:
        await queries.set_fields(tx, kept_id, changes)


def _plain(value: object) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)
