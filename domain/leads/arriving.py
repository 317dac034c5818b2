"""Leads that come, and go on, by what happens in conversations and orders."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.kernel.db import Tx
from domain.leads import policy, queries
from domain.leads.changes import LeadUseCases, apply
from domain.leads.dto import LIVE_STAGES, Stage
from domain.outbox.kinds import Kind
from domain.outbox.post import post_card
from domain.tenancy.dto import Purpose

_IS_THERE = "SELECT EXISTS (SELECT 1 FROM leads WHERE tenant_id = $1 AND contact_id = $2 AND stage = ANY($3))"
_HELD = """
SELECT id, stage FROM leads WHERE tenant_id = $1 AND contact_id = $2 AND stage = ANY($3) FOR NO KEY UPDATE
"""
_UNOWNED = f"FROM leads WHERE tenant_id = $1 AND contact_id = $2 AND {queries.IS_LIVE} AND owner_id IS NULL"
_IS_UNOWNED = f"SELECT EXISTS (SELECT 1 {_UNOWNED})"
_HELD_UNOWNED = f"SELECT id {_UNOWNED} FOR NO KEY UPDATE"


class Arriving(LeadUseCases):
    """Ensure, replied, taken over, order posted: parts of somebody else's transaction."""

    async def ensure(
        self, tx: Tx, contact_id: UUID, source: str = "whatsapp", referral: Mapping[str, Any] | None = None
    ) -> UUID:
        """The lead of a person who writes: the live one, or a new one; the id.

        Whoever was won or lost within 30 days keeps that lead. The ad of the first touch stays with the lead; later
        ones go to its history. Many at once make one lead, and numbers have no gaps.
        """
        ad = dict(referral or {})
        known = await queries.latest(tx, contact_id)
        if known is None or not self._stands(known):
            return await self._create(tx, contact_id, _source(source, ad), ad)
        lead_id: UUID = known["id"]
        if ad and ad != known["referral"]:
            await queries.insert_event(tx, lead_id, "referral", self._clock.now(), details=ad)
        return lead_id

    async def replied(self, tx: Tx, contact_id: UUID) -> None:
        """The shop answered: a new lead is contacted now; any other stays as it is."""
        await self._advance(tx, contact_id, (Stage.NEW,), Stage.CONTACTED, step="replied")

    async def taken_over(self, tx: Tx, contact_id: UUID) -> None:
        """The actor answers the person now: their live lead is the actor's, if it had no owner and the actor sells."""
        if tx.actor.member_id is None or not policy.SALES_ROLES & tx.actor.roles:
            return
        if not await tx.value(_IS_UNOWNED, tx.tenant_id, contact_id):
            return
        await self._announce(tx, contact_id)
        row = await tx.row(_HELD_UNOWNED, tx.tenant_id, contact_id)
        if row is not None:
            changes: dict[str, object] = {"owner_id": tx.actor.member_id}
            details = {"from": "", "to": tx.actor.label}
            await apply(tx, self._clock, row["id"], "owner", changes, details=details, step="taken_over")

    async def order_posted(self, tx: Tx, contact_id: UUID) -> None:
        """An order was posted for the person: their live lead is won."""
        await self._advance(tx, contact_id, LIVE_STAGES, Stage.WON, step="order")

    async def thread_opened(self, tx: Tx, contact_id: UUID) -> None:
        """The person's conversation has its thread now: the lead's card leads there."""
        known = await queries.latest(tx, contact_id)
        if known is not None:
            await post_card(tx, self._clock, Kind.LEAD_CARD, known["id"], Purpose.LEADS)

    def _stands(self, known: Mapping[str, Any]) -> bool:
        ended_at = known["ended_at"]
        return ended_at is None or self._clock.now() - ended_at < policy.QUIET_AFTER_END

    async def _create(self, tx: Tx, contact_id: UUID, source: str, ad: dict[str, Any]) -> UUID:
        await queries.hold_numbers(tx)
        now = self._clock.now()
        lead_id = await queries.insert(tx, contact_id, source, ad, now)
        if lead_id is None:  # somebody was faster
            found = await queries.live_id(tx, contact_id)
            assert found is not None, "the index refused because of a live lead"
            return found
        await queries.insert_event(tx, lead_id, "created", now, details={"source": source})
        await post_card(tx, self._clock, Kind.LEAD_CARD, lead_id, Purpose.LEADS)
        return lead_id

    async def _advance(self, tx: Tx, contact_id: UUID, starts: tuple[Stage, ...], end: Stage, *, step: str) -> None:
        args = (tx.tenant_id, contact_id, [stage.value for stage in starts])
        if not await tx.value(_IS_THERE, *args):
            return
        await self._announce(tx, contact_id)
        row = await tx.row(_HELD, *args)
        if row is None:
            return
        changes: dict[str, object] = {"stage": end.value}
        if end in policy.ENDED_STAGES:
            changes["ended_at"] = self._clock.now()
        details = {"from": row["stage"], "to": end.value}
        await apply(tx, self._clock, row["id"], "stage", changes, details=details, step=step)


def _source(source: str, ad: Mapping[str, Any]) -> str:
    kind = ad.get("source_type")
    return kind if kind in policy.AD_SOURCES else source
