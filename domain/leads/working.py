"""What people, and the assistant, do with a lead."""

from collections.abc import Collection
from uuid import UUID

from domain.audit.service import record
from domain.contacts import queries as contacts
from domain.kernel.actor import Actor
from domain.kernel.db import Tx
from domain.kernel.errors import Conflict, InvalidInput
from domain.kernel.money import Money
from domain.kernel.roles import Role
from domain.kernel.text import clean_name, clean_text
from domain.leads import policy, queries
from domain.leads.arriving import Arriving
from domain.leads.changes import apply
from domain.leads.dto import LIVE_STAGES, Lead, Stage
from domain.tenancy.policy import Permission, require


class Working(Arriving):
    """Stage, owner, notes, tags, wish."""

    async def set_stage(self, actor: Actor, ref: int | UUID, stage: Stage, reason: str = "") -> Lead:
        """Move a lead to a stage; the table in `policy` says which, by whom, and where a reason is needed.

        A lead that is there already stays as it is. Two at once go one after the other.

        Raises:
            NotFound: `lead.unknown`.
            PermissionDenied: `lead.not_by_assistant`.
            Conflict: `lead.has_ended`, `lead.one_step_back`; `lead.other_is_live` when it is reopened.
            InvalidInput: A reason is missing or too long.
        """
        require(actor, Permission.LEAD_CHANGE)
        why = clean_text(reason, field="reason", limit=policy.REASON_LIMIT)
        async with self._db.tx(actor) as tx:
            lead = await self._hold(tx, ref)
            if lead.stage is stage or await queries.is_repeat(tx, lead.id, "stage"):
                return lead
            policy.check_move(actor, lead.number, lead.stage, stage, why)
            await _check_live(tx, lead, stage)
            changes: dict[str, object] = {
                "stage": stage.value,
                "ended_at": self._clock.now() if stage in policy.ENDED_STAGES else None,
                "lost_reason": why if stage is Stage.LOST else "",
            }
            details = {"from": lead.stage.value, "to": stage.value}
            await apply(tx, self._clock, lead.id, "stage", changes, text=why, details=details)
            await record(tx, self._clock, "lead.stage", f"lead {lead.number}", {**details})
            return await queries.read(tx, lead.id)

    async def assign(
        self, actor: Actor, ref: int | UUID, member_id: UUID | None, roles: Collection[Role] | None = None
    ) -> Lead:
        """Give a lead to a member who sells, or to nobody; the owner it has already changes nothing.

        Args:
            actor: Who assigns.
            ref: The lead.
            member_id: The new owner, or None.
            roles: The new owner's roles where the door knows them. Those that come with a Discord role stand in no
                table, so without them only a member whose roles by name are none that sells is refused.

        Raises:
            NotFound: `lead.unknown`.
            InvalidInput: `lead.owner`: no active member of this shop who sells.
        """
        require(actor, Permission.LEAD_CHANGE)
        known = actor.roles if roles is None and member_id == actor.member_id else roles
        async with self._db.tx(actor) as tx:
            lead = await self._hold(tx, ref)
            if lead.owner_id == member_id or await queries.is_repeat(tx, lead.id, "owner"):
                return lead
            name = await _check_owner(tx, member_id, known) if member_id else ""
            details = {"from": lead.owner_name or "", "to": name}
            await apply(tx, self._clock, lead.id, "owner", {"owner_id": member_id}, details=details)
            return await queries.read(tx, lead.id)

    async def note(self, actor: Actor, ref: int | UUID, text: str) -> Lead:
        """Add a note to a lead's history; the same command again adds none.

        Raises:
            NotFound: `lead.unknown`.
            InvalidInput: Nothing to note, or more than 1,000 characters.
        """
        require(actor, Permission.LEAD_CHANGE)
        kept = clean_text(text, field="text", limit=policy.NOTE_LIMIT, is_required=True)
        async with self._db.tx(actor) as tx:
            lead = await queries.lock(tx, ref)
            if await queries.is_repeat(tx, lead.id, "note"):
                return lead
            await apply(tx, self._clock, lead.id, "note", {}, text=kept)
            return await queries.read(tx, lead.id)

    async def tag(self, actor: Actor, ref: int | UUID, tag: str, remove: bool = False) -> Lead:
        """Put a tag on a lead, or take it off; a tag that is there (or is not) changes nothing.

        Raises:
            NotFound: `lead.unknown`.
            InvalidInput: The tag is empty or longer than 24 characters.
            LimitReached: `lead.tags`: there are ten.
        """
        require(actor, Permission.LEAD_CHANGE)
        kept = policy.clean_tag(tag)
        async with self._db.tx(actor) as tx:
            lead = await self._hold(tx, ref)
            without = tuple(one for one in lead.tags if one != kept)
            tags = without if remove else policy.with_tag(lead.tags, kept)
            if tags == lead.tags or await queries.is_repeat(tx, lead.id, "tag"):
                return lead
            details = {"tag": kept, "is_removed": remove}
            await apply(tx, self._clock, lead.id, "tag", {"tags": list(tags)}, details=details)
            return await queries.read(tx, lead.id)

    async def update_wish(
        self, actor: Actor, contact_id: UUID, wish: str | None = None, start: str | None = None,
        target: str | None = None, quoted: Money | None = None,
    ) -> Lead:  # fmt: skip
        """Write down what a person wants; None leaves a part as it is, and the same again changes nothing.

        Goes to the person's live lead. Without one, because theirs was won or lost, the wish makes a new lead.
        Whether the divisions are in the tariff, the caller has checked.

        Raises:
            NotFound: `contact.unknown`.
            InvalidInput: A text is too long.
        """
        require(actor, Permission.LEAD_CHANGE)
        changes = _wish_changes(wish, start, target, quoted)
        async with self._db.tx(actor) as tx:
            await contacts.lock_merging(tx, is_shared=True)  # the lead stays with this contact
            living_id = await contacts.living(tx, contact_id)
            await self._announce(tx, living_id)
            lead_id = await queries.live_id(tx, living_id) or await self._create(tx, living_id, "whatsapp", {})
            lead = await queries.lock(tx, lead_id)
            new = {name: value for name, value in changes.items() if value != _wish_of(lead)[name]}
            if not new or await queries.is_repeat(tx, lead.id, "wish"):
                return lead
            await apply(tx, self._clock, lead.id, "wish", new, details=new)
            return await queries.read(tx, lead.id)


