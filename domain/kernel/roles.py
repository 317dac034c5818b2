"""Who a person is to the shop."""

from enum import StrEnum


class Role(StrEnum):
    """Business roles, kept in our own tables; `SYSTEM` is our own clock and worker, never a person."""

    OWNER = "owner"
    ADMIN = "admin"
    DISPATCHER = "dispatcher"
    SELLER = "seller"
    BOOSTER = "booster"
    VIEWER = "viewer"
    SYSTEM = "system"


HUMAN_ROLES = tuple(role for role in Role if role is not Role.SYSTEM)
