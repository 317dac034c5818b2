"""Who works here: add, find, suspend, and what each booster may take on."""

from uuid import UUID

from domain.audit.service import record
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import Conflict, InvalidInput, PermissionDenied
from domain.kernel.ids import uuid7
from domain.kernel.pages import Page
from domain.kernel.roles import HUMAN_ROLES, Role
from domain.kernel.sealing import Sealer
from domain.kernel.text import clean_name, clean_text
from domain.staff import queries
from domain.staff.dto import Limits, MemberStatus, StaffMember
from domain.staff.payouts import Payouts
from domain.tenancy import queries as tenancy
from domain.tenancy.policy import Permission, require

PAGE_SIZE = 10
MAX_PAGE_NUMBER = 2**31 - 1  # a number in a button may be anything
NAME_LIMIT = 80
REASON_LIMIT = 300
LIVE_ORDERS_LIMIT = 100
DIVISION_LIMIT = 12
DIVISIONS_LIMIT = 50
_MAX_DISCORD_ID = 2**63 - 1


class StaffService(Payouts):
    """Use cases of staff; each public method that takes an actor is one transaction."""

    def __init__(self, db: Database, clock: Clock, sealer: Sealer) -> None:
        super().__init__(db, clock, sealer)

    async def add(self, actor: Actor, discord_user_id: int, name: str, role: Role) -> StaffMember:
        """Give a person a role by name, and make them a member if they are not; adding twice changes nothing.

        Somebody who left is back. A suspended member stays suspended.

        Raises:
            PermissionDenied: `staff.owner_by_owner`: only an owner makes owners.
            InvalidInput: Name, Discord id or role is not one that can be.
        """
        require(actor, Permission.STAFF_CHANGE)
        name = clean_name(name, field="name", limit=NAME_LIMIT)
        if role not in HUMAN_ROLES:
            raise InvalidInput("staff.role", field="role", role=role.value)
        if not 0 < discord_user_id <= _MAX_DISCORD_ID:
            raise InvalidInput("staff.discord_id", field="discord_user_id")
        if role is Role.OWNER and not actor.roles & {Role.OWNER, Role.SYSTEM}:
            raise PermissionDenied("staff.owner_by_owner")
        now = self._clock.now()
        async with self._db.tx(actor) as tx:
            member_id, is_new = await tenancy.upsert_member(tx, uuid7(), discord_user_id, name, now)
            is_back = await queries.lock(tx, member_id) is MemberStatus.LEFT
            if is_back:
                await queries.set_status(tx, member_id, MemberStatus.ACTIVE)
            await queries.add_profile(tx, member_id)
            if await tenancy.give_role(tx, member_id, role) or is_new or is_back:
                await record(tx, self._clock, "staff.add", f"member {member_id}", {"role": role.value})
            return await queries.read(tx, member_id, now)

    async def suspend(self, actor: Actor, member_id: UUID, reason: str) -> StaffMember:
        """Stop a member from doing anything; suspending twice changes nothing.

        Their live orders stay theirs until somebody releases them: `live_order_count` says how many.

        Raises:
            NotFound: `staff.unknown`.
            PermissionDenied: `staff.owner_by_owner`: only an owner suspends an owner.
            Conflict: `staff.last_owner`; of two owners who suspend each other at once one stays. `staff.left`.
        """
        require(actor, Permission.STAFF_CHANGE)
        why = clean_text(reason, field="reason", limit=REASON_LIMIT, is_required=True)
        async with self._db.tx(actor) as tx:
            await _check_owner(tx, member_id)
            status = await queries.lock(tx, member_id)
            if status is MemberStatus.LEFT:
                raise Conflict("staff.left")
            if status is MemberStatus.ACTIVE:
                await queries.set_status(tx, member_id, MemberStatus.SUSPENDED)
                await record(tx, self._clock, "staff.suspend", f"member {member_id}", {"reason": why})
            return await queries.read(tx, member_id, self._clock.now())

    async def reinstate(self, actor: Actor, member_id: UUID) -> StaffMember:
        """Let a suspended member work again; an active one stays as they are.

        Raises:
            NotFound: `staff.unknown`.
            PermissionDenied: `staff.owner_by_owner`.
            Conflict: `staff.left`.
        """
        require(actor, Permission.STAFF_CHANGE)
        async with self._db.tx(actor) as tx:
            status = await queries.lock(tx, member_id)
            await _check_rank(tx, member_id)
            if status is MemberStatus.LEFT:
                raise Conflict("staff.left")
            if status is MemberStatus.SUSPENDED:
                await queries.set_status(tx, member_id, MemberStatus.ACTIVE)
                await record(tx, self._clock, "staff.reinstate", f"member {member_id}")
            return await queries.read(tx, member_id, self._clock.now())

    async def set_limits(
        self, actor: Actor, member_id: UUID, limits: Limits, expected: Limits | None = None
    ) -> StaffMember:
        """Say what a booster may take on: live orders, divisions, part in the ranking. Replaces all three.

        It counts for what they claim and complete from now on; orders they have stay theirs.

        Args:
            actor: Who.
            member_id: Whose.
            limits: The new ones.
            expected: Those the person was shown; others are not replaced. Of two at once the second is refused.

        Raises:
            NotFound: `staff.unknown`.
            InvalidInput: `staff.live_orders_limit`, or a division that is too long.
            Conflict: `staff.limits_changed`: not as shown.
        """
        require(actor, Permission.STAFF_CHANGE)
        limit = limits.live_orders_limit
        if limit is not None and not 1 <= limit <= LIVE_ORDERS_LIMIT:
            raise InvalidInput("staff.live_orders_limit", field="live_orders_limit", limit=LIVE_ORDERS_LIMIT)
        divisions = _divisions(limits.divisions)
        async with self._db.tx(actor) as tx:
            await queries.lock(tx, member_id)
            before = await queries.read(tx, member_id, self._clock.now())
            if before.limits == Limits(limit, divisions, limits.is_ranked):
                return before
            if expected is not None and before.limits != expected:
                raise Conflict("staff.limits_changed")
            await queries.set_limits(tx, member_id, limit, divisions, is_ranked=limits.is_ranked)
            details: dict[str, object] = {
                "live_orders_limit": limit, "divisions": list(divisions), "is_ranked": limits.is_ranked,
            }  # fmt: skip
            await record(tx, self._clock, "staff.set_limits", f"member {member_id}", details)
            return await queries.read(tx, member_id, self._clock.now())

    async def get(self, actor: Actor, member_id: UUID) -> StaffMember:
        """One member; everybody may see themselves.

        Raises:
            NotFound: `staff.unknown`.
        """
        if actor.member_id != member_id:
            require(actor, Permission.STAFF_LIST)
        async with self._db.tx(actor) as tx:
            return await queries.read(tx, member_id, self._clock.now())

    async def suggest(self, actor: Actor, text: str) -> list[StaffMember]:
        """Up to 25 members whose name holds the text, active ones first; nobody who left."""
        require(actor, Permission.STAFF_LIST)
        words = " ".join(text.replace("\x00", "").split()).lower()[:NAME_LIMIT]
        async with self._db.tx(actor) as tx:
            return [*await queries.suggest(tx, self._clock.now(), words)]

    async def list(self, actor: Actor, page_number: int = 1, role: Role | None = None) -> Page[StaffMember]:
        """A page of ten by name; with a role, those who have it by name. Beyond the last page: the last."""
        require(actor, Permission.STAFF_LIST)
        async with self._db.tx(actor) as tx:
            now = self._clock.now()
            number = min(max(1, page_number), MAX_PAGE_NUMBER)
            rows, total = await queries.page(tx, now, role, PAGE_SIZE, (number - 1) * PAGE_SIZE)
            last = max(1, -(-total // PAGE_SIZE))
            if number > last:
                number = last
                rows, total = await queries.page(tx, now, role, PAGE_SIZE, (number - 1) * PAGE_SIZE)
        return Page(rows, number, total, PAGE_SIZE)


async def _check_owner(tx: Tx, member_id: UUID) -> None:
    """Refuse to suspend an owner, unless an owner does it and another one stays."""
    owners = await queries.active_owners(tx, is_held=True)
    await _check_rank(tx, member_id)
    if owners == (member_id,):
        raise Conflict("staff.last_owner")


async def _check_rank(tx: Tx, member_id: UUID) -> None:
    """Refuse to change an owner to anyone who is not one."""
    if not tx.actor.roles & {Role.OWNER, Role.SYSTEM} and await queries.is_owner(tx, member_id):
        raise PermissionDenied("staff.owner_by_owner")


def _divisions(divisions: tuple[str, ...]) -> tuple[str, ...]:
    plain = [clean_name(text, field="divisions", limit=DIVISION_LIMIT).upper() for text in divisions]
    if len(plain) > DIVISIONS_LIMIT:
        raise InvalidInput("staff.divisions", field="divisions", limit=DIVISIONS_LIMIT)
    return tuple(dict.fromkeys(plain))
