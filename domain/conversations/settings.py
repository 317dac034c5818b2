"""What the shop says about its assistant, and what the assistant may use up in a day."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.audit.service import record
from domain.conversations.changes import ConversationUseCases
from domain.kernel.actor import Actor
from domain.kernel.db import Row, Tx
from domain.kernel.errors import InvalidInput
from domain.kernel.text import clean_text
from domain.tenancy.dto import Tenant
from domain.tenancy.policy import Permission, require
from domain.tenancy.queries import tenant as read_tenant

PERSONA_LIMIT = 500
SCOPE_LIMIT = 2000
_URL_LIMIT = 300
_MOST = 2**31 - 1
_BOUNDS = {
    "silence_hours": (1, 720), "reopen_hours": (0, 2160), "turn_token_limit": (1, _MOST),
    "contact_day_token_limit": (1, _MOST), "tenant_day_token_limit": (1, _MOST),
    "tenant_day_cost_limit_micros": (0, 2**62),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """The shop's assistant.

    Attributes:
        scope: What it may talk about, in the shop's words.
        silence_hours: How long a human's reply silences it.
        reopen_hours: A closed conversation is opened again when its contact writes within these hours.
        turn_token_limit: Of one turn; the day's limits are of one contact and of the whole shop.
        tenant_day_cost_limit_micros: Millionths of a US dollar.
    """

    is_on: bool = True
    persona: str = ""
    scope: str = ""
    privacy_url: str = ""
    silence_hours: int = 24
    reopen_hours: int = 72
    turn_token_limit: int = 20_000
    contact_day_token_limit: int = 100_000
    tenant_day_token_limit: int = 3_000_000
    tenant_day_cost_limit_micros: int = 20_000_000

    @property
    def silence(self) -> timedelta:
        """How long a human's reply silences the assistant."""
        return timedelta(hours=self.silence_hours)


@dataclass(frozen=True, slots=True)
class AgentChange:
    """New values; None leaves a setting as it is."""

    is_on: bool | None = None
    persona: str | None = None
    scope: str | None = None
    privacy_url: str | None = None
    silence_hours: int | None = None
    reopen_hours: int | None = None
    turn_token_limit: int | None = None
    contact_day_token_limit: int | None = None
    tenant_day_token_limit: int | None = None
    tenant_day_cost_limit_micros: int | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """What a turn of the assistant has to know of its shop, and what it may use.

    Attributes:
        tokens_left: For this turn; 0 when the day's tokens or money are spent.
    """

    tenant: Tenant
    profile: AgentProfile
    tokens_left: int


_NAMES = tuple(field.name for field in fields(AgentProfile))
_COLUMNS = ", ".join(_NAMES)
_READ = f"SELECT {_COLUMNS} FROM agent_settings WHERE tenant_id = $1"  # noqa: S608 - our own words
_SAVE = f"""
INSERT INTO agent_settings (tenant_id, {_COLUMNS})
VALUES ($1, {", ".join(f"${place}" for place in range(2, len(_NAMES) + 2))})
ON CONFLICT (tenant_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _NAMES)}
"""  # noqa: S608 - our own words
_USED = """
SELECT coalesce(sum(token_count) FILTER (WHERE scope = 'tenant'), 0)::bigint AS tenant_tokens,
       coalesce(sum(cost_micros) FILTER (WHERE scope = 'tenant'), 0)::bigint AS tenant_micros,
       coalesce(sum(token_count) FILTER (WHERE scope = $3), 0)::bigint AS contact_tokens
FROM agent_usage WHERE tenant_id = $1 AND scope IN ('tenant', $3) AND used_on = $2
"""
_USE = """
INSERT INTO agent_usage AS u (tenant_id, scope, used_on, turn_count, token_count, cost_micros)
SELECT $1, scope, $2, 1, $3, $4 FROM unnest($5::text[]) AS scope
ON CONFLICT (tenant_id, scope, used_on) DO UPDATE SET turn_count = u.turn_count + 1,
    token_count = u.token_count + excluded.token_count, cost_micros = u.cost_micros + excluded.cost_micros
"""


