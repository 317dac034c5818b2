"""What the use cases of contacts share."""

from collections.abc import Sequence
from uuid import UUID

from domain.contacts.ports import ContactListener, Mover
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx


class ContactUseCases:
    """Database, clock, the areas whose rows belong to contacts (a merge moves them along), and who shows contacts."""

    def __init__(
        self, db: Database, clock: Clock, movers: Sequence[Mover] = (), listener: ContactListener | None = None
    ) -> None:  # fmt: skip
        self._db = db
        self._clock = clock
        self._movers = tuple(movers)
        self._listener = listener

    async def _announce(self, tx: Tx, contact_id: UUID) -> None:
        """Tell who shows the contact that staff changed it."""
        if self._listener is not None:
            await self._listener.contact_changes(tx, contact_id)
