"""Who wrote? Found by any identifier, created when unknown, merged when an event shows that two are one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.contacts import identifier_rows, merge_rows, merging, queries
from domain.contacts.changes import ContactUseCases
from domain.contacts.dto import Contact, IdentifierKind, Identity
from domain.contacts.identifiers import Identifier, clean_contact_name, deciding, identifiers_of
from domain.contacts.ports import Mover
from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.kernel.errors import InvalidInput

# Which identifier says best who it is, where people decided that its owners are two.
_STRENGTH = (IdentifierKind.BSUID, IdentifierKind.PARENT_BSUID, IdentifierKind.WA_ID, IdentifierKind.PHONE,
             IdentifierKind.DISCORD, IdentifierKind.USERNAME)  # fmt: skip
_SEEN_LATELY = timedelta(minutes=10)


class Recognising(ContactUseCases):
    """Resolve, and change identity: the beginning of every event's transaction."""

    async def resolve(self, tx: Tx, identity: Identity) -> Contact:
        """The person behind an event: found by any identifier and its number variants, or created.

        Two rows that one event shows to be one person are merged into the older, with the evidence kept, unless
        somebody has parted them by undoing a merge. A username recognises nobody while anything stronger is in the
        event, because usernames change hands: it moves to whoever shows it now. Many at once make one contact: the
        transaction holds the identifiers, and holds merging off, until it ends; so call it first, and once.

        Raises:
            InvalidInput: `contact.no_identifier`.
        """
        name, seen = clean_contact_name(identity.name), identifiers_of(identity)
        if seen:
            await identifier_rows.begin_recognising(tx)
            contact = await identifier_rows.known(tx, seen, self._clock.now() - _SEEN_LATELY)
            if contact is not None and name in ("", contact.name):
                return contact  # the same as a moment ago: nothing to find out, and nothing to write
            await identifier_rows.leave_recognising(tx)
        contact_id = await recognise(tx, self._clock, self._movers, seen, (), name)
        return await queries.read(tx, contact_id)

    async def heard_from(self, tx: Tx, identity: Identity) -> Contact:
        """The same for somebody who is writing: what was said of their not receiving messages is forgotten."""
        contact = await self.resolve(tx, identity)
        if contact.unreachable:
            keys = [key for one in identifiers_of(identity) for key in (one.match_key, *one.variant_keys)]
            if await identifier_rows.clear_unreachable(tx, contact.id, keys, self._clock.now()):
                return await queries.read(tx, contact.id)
        return contact

    async def is_known(self, tx: Tx, identity: Identity) -> bool:
        """Whether anybody goes by one of these identifiers; creates and locks nothing."""
        return bool(await _matches(tx, deciding(identifiers_of(identity))))

    async def change_identity(self, tx: Tx, before: Identity, after: Identity) -> Contact:
        """A person's number or user id is another one now: the new one is added, the old one stays as it was seen.

        Where the new one is somebody else's, the two are merged. Locks as `resolve` does.

        Raises:
            InvalidInput: `contact.no_identifier`.
        """
        name = clean_contact_name(after.name)
        seen, past = identifiers_of(after), identifiers_of(before)
        contact_id = await recognise(tx, self._clock, self._movers, seen, past, name)
        return await queries.read(tx, contact_id)


@dataclass(frozen=True, slots=True)
class _Match:
    identifier: Identifier
    contact_id: UUID
    is_variant: bool


async def recognise(
    tx: Tx, clock: Clock, movers: Sequence[Mover], seen: Sequence[Identifier], past: Sequence[Identifier], name: str
) -> UUID:
    """The living contact behind an event, with everything the event says about them kept.

    Everybody who recognises people holds the keys of what they look for, and merging off, until their transaction
    ends: eight first messages at once make one contact, and nobody is merged away under a running event. Who has
    to merge gives that up first (the savepoint) and comes back alone, so that two of them never wait for each other.
    """
    everything = (*past, *seen)
    if not everything:
        raise InvalidInput("contact.no_identifier", field="identifiers")
    keys = [one.lock_key for one in everything]
    await tx.run("SAVEPOINT recognising")
    contact_id, others, matches = await _look(tx, deciding(everything), keys, is_shared=True)
    if others:
        await tx.run("ROLLBACK TO SAVEPOINT recognising")
        contact_id, others, matches = await _look(tx, deciding(everything), keys, is_shared=False)
    if contact_id is not None and others:
        contact_id = await merging.merge_all(tx, clock, movers, (contact_id, *others), _evidence(matches))
    await tx.run("RELEASE SAVEPOINT recognising")
    now = clock.now()
    if contact_id is None:
        contact_id = await queries.insert(tx, name, now)
    else:
        await queries.rename(tx, contact_id, name)
    await identifier_rows.see(tx, contact_id, past, now, is_past=True)
    await identifier_rows.see(tx, contact_id, seen, now)
    return contact_id


async def _look(
    tx: Tx, asked: Sequence[Identifier], keys: Sequence[str], *, is_shared: bool
) -> tuple[UUID | None, tuple[UUID, ...], Sequence[_Match]]:
    """Under the locks: the contact, others that are the same person, and what showed it."""
    await queries.lock_merging(tx, is_shared=is_shared)
    await identifier_rows.lock_keys(tx, keys)
    matches = await _matches(tx, asked)
    found = tuple(dict.fromkeys(match.contact_id for match in matches))
    if len(found) < 2:
        return (found[0] if found else None), (), matches
    apart = await merge_rows.kept_apart(tx, found[0], found[1:])
    return found[0], tuple(one for one in found[1:] if one not in apart), matches


async def _matches(tx: Tx, asked: Sequence[Identifier]) -> Sequence[_Match]:
    """Who is known, the strongest identifier first; a variant counts where the spelling itself is unknown."""
    keys = {key for one in asked for key in (one.match_key, *one.variant_keys)}
    rows = await identifier_rows.matching(tx, sorted(keys))
    found = []
    for one in sorted(asked, key=lambda one: _STRENGTH.index(one.kind)):
        exact = [row["contact_id"] for row in rows if row["match_key"] == one.match_key]
        near = [row["contact_id"] for row in rows if row["match_key"] in one.variant_keys]
        found += [_Match(one, contact_id, is_variant=not exact) for contact_id in (exact or near)[:1]]
    return found


def _evidence(matches: Sequence[_Match]) -> dict[str, object]:
    shown = [
        {"kind": match.identifier.kind.value, "value": match.identifier.value,
         "contact_id": str(match.contact_id), "is_variant": match.is_variant}
        for match in matches
    ]  # fmt: skip
    return {"by": "event", "identifiers": shown}
