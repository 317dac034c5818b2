"""SQL of staff."""

from collections.abc import Sequence
from uuid import UUID

from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.kernel.roles import Role
from domain.staff.dto import MemberStatus, StaffMember

# What may be used now: a change that was held long enough, or what stood before it.
_USABLE = """CASE WHEN p.payout_pending_from <= $2 THEN p.payout_pending_sealed ELSE p.payout_sealed END"""
_MEMBER = f"""
SELECT m.id, m.discord_user_id, m.name, m.status, m.joined_at, p.live_orders_limit,
    coalesce(p.divisions, '{{}}') AS divisions, coalesce(p.is_ranked, true) AS is_ranked,
    {_USABLE} IS NOT NULL AS has_payout,
    CASE WHEN p.payout_pending_from > $2 THEN p.payout_pending_from END AS payout_pending_from,
    (SELECT array_agg(role ORDER BY role) FROM member_roles r WHERE r.member_id = m.id) AS roles,
    (SELECT count(*) FROM orders o WHERE o.tenant_id = m.tenant_id AND o.booster_id = m.id
        AND o.state IN ('claimed', 'paused')) AS live_order_count
FROM members m LEFT JOIN staff_profiles p ON p.member_id = m.id
WHERE m.tenant_id = $1
"""  # noqa: S608 - our own words
_WITH_ROLE = """
AND ($3::text IS NULL OR EXISTS (SELECT 1 FROM member_roles r WHERE r.member_id = m.id AND r.role = $3))
"""
_PAGE = f"{_MEMBER} {_WITH_ROLE} ORDER BY lower(m.name), m.id LIMIT $4 OFFSET $5"
_COUNT = f"SELECT count(*) FROM members m WHERE m.tenant_id = $1 AND $2::timestamptz IS NOT NULL {_WITH_ROLE}"  # noqa: S608 - our own words
_SUGGEST = f"""
{_MEMBER} AND m.status <> 'left' AND position($3 IN lower(m.name)) > 0
ORDER BY (m.status = 'active') DESC, position($3 IN lower(m.name)), lower(m.name), m.id LIMIT 25
"""
_OWNERS = """
SELECT m.id FROM members m JOIN member_roles r ON r.member_id = m.id AND r.role = 'owner'
WHERE m.tenant_id = $1 AND m.status = 'active' ORDER BY m.id
"""
_SET_LIMITS = """
INSERT INTO staff_profiles (tenant_id, member_id, live_orders_limit, divisions, is_ranked)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (member_id) DO UPDATE SET live_orders_limit = $3, divisions = $4, is_ranked = $5
"""
_HOLD_PAYOUT = f"""
SELECT {_USABLE} AS usable, CASE WHEN p.payout_pending_from > $2 THEN p.payout_pending_sealed END AS waiting,
    p.payout_pending_from
FROM staff_profiles p WHERE p.tenant_id = $1 AND p.member_id = $3 FOR UPDATE
"""  # noqa: S608 - our own words
_SET_PAYOUT = """
UPDATE staff_profiles SET payout_sealed = $3, payout_pending_sealed = $4, payout_pending_from = $5
WHERE tenant_id = $1 AND member_id = $2
"""


async def read(tx: Tx, member_id: UUID, now: object) -> StaffMember:
    """A member.

    Raises:
        NotFound: `staff.unknown`; another tenant's member is just as unknown.
    """
    row = await tx.row(f"{_MEMBER} AND m.id = $3", tx.tenant_id, now, member_id)
    if row is None:
        raise NotFound("staff.unknown")
    return _member_of(row)


async def lock(tx: Tx, member_id: UUID) -> MemberStatus:
    """Hold a member until the transaction ends; their status.

    Raises:
        NotFound: `staff.unknown`.
    """
    sql = "SELECT status FROM members WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE"
    status = await tx.value(sql, tx.tenant_id, member_id)
    if status is None:
        raise NotFound("staff.unknown")
    return MemberStatus(status)


async def set_status(tx: Tx, member_id: UUID, status: MemberStatus) -> None:
    """Change whether a held member may work."""
    sql = "UPDATE members SET status = $3 WHERE tenant_id = $1 AND id = $2"
    await tx.run(sql, tx.tenant_id, member_id, status.value)


