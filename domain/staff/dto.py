"""What staff returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel.roles import Role


class MemberStatus(StrEnum):
    """Whether a member may work."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Limits:
    """A booster's profile as a whole: what is not set is the default."""

    live_orders_limit: int | None = None
    divisions: tuple[str, ...] = ()
    is_ranked: bool = True


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who works here.

    Attributes:
        roles: Roles given by name; those that come with a Discord role are not kept here.
        live_orders_limit: Orders they may have at a time; None: the tenant's limit.
        divisions: What they may climb to; empty: everything.
        is_ranked: They take part in the ranking.
        live_order_count: Claimed or paused orders they have now.
        has_payout: There is a payout address that may be used now.
        payout_pending_from: When a changed payout address becomes usable; None when none waits.
    """

    id: UUID
    discord_user_id: int
    name: str
    status: MemberStatus
    roles: frozenset[Role]
    joined_at: datetime
    live_orders_limit: int | None
    divisions: tuple[str, ...]
    is_ranked: bool
    live_order_count: int
    has_payout: bool
    payout_pending_from: datetime | None

    @property
    def limits(self) -> Limits:
        """What they may take on."""
        return Limits(self.live_orders_limit, self.divisions, self.is_ranked)
