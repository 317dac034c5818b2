"""Where a shop's set-up stands, derived from the records and from what Discord has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.kernel.roles import Role
from domain.tenancy.dto import Purpose, Tenant


class Stage(StrEnum):
    """A step of the set-up, in order."""

    LOCALE = "locale"
    ZONE = "zone"
    CURRENCY = "currency"
    CUTOFF = "cutoff_hour"
    ROLES = "roles"
    CHANNELS = "channels"
    TEST = "test"


ROLES = (Role.ADMIN, Role.DISPATCHER, Role.SELLER, Role.BOOSTER, Role.VIEWER)
PURPOSES = (Purpose.ORDERS, Purpose.CONVERSATIONS, Purpose.LEADS, Purpose.LOG, Purpose.PAYROLL, Purpose.CLOSE)
"""The channels used so far; whatever has none is told in the log channel."""


@dataclass(frozen=True, slots=True)
class SetupState:
    """The shop as it is.

    Attributes:
        tenant: With its settings.
        roles: Discord roles by ours, those that still exist.
        channels: Discord channels by purpose, those that still exist.
        gone: Roles and purposes whose Discord role or channel was deleted.
        blocked: Purposes of channels in which the bot may not post.
    """

    tenant: Tenant
    roles: Mapping[Role, int]
    channels: Mapping[Purpose, int]
    gone: frozenset[str] = field(default_factory=frozenset)
    blocked: frozenset[Purpose] = field(default_factory=frozenset)

    def is_done(self, stage: Stage) -> bool:
        """Whether a step is answered and what it points at is still there."""
        if stage.value not in self.tenant.answered_steps:
            return False
        if stage is Stage.ROLES:
            return not self.gone & {role.value for role in ROLES}
        if stage is Stage.CHANNELS:
            return not self.blocked and not self.gone & {purpose.value for purpose in PURPOSES}
        return True

    @property
    def next_stage(self) -> Stage | None:
        """The first step that is not done; None when all are."""
        return next((stage for stage in Stage if not self.is_done(stage)), None)
