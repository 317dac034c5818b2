"""On whose behalf something is done."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.kernel.roles import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which tenant, under which command.

    Attributes:
        tenant_id: The tenant, resolved from the channel; sets row-level security.
        label: Name kept in histories, e.g. `Ana` or `clock`.
        roles: Effective roles at the door, this moment.
        command_key: The idempotency key: interaction id or job id. The same command twice changes the
            world once.
        member_id: The member's row; None for our own clock and worker.
        discord_user_id: The member's Discord id; None for our own clock and worker.
        locale: The reader's language: en, es, fr or pt-BR.
    """

    tenant_id: UUID
    label: str
    roles: frozenset[Role]
    command_key: str
    member_id: UUID | None = None
    discord_user_id: int | None = None
    locale: str = field(default="en", compare=False)

    @classmethod
    def system(cls, tenant_id: UUID, label: str, command_key: str) -> "Actor":
        """Our own clock or worker acting for a tenant."""
        return cls(tenant_id, label, frozenset({Role.SYSTEM}), command_key)

    @classmethod
    def assistant(cls, tenant_id: UUID, command_key: str, locale: str = "en") -> "Actor":
        """The agent, answering for a tenant with the agent's own permissions."""
        return cls(tenant_id, "assistant", frozenset({Role.AGENT}), command_key, locale=locale)

    def for_step(self, step: str) -> "Actor":
        """The same actor under a key of its own, for one of several changes made by one command."""
        return replace(self, command_key=f"{self.command_key}:{step}")
