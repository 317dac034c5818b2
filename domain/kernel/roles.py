"""Who a person is to the shop."""

from enum import StrEnum


class Role(StrEnum):
    """Business roles, kept in our own tables; `SYSTEM` (clock and worker) and `AGENT` (assistant) are no person's."""

    OWNER = "owner"
    ADMIN = "admin"
    DISPATCHER = "dispatcher"
    SELLER = "seller"
    BOOSTER = "booster"
    VIEWER = "viewer"
    SYSTEM = "system"
    AGENT = "agent"


HUMAN_ROLES = tuple(role for role in Role if role not in (Role.SYSTEM, Role.AGENT))
