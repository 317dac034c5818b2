"""What the shop says about its assistant."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from domain.audit.service import record
from domain.conversations.changes import ConversationUseCases, board_changes, cards_change
from domain.conversations.profile import PROFILE_COLUMNS, AgentProfile, profile_of
from domain.kernel.actor import Actor
from domain.kernel.db import Tx
from domain.kernel.errors import InvalidInput
from domain.kernel.text import clean_text
from domain.tenancy.policy import Permission, require

PERSONA_LIMIT = 500
SCOPE_LIMIT = 2000
_URL_LIMIT = 300
_MOST = 2**31 - 1
_BOUNDS = {
    "silence_hours": (1, 720), "reopen_hours": (0, 2160), "turn_token_limit": (1, _MOST),
    "contact_day_token_limit": (1, _MOST), "tenant_day_token_limit": (1, _MOST),
    "turn_cost_limit_micros": (0, 2**62), "contact_day_cost_limit_micros": (0, 2**62),
    "tenant_day_cost_limit_micros": (0, 2**62),
}  # fmt: skip


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
    turn_cost_limit_micros: int | None = None
    contact_day_cost_limit_micros: int | None = None
    tenant_day_cost_limit_micros: int | None = None


_COLUMNS = ", ".join(PROFILE_COLUMNS)
_READ = f"SELECT {_COLUMNS} FROM agent_settings WHERE tenant_id = $1"  # noqa: S608 - our own words
_SAVE = f"""
INSERT INTO agent_settings (tenant_id, {_COLUMNS})
VALUES ($1, {", ".join(f"${place}" for place in range(2, len(PROFILE_COLUMNS) + 2))})
ON CONFLICT (tenant_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in PROFILE_COLUMNS)}
"""  # noqa: S608 - our own words


async def read_settings(tx: Tx) -> AgentProfile:
    """The shop's settings, or the defaults."""
    return profile_of(await tx.row(_READ, tx.tenant_id))


class Settings(ConversationUseCases):
    """Read and change the assistant."""

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
                await tx.run(_SAVE, tx.tenant_id, *(getattr(after, name) for name in PROFILE_COLUMNS))
                changed = sorted(name for name in PROFILE_COLUMNS if getattr(after, name) != getattr(before, name))
                if after.is_on != before.is_on:
                    await board_changes(tx)
                    await cards_change(tx)
                await record(tx, self._clock, "agent.change", "agent", {"changed": changed, "is_on": after.is_on})
            return after


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
