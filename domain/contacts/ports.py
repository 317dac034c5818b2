"""What contacts need from areas above them."""

from typing import Any, Protocol
from uuid import UUID

from domain.kernel.db import Tx


class Mover(Protocol):
    """Moves what belongs to a contact when two turn out to be one person; JSON in and out, so that it can be undone."""

    name: str

    async def move(self, tx: Tx, kept_id: UUID, merged_id: UUID) -> dict[str, Any]:
        """Give everything of `merged_id` to `kept_id`; what was moved."""
        ...

    async def move_back(self, tx: Tx, kept_id: UUID, merged_id: UUID, moved: dict[str, Any]) -> None:
        """Undo a move."""
        ...


class ContactListener(Protocol):
    """Shows a contact elsewhere (conversations: on their card)."""

    async def contact_changes(self, tx: Tx, contact_id: UUID) -> None:
        """Staff changes a contact in this transaction: blocked, let in again, linked with a Discord account."""
        ...
