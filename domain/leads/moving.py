"""Leads follow their person when two contacts turn out to be one."""

from typing import Any
from uuid import UUID

from domain.kernel.clock import Clock
from domain.kernel.db import Row, Tx
from domain.leads.changes import apply
from domain.leads.dto import LIVE_STAGES, Stage
from domain.leads.queries import IS_LIVE
from domain.outbox.kinds import Kind
from domain.outbox.post import post_card
from domain.tenancy.dto import Purpose

_MOVE = "UPDATE leads SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2 AND id = ANY($4)"
_OF = """
SELECT id, number, stage, contact_id FROM leads WHERE tenant_id = $1 AND contact_id = ANY($2)
ORDER BY number FOR NO KEY UPDATE
"""
_LIVE = f"SELECT EXISTS (SELECT 1 FROM leads WHERE tenant_id = $1 AND contact_id = $2 AND {IS_LIVE})"  # noqa: S608 - our own words


class LeadMover:
    """The leads' part of a merge. Of two live leads the one that is further goes on, else the older one."""

    name = "leads"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def move(self, tx: Tx, kept_id: UUID, merged_id: UUID) -> dict[str, Any]:
        """Give the leads to the kept contact; of two live ones, one is lost as a duplicate of the other."""
        rows = await tx.rows(_OF, tx.tenant_id, [kept_id, merged_id])
        ended = None
        live = sorted((row for row in rows if row["stage"] in LIVE_STAGES), key=_how_far)
        if len(live) == 2:
            ended = await self._end(tx, live[1], live[0])
        moved = [row["id"] for row in rows if row["contact_id"] == merged_id]
        await tx.run(_MOVE, tx.tenant_id, merged_id, kept_id, moved)
        await self._refresh(tx, moved)
        return {"leads": [str(lead_id) for lead_id in moved], "ended": ended}

    async def move_back(self, tx: Tx, kept_id: UUID, merged_id: UUID, moved: dict[str, Any]) -> None:
        """Give back the leads that moved, and let the one that was ended go on where it stood."""
        ids = [UUID(text) for text in moved["leads"]]
        rows = {row["id"]: row for row in await tx.rows(_OF, tx.tenant_id, [kept_id])}
        back = [lead_id for lead_id in ids if lead_id in rows]
        await tx.run(_MOVE, tx.tenant_id, kept_id, merged_id, back)
        await self._refresh(tx, back)
        ended = moved["ended"]
        if ended is None or UUID(ended["lead"]) not in rows:
            return
        owner_id = merged_id if UUID(ended["lead"]) in back else kept_id
        row = rows[UUID(ended["lead"])]
        if row["stage"] == Stage.LOST and not await tx.value(_LIVE, tx.tenant_id, owner_id):
            changes: dict[str, object] = {"stage": ended["stage"], "ended_at": None, "lost_reason": ""}
            await self._tell(tx, row, Stage(ended["stage"]), changes, step=f"parted-{row['id']}")

    async def _end(self, tx: Tx, row: Row, other: Row) -> dict[str, str]:
        reason = f"L-{other['number']}"
        changes: dict[str, object] = {
            "stage": Stage.LOST.value, "ended_at": self._clock.now(), "lost_reason": reason,
        }  # fmt: skip
        await self._tell(tx, row, Stage.LOST, changes, text=reason, step=f"merged-{row['id']}")
        return {"lead": str(row["id"]), "stage": row["stage"]}

    async def _tell(
        self, tx: Tx, row: Row, end: Stage, changes: dict[str, object], *, step: str, text: str = ""
    ) -> None:  # fmt: skip
        details = {"from": row["stage"], "to": end.value, "is_merge": True}
        await apply(tx, self._clock, row["id"], "stage", changes, text=text, details=details, step=step)

    async def _refresh(self, tx: Tx, lead_ids: list[UUID]) -> None:
        for lead_id in lead_ids:
            await post_card(tx, self._clock, Kind.LEAD_CARD, lead_id, Purpose.LEADS)


def _how_far(row: Row) -> tuple[int, int]:
    return -LIVE_STAGES.index(Stage(row["stage"])), row["number"]
