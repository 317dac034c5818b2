"""A person's Discord account: one more identifier, which staff give and take."""

from uuid import UUID

from domain.audit.service import record
from domain.contacts import identifier_rows, queries
from domain.contacts.changes import ContactUseCases
from domain.contacts.dto import Contact, IdentifierKind, Identity
from domain.contacts.identifiers import identifiers_of
from domain.kernel.actor import Actor
from domain.kernel.errors import Conflict
from domain.tenancy.policy import Permission, require

# Held, so that nobody takes it back meanwhile; who is taking it back is waited for.
_HOLDER = """
SELECT contact_id FROM contact_identifiers WHERE tenant_id = $1 AND kind = 'discord' AND value = $2 FOR NO KEY UPDATE
"""
_UNLINK = """
DELETE FROM contact_identifiers
WHERE tenant_id = $1 AND contact_id = $2 AND kind = 'discord' AND ($3::text IS NULL OR value = $3) RETURNING value
"""


class Linking(ContactUseCases):
    """Link, and unlink; of a merged contact, the one it was merged into."""

    async def link_discord(self, actor: Actor, contact_id: UUID, discord_user_id: int) -> Contact:
        """Say that a Discord account is this person's; one that is linked so already stays.

        An account belongs to one contact of the shop: the table's key decides, whoever links it at the same moment.
        A person may have several. From now on they are recognised by it, too.

        Raises:
            NotFound: `contact.unknown`.
            Conflict: `contact.linked_elsewhere`: it is another contact's; `name` says whose, `contact_id` which.
        """
        require(actor, Permission.CONTACT_CHANGE)
        (seen,) = identifiers_of(Identity({IdentifierKind.DISCORD: str(discord_user_id)}))
        async with self._db.tx(actor) as tx:
            await queries.lock_merging(tx, is_shared=True)  # whose it is, it stays
            living_id = await queries.living(tx, contact_id)
            await identifier_rows.lock_keys(tx, [seen.lock_key])
            holder_id = await tx.value(_HOLDER, tx.tenant_id, seen.value)
            if holder_id not in (None, living_id):
                other = await queries.read(tx, holder_id)
                raise Conflict("contact.linked_elsewhere", name=other.name or other.phone or "–", contact_id=other.id)
            if holder_id is None:
                await identifier_rows.see(tx, living_id, [seen], self._clock.now(), is_past=True)
                await self._announce(tx, living_id)
                await record(tx, self._clock, "contact.link", f"contact {living_id}")
            return await queries.read(tx, living_id)

    async def unlink_discord(
        self, actor: Actor, contact_id: UUID, discord_user_id: int | None = None
    ) -> tuple[int, ...]:  # fmt: skip
        """Forget that a Discord account is this person's, or all that are; those that were.

        Raises:
            NotFound: `contact.unknown`.
        """
        require(actor, Permission.CONTACT_CHANGE)
        value = None if discord_user_id is None else str(discord_user_id)
        async with self._db.tx(actor) as tx:
            await queries.lock_merging(tx, is_shared=True)
            living_id = await queries.living(tx, contact_id)
            rows = await tx.rows(_UNLINK, tx.tenant_id, living_id, value)
            if rows:
                await self._announce(tx, living_id)
                await record(tx, self._clock, "contact.unlink", f"contact {living_id}")
            return tuple(int(row["value"]) for row in rows)