async def active_owners(tx: Tx, *, is_held: bool = False) -> tuple[UUID, ...]:
    """The active owners; held, none of them can be suspended by somebody else meanwhile."""
    rows = await tx.rows(_OWNERS + ("FOR NO KEY UPDATE OF m" if is_held else ""), tx.tenant_id)
    return tuple(row["id"] for row in rows)


async def is_owner(tx: Tx, member_id: UUID) -> bool:
    """Whether a member has the owner's role."""
    sql = "SELECT EXISTS (SELECT 1 FROM member_roles WHERE tenant_id = $1 AND member_id = $2 AND role = 'owner')"
    return bool(await tx.value(sql, tx.tenant_id, member_id))


async def page(tx: Tx, now: object, role: Role | None, limit: int, offset: int) -> tuple[tuple[StaffMember, ...], int]:
    """Members by name, and how many there are in all."""
    wanted = role.value if role else None
    total: int = await tx.value(_COUNT, tx.tenant_id, now, wanted)
    return _members(await tx.rows(_PAGE, tx.tenant_id, now, wanted, limit, offset)), total


async def suggest(tx: Tx, now: object, words: str) -> tuple[StaffMember, ...]:
    """Up to 25 members whose name holds the words, active ones first."""
    return _members(await tx.rows(_SUGGEST, tx.tenant_id, now, words))


async def set_limits(tx: Tx, member_id: UUID, limit: int | None, divisions: Sequence[str], *, is_ranked: bool) -> None:
    """Write a booster's profile."""
    await tx.run(_SET_LIMITS, tx.tenant_id, member_id, limit, list(divisions), is_ranked)


async def add_profile(tx: Tx, member_id: UUID) -> None:
    """Make sure a member has a profile."""
    sql = "INSERT INTO staff_profiles (tenant_id, member_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    await tx.run(sql, tx.tenant_id, member_id)


async def hold_payout(tx: Tx, member_id: UUID, now: object) -> Row | None:
    """Hold a profile: the sealed address usable now, the one that waits, and until when."""
    return await tx.row(_HOLD_PAYOUT, tx.tenant_id, now, member_id)


async def set_payout(
    tx: Tx, member_id: UUID, usable: bytes | None, waiting: bytes | None, waiting_until: object
) -> None:
    """Write the sealed addresses."""
    await tx.run(_SET_PAYOUT, tx.tenant_id, member_id, usable, waiting, waiting_until)


async def usable_payouts(tx: Tx, member_ids: Sequence[UUID], now: object) -> Sequence[Row]:
    """Member id and sealed address usable now."""
    sql = f"""SELECT p.member_id, {_USABLE} AS sealed FROM staff_profiles p
              WHERE p.tenant_id = $1 AND p.member_id = ANY($3)"""  # noqa: S608 - our own words
    return await tx.rows(sql, tx.tenant_id, now, list(member_ids))


async def sealed_payouts(tx: Tx, after: UUID, limit: int) -> Sequence[Row]:
    """The next profiles with a sealed address behind a member's, held."""
    sql = """SELECT member_id, payout_sealed, payout_pending_sealed, payout_pending_from FROM staff_profiles
             WHERE tenant_id = $1 AND member_id > $2
                 AND (payout_sealed IS NOT NULL OR payout_pending_sealed IS NOT NULL)
             ORDER BY member_id LIMIT $3 FOR UPDATE"""
    return await tx.rows(sql, tx.tenant_id, after, limit)


def _members(rows: Sequence[Row]) -> tuple[StaffMember, ...]:
    return tuple(_member_of(row) for row in rows)


def _member_of(row: Row) -> StaffMember:
    return StaffMember(
        id=row["id"],
        discord_user_id=row["discord_user_id"],
        name=row["name"],
        status=MemberStatus(row["status"]),
        roles=frozenset(Role(role) for role in row["roles"] or ()),
        joined_at=row["joined_at"],
        live_orders_limit=row["live_orders_limit"],
        divisions=tuple(row["divisions"]),
        is_ranked=row["is_ranked"],
        live_order_count=row["live_order_count"],
        has_payout=row["has_payout"],
        payout_pending_from=row["payout_pending_from"],
    )
