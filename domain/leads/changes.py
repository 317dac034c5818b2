"""How every change of a lead goes: hold it, write it, write its history, refresh its card."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.leads import queries
from domain.outbox.kinds import Kind
from domain.outbox.post import post_card
from domain.tenancy.dto import Purpose


class LeadUseCases:
    """What the use cases of leads share."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock


async def apply(
    tx: Tx, clock: Clock, lead_id: UUID, kind: str, changes: Mapping[str, object], *, text: str = "",
    details: Mapping[str, Any] | None = None, step: str = "",
) -> None:  # fmt: skip
    """Write a change of a held lead with its row of history, and refresh the card."""
    now = clock.now()
    await queries.update(tx, lead_id, changes, now)
    await queries.insert_event(tx, lead_id, kind, now, text, details, step=step)
    await post_card(tx, clock, Kind.LEAD_CARD, lead_id, Purpose.LEADS)
