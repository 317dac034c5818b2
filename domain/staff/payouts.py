"""Where a booster's pay goes: sealed, held after a change, opened for payroll only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit.service import record
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Row, Tx
from domain.kernel.errors import PermissionDenied
from domain.kernel.sealing import Resealed, Sealer
from domain.kernel.text import clean_name
from domain.outbox.kinds import Kind
from domain.outbox.post import post_direct
from domain.staff import queries
from domain.staff.dto import StaffMember
from domain.tenancy.policy import Permission, require
from domain.tenancy.queries import tenant as read_tenant

ADDRESS_LIMIT = 200
BATCH_COUNT = 100  # of a rotation: profiles that one transaction holds


class Payouts:
    """Change and open payout addresses."""

    def __init__(self, db: Database, clock: Clock, sealer: Sealer) -> None:
        self._db = db
        self._clock = clock
        self._sealer = sealer

    async def set_payout(self, actor: Actor, address: str) -> StaffMember:
        """Change the actor's own payout address: usable after the tenant's hold, and every owner hears of it.

        Until then the address before stays in use. The same address again changes and announces nothing.

        Raises:
            PermissionDenied: Only members are paid.
            InvalidInput: The address is empty or too long.
        """
        require(actor, Permission.OWN_EARNINGS)
        if actor.member_id is None:
            raise PermissionDenied("member.unknown")
        text = clean_name(address, field="address", limit=ADDRESS_LIMIT)
        now = self._clock.now()
        async with self._db.tx(actor) as tx:
            await queries.add_profile(tx, actor.member_id)
            held = await queries.hold_payout(tx, actor.member_id, now)
            assert held is not None, "the profile was just made sure of"
            newest = held["waiting"] or held["usable"]
            if newest is None or self._open(tx.tenant_id, actor.member_id, newest) != text:
                await self._change(tx, actor.member_id, text, held["usable"], now)
            return await queries.read(tx, actor.member_id, now)

    async def payouts(self, tx: Tx, member_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The addresses that may be used now, of those members who have one. For payroll; never logged."""
        rows = await queries.usable_payouts(tx, member_ids, self._clock.now())
        return {
            row["member_id"]: self._open(tx.tenant_id, row["member_id"], row["sealed"])
            for row in rows
            if row["sealed"] is not None
        }

    async def payout(self, tx: Tx, member_id: UUID) -> str | None:
        """One member's address that may be used now; None when there is none."""
        return (await self.payouts(tx, [member_id])).get(member_id)

    async def reseal(self, actor: Actor) -> Resealed:
        """Seal under the first key what older keys sealed, in batches, each a transaction.

        Safe to repeat, to break off, and beside people who change their address.
        """
        require(actor, Permission.SETTINGS_CHANGE)
        after, total = UUID(int=0), Resealed()
        while True:
            async with self._db.tx(actor) as tx:
                rows = await queries.sealed_payouts(tx, after, BATCH_COUNT)
                total += await self._resealed(tx, rows)
            if len(rows) < BATCH_COUNT:
                return total
            after = rows[-1]["member_id"]

    async def _resealed(self, tx: Tx, rows: Sequence[Row]) -> Resealed:
        total = Resealed()
        for row in rows:
            purpose = _purpose(row["member_id"])
            sealed = [(row["payout_sealed"], purpose), (row["payout_pending_sealed"], purpose)]
            (usable, waiting), done = self._sealer.renewed(sealed, tx.tenant_id)
            if done.count:
                await queries.set_payout(tx, row["member_id"], usable, waiting, row["payout_pending_from"])
            total += done
        if total.count:
            await record(tx, self._clock, "staff.reseal_payouts", "staff", {"count": total.count})
        return total

    async def _change(self, tx: Tx, member_id: UUID, text: str, usable: bytes | None, now: datetime) -> None:
        tenant = await read_tenant(tx)
        usable_at = now + timedelta(hours=tenant.payout_hold_hours)
        sealed = self._sealer.seal(text, tx.tenant_id, _purpose(member_id))
        await queries.set_payout(tx, member_id, usable, sealed, usable_at)
        params: dict[str, object] = {"member": tx.actor.label, "usable_at": usable_at.isoformat()}
        for owner_id in await queries.active_owners(tx):
            await post_direct(tx, self._clock, owner_id, Kind.PAYOUT_CHANGED, params, member_id)
        details: dict[str, object] = {"usable_at": usable_at.isoformat()}
        await record(tx, self._clock, "staff.set_payout", f"member {member_id}", details)

    def _open(self, tenant_id: UUID, member_id: UUID, sealed: bytes) -> str:
        return self._sealer.open(sealed, tenant_id, _purpose(member_id))


def _purpose(member_id: UUID) -> str:
    return f"payout:{member_id}"
