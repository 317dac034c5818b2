"""What tenancy returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel.business_day import business_day
from domain.kernel.money import MAX_MINOR, Money

LOCALES = ("en", "es", "fr", "pt-BR")


class Purpose(StrEnum):
    """What a Discord channel is for."""

    ORDERS = "orders"
    LOG = "log"
    RANKING = "ranking"
    RED_ALERTS = "red_alerts"
    PAYROLL = "payroll"
    CLOSE = "close"
    LEADS = "leads"
    CONVERSATIONS = "conversations"


RULES: Mapping[str, tuple[int, int]] = {
    "order_bonus_minor": (0, MAX_MINOR),
    "win_rate_bonus_minor": (0, MAX_MINOR),
    "win_rate_threshold_bp": (0, 10_000),
    "low_win_rate_fine_percent": (0, 100),
    "no_link_fine_percent": (0, 100),
    "second_person_above_minor": (0, MAX_MINOR),
    "live_orders_limit": (1, 100),
    "payout_hold_hours": (1, 720),  # never at once: the owner must have time to say that it was not them
}
"""The settings about money and how much one may take on, with the least and the most each may be."""
SETTING_STEPS = ("locale", "zone", "currency", "cutoff_hour")


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What a shop needs to exist; `answered_steps` are the settings that somebody chose, not we."""

    name: str
    guild_id: int
    owner_discord_id: int
    owner_name: str
    zone: str
    currency: str
    locale: str
    cutoff_hour: int = 6
    answered_steps: tuple[str, ...] = SETTING_STEPS


@dataclass(frozen=True, slots=True)
class Tenant:
    """A shop and its settings. Percentages of 0 switch a fine off; win rates are in basis points.

    `answered_steps` are the steps of the set-up that are done: names of settings, `roles`, `channels`, `test`.
    """

    id: UUID
    guild_id: int | None
    name: str
    zone: str
    currency: str
    locale: str
    cutoff_hour: int
    order_bonus_minor: int
    win_rate_bonus_minor: int
    win_rate_threshold_bp: int
    low_win_rate_fine_percent: int
    no_link_fine_percent: int
    second_person_above_minor: int | None
    live_orders_limit: int
    payout_hold_hours: int
    answered_steps: tuple[str, ...]
    created_at: datetime

    def money(self, minor: int) -> Money:
        """An amount in the shop's currency."""
        return Money(minor, self.currency)

    @property
    def rules(self) -> tuple[object, ...]:
        """The currency and the settings of `RULES`: what a person who changes one of them was shown."""
        return (self.currency, *(getattr(self, name) for name in RULES))

    def day_of(self, instant: datetime) -> date:
        """The shop's business day of an instant."""
        return business_day(instant, self.zone, self.cutoff_hour)


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """New values; None leaves a setting as it is.

    Attributes:
        is_one_person_enough: True: a payroll run of any sum may be approved and paid by one person.
    """

    name: str | None = None
    zone: str | None = None
    currency: str | None = None
    locale: str | None = None
    cutoff_hour: int | None = None
    order_bonus_minor: int | None = None
    win_rate_bonus_minor: int | None = None
    win_rate_threshold_bp: int | None = None
    low_win_rate_fine_percent: int | None = None
    no_link_fine_percent: int | None = None
    second_person_above_minor: int | None = None
    live_orders_limit: int | None = None
    payout_hold_hours: int | None = None
    is_one_person_enough: bool = False
