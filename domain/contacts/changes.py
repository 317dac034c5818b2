"""What the use cases of contacts share."""

from collections.abc import Sequence

from domain.contacts.ports import Mover
from domain.kernel.clock import Clock
from domain.kernel.db import Database


class ContactUseCases:
    """Database, clock, and the areas whose rows belong to contacts: a merge moves them along."""

    def __init__(self, db: Database, clock: Clock, movers: Sequence[Mover] = ()) -> None:
        self._db = db
        self._clock = clock
        self._movers = tuple(movers)
