"""Orders follow their person when two contacts turn out to be one."""

from typing import Any
from uuid import UUID

from domain.kernel.db import Tx

_MOVE = "UPDATE orders SET contact_id = $2 WHERE tenant_id = $1 AND contact_id = $3 RETURNING id"
_BACK = "UPDATE orders SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2 AND id = ANY($4)"


class OrderMover:
    """The orders' part of a merge: who hears how an order goes. Its state and history do not change."""

    name = "orders"

    async def move(self, tx: Tx, kept_id: UUID, merged_id: UUID) -> dict[str, Any]:
        """Give the orders of one contact to another; which ones."""
        rows = await tx.rows(_MOVE, tx.tenant_id, kept_id, merged_id)
        return {"orders": [str(row["id"]) for row in rows]}

    async def move_back(self, tx: Tx, kept_id: UUID, merged_id: UUID, moved: dict[str, Any]) -> None:
        """Give back the orders that moved and are still with the kept contact."""
        await tx.run(_BACK, tx.tenant_id, kept_id, merged_id, [UUID(text) for text in moved["orders"]])
