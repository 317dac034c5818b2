"""How every change of a lead goes: hold it, write it, write its history, refresh its card."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.leads import queries
from domain.leads.dto import Lead
from domain.leads.ports import LeadListener
from domain.outbox.kinds import Kind
from domain.outbox.post import post_card
from domain.tenancy.dto import Purpose


class LeadUseCases:
    """What the use cases of leads share."""

    def __init__(self, db: Database, clock: Clock, listener: LeadListener | None = None) -> None:
        self._db = db
        self._clock = clock
        self._listener = listener

    async def _announce(self, tx: Tx, contact_id: UUID) -> None:
        """Tell who shows the lead, before it is held: conversations hold their card first and the lead afterwards."""
        if self._listener is not None:
            await self._listener.lead_changes(tx, contact_id)

    async def _hold(self, tx: Tx, ref: int | UUID) -> Lead:
        """Announce a change, then hold the lead for it.

        Raises:
            NotFound: `lead.unknown`.
        """
        await self._announce(tx, (await queries.read(tx, ref)).contact_id)
        return await queries.lock(tx, ref)


async def apply(
    tx: Tx, clock: Clock, lead_id: UUID, kind: str, changes: Mapping[str, object], *, text: str = "",
    details: Mapping[str, Any] | None = None, step: str = "",
) -> None:  # fmt: skip
    """Write a change of a held lead with its row of history, and refresh the card."""
    now = clock.now()
    await queries.update(tx, lead_id, changes, now)
    await queries.insert_event(tx, lead_id, kind, now, text, details, step=step)
    await post_card(tx, clock, Kind.LEAD_CARD, lead_id, Purpose.LEADS)