async def read_settings(tx: Tx) -> AgentProfile:
    """The shop's settings, or the defaults."""
    row = await tx.row(_READ, tx.tenant_id)
    return AgentProfile(**row) if row is not None else AgentProfile()


def profile_of(settings: Mapping[str, Any] | None) -> AgentProfile:
    """The settings' row as JSON, or the defaults."""
    return AgentProfile(**{name: settings[name] for name in _NAMES}) if settings is not None else AgentProfile()


async def count_usage(tx: Tx, contact_id: UUID, used_on: date, token_count: int, cost_micros: int) -> None:
    """Add a turn to the day of its contact and of the shop. Call it last: the shop's row is everybody's."""
    await tx.run(_USE, tx.tenant_id, used_on, token_count, cost_micros, [str(contact_id), "tenant"])


class Settings(ConversationUseCases):
    """Read and change the assistant; know what is left of its day."""

    async def settings(self, actor: Actor) -> AgentProfile:
        """The shop's assistant; anyone of the house may know."""
        async with self._db.tx(actor) as tx:
            return await read_settings(tx)

    async def change_settings(self, actor: Actor, change: AgentChange) -> AgentProfile:
        """Change the assistant; running turns end by the new rules. The same again changes nothing.

        Raises:
            InvalidInput: `agent.out_of_range`, `agent.privacy_url`, or a text that is too long.
            PermissionDenied: Owners and admins only.
        """
        require(actor, Permission.AGENT_CHANGE)
        wanted: dict[str, Any] = {
            name: _checked(name, value) for name, value in asdict(change).items() if value is not None
        }
        async with self._db.tx(actor) as tx:
            await tx.value("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", f"agent_settings:{tx.tenant_id}")
            before = await read_settings(tx)
            after = replace(before, **wanted)
            if after != before:
                await tx.run(_SAVE, tx.tenant_id, *(getattr(after, name) for name in _NAMES))
                changed = sorted(name for name in _NAMES if getattr(after, name) != getattr(before, name))
                await record(tx, self._clock, "agent.change", "agent", {"changed": changed, "is_on": after.is_on})
            return after

    async def brief(self, actor: Actor, contact_id: UUID) -> Brief:
        """The shop, its assistant, and what is left of the day for this contact; read in one transaction."""
        require(actor, Permission.AGENT_ANSWER)
        async with self._db.tx(actor) as tx:
            profile, tenant = await read_settings(tx), await read_tenant(tx)
            used = await tx.row(_USED, tx.tenant_id, tenant.day_of(self._clock.now()), str(contact_id))
        assert used is not None
        return Brief(tenant, profile, _left(profile, used))


def _left(limits: AgentProfile, used: Row) -> int:
    if used["tenant_micros"] >= limits.tenant_day_cost_limit_micros:
        return 0
    of_contact = limits.contact_day_token_limit - used["contact_tokens"]
    of_shop = limits.tenant_day_token_limit - used["tenant_tokens"]
    return int(max(0, min(limits.turn_token_limit, of_contact, of_shop)))


def _checked(name: str, value: object) -> object:
    if name in _BOUNDS:
        low, high = _BOUNDS[name]
        if not isinstance(value, int) or not low <= value <= high:
            raise InvalidInput("agent.out_of_range", field=name, low=low, high=high)
        return value
    if name == "is_on":
        return bool(value)
    limit = {"persona": PERSONA_LIMIT, "scope": SCOPE_LIMIT}.get(name, _URL_LIMIT)
    text = clean_text(str(value), field=name, limit=limit)
    if name == "privacy_url" and text and not (text.startswith("https://") and len(text.split()) == 1):
        raise InvalidInput("agent.privacy_url", field=name)
    return text
