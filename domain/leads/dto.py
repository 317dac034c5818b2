"""What leads take and return."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel.money import Money


class Stage(StrEnum):
    """Where a lead stands."""

    NEW = "new"
    CONTACTED = "contacted"
    INTERESTED = "interested"
    NEGOTIATION = "negotiation"
    WON = "won"
    LOST = "lost"


LIVE_STAGES = (Stage.NEW, Stage.CONTACTED, Stage.INTERESTED, Stage.NEGOTIATION)


@dataclass(frozen=True, slots=True)
class Lead:
    """A wish on its way to becoming an order.

    Attributes:
        number: People say L-7.
        source: whatsapp, ad, post or manual; `referral` is what the ad said of itself.
        conversation_number: The person's latest conversation, C-12.
        thread_id: Its Discord thread, where there is one.
        discord_user_ids: The person's own Discord accounts, the one linked last first.
    """

    id: UUID
    number: int
    contact_id: UUID
    contact_name: str
    stage: Stage
    owner_id: UUID | None
    owner_name: str | None
    source: str
    referral: dict[str, Any]
    wish: str
    start_division: str | None
    target_division: str | None
    quoted: Money | None
    tags: tuple[str, ...]
    lost_reason: str
    created_at: datetime
    updated_at: datetime
    conversation_number: int | None = None
    thread_id: int | None = None
    discord_user_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadEvent:
    """One row of a lead's history."""

    kind: str
    text: str
    details: dict[str, Any]
    actor_label: str
    at: datetime
