"""People who write to the shop: recognise, merge, block, and what they asked for."""

from collections.abc import Sequence

from domain.contacts import queries
from domain.contacts.dto import Contact, Identity
from domain.contacts.identifiers import clean_contact_name, identifiers_of
from domain.contacts.ports import Mover
from domain.contacts.recognising import recognise
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx

_WORDS_LIMIT = 4_096  # a message's own limit


class ContactService:
    """Use cases of contacts.

    Methods that take an actor are one transaction each; those that take a transaction belong to the caller's.

    Args:
        db: The database.
        clock: For instants.
        movers: The areas whose rows belong to contacts; a merge moves them along.
    """

    def __init__(self, db: Database, clock: Clock, movers: Sequence[Mover] = ()) -> None:
        self._db = db
        self._clock = clock
        self._movers = tuple(movers)

    async def resolve(self, tx: Tx, identity: Identity) -> Contact:
        """The person behind an event: found by any identifier and its number variants, or created.

        Two rows that one event shows to be one person are merged into the older, with the evidence kept, unless
        somebody has parted them by undoing a merge. A username recognises nobody while anything stronger is in the
        event, because usernames change hands: it moves to whoever shows it now. Many at once make one contact: the
        transaction holds the identifiers, and holds merging off, until it ends; so call it first, and once.

        Raises:
            InvalidInput: `contact.no_identifier`.
        """
        name = clean_contact_name(identity.name)
        contact_id = await recognise(tx, self._clock, self._movers, identifiers_of(identity), (), name)
        return await queries.read(tx, contact_id)

    async def change_identity(self, tx: Tx, before: Identity, after: Identity) -> Contact:
        """A person's number or user id is another one now: the new one is added, the old one stays as it was seen.

        Where the new one is somebody else's, the two are merged.

        Raises:
            InvalidInput: `contact.no_identifier`.
        """
        name = clean_contact_name(after.name)
        seen, past = identifiers_of(after), identifiers_of(before)
        contact_id = await recognise(tx, self._clock, self._movers, seen, past, name)
        return await queries.read(tx, contact_id)
