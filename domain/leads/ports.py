"""What leads need from outside."""

from typing import Protocol
from uuid import UUID

from domain.kernel.db import Tx


class LeadListener(Protocol):
    """Shows a person's lead elsewhere (conversations: on their card and in the thread's name)."""

    async def lead_changes(self, tx: Tx, contact_id: UUID) -> None:
        """A person's lead changes in this transaction, and is not held yet: whoever listens takes their locks first."""
        ...
