"""What staff do with contacts: see, block, merge, undo."""

from dataclasses import replace
from uuid import UUID

from domain.audit.service import record
from domain.contacts import merge_rows, merging, queries
from domain.contacts.changes import ContactUseCases
from domain.contacts.dto import Contact, Merge
from domain.kernel.actor import Actor
from domain.kernel.errors import InvalidInput
from domain.tenancy.policy import Permission, require


class StaffSide(ContactUseCases):
    """Get, block, merge; another tenant's contact is just as unknown as none."""

    async def get(self, actor: Actor, contact_id: UUID) -> Contact:
        """A contact; of a merged one, the one it was merged into.

        Raises:
            NotFound: `contact.unknown`.
        """
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            living_id = await queries.living(tx, contact_id)
            count = await queries.blocked_attempt_count(tx, living_id)
            return replace(await queries.read(tx, living_id), blocked_attempt_count=count)

    async def block(self, actor: Actor, contact_id: UUID) -> Contact:
        """Answer a person no more; blocking twice changes nothing.

        Raises:
            NotFound: `contact.unknown`.
        """
        return await self._set_blocked(actor, contact_id, is_blocked=True)

    async def unblock(self, actor: Actor, contact_id: UUID) -> Contact:
        """Let a person in again; one who is not blocked stays as they are.

        Raises:
            NotFound: `contact.unknown`.
        """
        return await self._set_blocked(actor, contact_id, is_blocked=False)

    async def merge(self, actor: Actor, kept_id: UUID, merged_id: UUID, evidence: dict[str, object]) -> Merge:
        """Make one person of two, with what belongs to them; those who are one already stay as they are.

        A contact that was merged before stands for the one it was merged into. Two merges at once go one after the
        other.

        Args:
            actor: Who says so.
            kept_id: The row that stays.
            merged_id: The row that goes into it.
            evidence: What showed it; small, JSON.

        Raises:
            NotFound: `contact.unknown`.
            InvalidInput: `contact.same`: that is one row, not two.
        """
        require(actor, Permission.CONTACT_CHANGE)
        if kept_id == merged_id:
            raise InvalidInput("contact.same", field="merged")
        async with self._db.tx(actor) as tx:
            await queries.lock_merging(tx, is_shared=False)
            kept, merged = await queries.living(tx, kept_id), await queries.living(tx, merged_id)
            if kept == merged:
                known = await merge_rows.merge_between(tx, kept_id, merged_id)
                assert known is not None, "of two rows that are one, one was merged"
                return known
            shown = {"by": "staff", **evidence}
            merge_id = await merging.merge(tx, self._clock, self._movers, kept, merged, shown)
            await record(tx, self._clock, "contact.merge", f"contact {kept}", {"merged": str(merged)})
            return (await merge_rows.read_merge(tx, merge_id))[0]

    async def undo_merge(self, actor: Actor, merge_id: UUID) -> Merge:
        """Make two contacts of one again, each with what it had; undoing twice changes nothing.

        What came after the merge stays with the kept one. From now on no event merges the two by itself.

        Raises:
            NotFound: `contact.merge_unknown`.
            Conflict: `contact.merged_further`: a later merge is to be undone first.
        """
        require(actor, Permission.CONTACT_CHANGE)
        async with self._db.tx(actor) as tx:
            await queries.lock_merging(tx, is_shared=False)
            merge, moved = await merge_rows.read_merge(tx, merge_id)
            if merge.undone_at is None:
                await merging.undo(tx, self._clock, self._movers, merge, moved)
                details: dict[str, object] = {"merged": str(merge.merged_id)}
                await record(tx, self._clock, "contact.undo_merge", f"contact {merge.kept_id}", details)
            return (await merge_rows.read_merge(tx, merge_id))[0]

    async def merges(self, actor: Actor, contact_id: UUID) -> tuple[Merge, ...]:
        """The latest 25 merges a contact took part in, undone ones too, the newest first."""
        require(actor, Permission.CONTACT_CHANGE)
        async with self._db.tx(actor) as tx:
            return await merge_rows.merges_of(tx, contact_id)

    async def _set_blocked(self, actor: Actor, contact_id: UUID, *, is_blocked: bool) -> Contact:
        require(actor, Permission.CONTACT_CHANGE)
        async with self._db.tx(actor) as tx:
            await queries.lock_merging(tx, is_shared=True)  # a merge carries the block over, or comes later
            living_id = await queries.living(tx, contact_id)
            at, by = (self._clock.now(), actor.member_id) if is_blocked else (None, None)
            if await queries.set_blocked(tx, living_id, at, by):
                verb = "block" if is_blocked else "unblock"
                await self._announce(tx, living_id)
                await record(tx, self._clock, f"contact.{verb}", f"contact {living_id}")
            return await queries.read(tx, living_id)