async def _check_live(tx: Tx, lead: Lead, stage: Stage) -> None:
    """Refuse to reopen a lead beside another live one of the same person."""
    if lead.stage in LIVE_STAGES or stage not in LIVE_STAGES:
        return
    await queries.hold_numbers(tx)
    other_id = await queries.live_id(tx, lead.contact_id)
    if other_id is not None:
        raise Conflict("lead.other_is_live", lead=lead.number, other=(await queries.read(tx, other_id)).number)


async def _check_owner(tx: Tx, member_id: UUID, roles: Collection[Role] | None) -> str:
    """The name of an active member who sells."""
    row = await queries.member(tx, member_id)
    known = roles if roles is not None else [Role(role) for role in row["roles"]] if row else ()
    is_refused = bool(known or roles is not None) and not policy.SALES_ROLES & set(known)
    if row is None or row["status"] != "active" or is_refused:
        raise InvalidInput("lead.owner", field="member")
    return str(row["name"])


def _wish_changes(wish: str | None, start: str | None, target: str | None, quoted: Money | None) -> dict[str, object]:
    changes: dict[str, object] = {}
    if wish is not None:
        changes["wish"] = clean_text(wish, field="wish", limit=policy.WISH_LIMIT)
    if start is not None:
        kept = clean_name(start, field="start", limit=policy.START_LIMIT, is_required=False)
        changes["start_division"] = kept or None
    if target is not None:
        kept = clean_name(target, field="target", limit=policy.TARGET_LIMIT, is_required=False)
        changes["target_division"] = kept or None
    if quoted is not None:
        changes |= {"quoted_minor": quoted.minor, "quoted_currency": quoted.currency}
    return changes


def _wish_of(lead: Lead) -> dict[str, object]:
    return {
        "wish": lead.wish, "start_division": lead.start_division, "target_division": lead.target_division,
        "quoted_minor": lead.quoted.minor if lead.quoted else None,
        "quoted_currency": lead.quoted.currency if lead.quoted else None,
    }  # fmt: skip
