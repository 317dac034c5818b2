"""SQL of tenancy."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from domain.kernel.db import Row, Tx
from domain.kernel.roles import Role
from domain.tenancy.dto import Tenant

COLUMNS = tuple(field.name for field in fields(Tenant))
_UPSERT_MEMBER = """
INSERT INTO members (id, tenant_id, discord_user_id, name, joined_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, discord_user_id) DO UPDATE SET name = members.name
RETURNING id, (xmax = 0) AS is_new
"""
_IDENTITY = """
SELECT m.id, m.name, m.status, m.locale,
    (SELECT array_agg(role) FROM member_roles r WHERE r.member_id = m.id) AS own_roles,
    (SELECT array_agg(role) FROM role_bindings b
     WHERE b.tenant_id = $1 AND b.discord_role_id = ANY($3)) AS bound_roles
FROM tenants t LEFT JOIN members m ON m.tenant_id = t.id AND m.discord_user_id = $2
WHERE t.id = $1
"""


async def tenant(tx: Tx) -> Tenant:
    """The transaction's tenant."""
    row = await tx.row(f"SELECT {', '.join(COLUMNS)} FROM tenants WHERE id = $1", tx.tenant_id)  # noqa: S608 - own names
    assert row is not None, "an actor exists only for a tenant that exists"
    return tenant_of(row)


def tenant_of(row: Row) -> Tenant:
    """A row with `COLUMNS` as a tenant."""
    return Tenant(**{name: row[name] for name in COLUMNS} | {"answered_steps": tuple(row["answered_steps"])})


async def answer_steps(tx: Tx, steps: Sequence[str]) -> None:
    """Note that steps of the set-up are done; again changes nothing."""
    sql = """UPDATE tenants SET answered_steps =
                 ARRAY(SELECT DISTINCT step FROM unnest(answered_steps || $2::text[]) AS step ORDER BY step)
             WHERE id = $1 AND NOT answered_steps @> $2::text[]"""
    await tx.run(sql, tx.tenant_id, list(steps))


async def upsert_member(
    tx: Tx, member_id: UUID, discord_user_id: int, name: str, joined_at: object
) -> tuple[UUID, bool]:
    """Add a person, or find them; the id and whether they are new. Two at once make one."""
    row = await tx.row(_UPSERT_MEMBER, member_id, tx.tenant_id, discord_user_id, name[:80], joined_at)
    assert row is not None
    return row["id"], row["is_new"]


async def give_role(tx: Tx, member_id: UUID, role: Role) -> bool:
    """Give a role by name; False when the member has it already."""
    sql = "INSERT INTO member_roles (tenant_id, member_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    return await tx.run(sql, tx.tenant_id, member_id, role.value) == 1


async def identity(tx: Tx, discord_user_id: int, discord_role_ids: Sequence[int]) -> "Identity":
    """Who a Discord user is here, with the roles given by name and those that come with Discord roles."""
    row = await tx.row(_IDENTITY, tx.tenant_id, discord_user_id, list(discord_role_ids))
    assert row is not None
    own, bound = set(row["own_roles"] or ()), set(row["bound_roles"] or ())
    roles = frozenset(Role(role) for role in own | bound)
    return Identity(row["id"], row["name"], row["status"], row["locale"], roles)


async def remember_locale(tx: Tx, member_id: UUID, locale: str) -> None:
    """Note which language a member's client speaks."""
    await tx.run("UPDATE members SET locale = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant_id, member_id, locale)


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's row and effective roles; `member_id` is None for a stranger."""

    member_id: UUID | None
    name: str | None
    status: str | None
    locale: str | None
    roles: frozenset[Role]
