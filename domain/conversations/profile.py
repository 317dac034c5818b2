"""The shop's assistant, and what a turn of it has to know."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from domain.tenancy.dto import Tenant


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """The shop's assistant.

    Attributes:
        scope: What it may talk about, in the shop's words.
        silence_hours: How long a human's reply silences it.
        reopen_hours: A closed conversation is opened again when its contact writes within these hours.
        turn_token_limit: Of one turn; the day's limits are of one contact and of the whole shop.
        turn_cost_limit_micros: Millionths of a US dollar, as for the days.
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
    turn_cost_limit_micros: int = 200_000
    contact_day_cost_limit_micros: int = 1_000_000
    tenant_day_cost_limit_micros: int = 20_000_000

    @property
    def silence(self) -> timedelta:
        """How long a human's reply silences the assistant."""
        return timedelta(hours=self.silence_hours)


PROFILE_COLUMNS = tuple(field.name for field in fields(AgentProfile))


def profile_of(settings: Mapping[str, Any] | None) -> AgentProfile:
    """The settings' row, or the defaults."""
    return AgentProfile(**{name: settings[name] for name in PROFILE_COLUMNS}) if settings else AgentProfile()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one turn may use: tokens, and millionths of a US dollar."""

    tokens: int
    cost_micros: int

    @property
    def is_spent(self) -> bool:
        """Whether there is nothing left to begin with."""
        return self.tokens <= 0 or self.cost_micros <= 0


@dataclass(frozen=True, slots=True)
class Brief:
    """What a turn of the assistant has to know of its shop, and what it may use.

    Attributes:
        allowance: What is left of the turn's, the contact's and the shop's, the least of each.
    """

    tenant: Tenant
    profile: AgentProfile
    allowance: Allowance
