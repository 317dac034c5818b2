"""What orders take and return. Win rates are basis points: 72.5 % is 7250."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel.money import Money


class OrderState(StrEnum):
    """Where an order stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLAIMED = "claimed"
    PAUSED = "paused"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"
    BANNED = "banned"


LIVE_STATES = frozenset({OrderState.DRAFT, OrderState.OPEN, OrderState.CLAIMED, OrderState.PAUSED})
HELD_STATES = frozenset({OrderState.CLAIMED, OrderState.PAUSED})


class Transition(StrEnum):
    """What can happen to an order; each time is one row of its history."""

    CREATE = "create"
    REVISE = "revise"
    PUBLISH = "publish"
    CLAIM = "claim"
    RELEASE = "release"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    ABANDON = "abandon"
    BAN = "ban"
    EXTEND = "extend"
    PROGRESS = "progress"
    COMPLETE = "complete"
    REOPEN = "reopen"
    ADJUST = "adjust"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as a seller types it.

    Attributes:
        price: None: the tariff's price of the target division.
        game: None: the tenant's first game.
        deadline_text: As people type dates; `deadline_at` wins over it.
        contact_id: The person it is for, where they wrote to us: they hear how it goes.
    """

    customer_name: str
    start_division: str
    target_division: str
    game: str | None = None
    price: Money | None = None
    account: str = ""
    deadline_text: str | None = None
    deadline_at: datetime | None = None
    notes: str = ""
    is_ranked: bool = True
    contact_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands.

    Attributes:
        deadline_at: The present deadline, extensions included.
        extension_days: Days added so far.
        is_ranked: It counts for the ranking.
        tracked_at: When the first tracking link came.
        closed_on: The business day it was completed, abandoned or banned on.
        contact_id: The person it is for, where they wrote to us.
    """

    id: UUID
    code: int
    state: OrderState
    customer_name: str
    game: str
    start_division: str
    target_division: str
    account: str
    price: Money
    deadline_at: datetime | None
    extension_days: int
    notes: str
    is_ranked: bool
    tracking_url: str | None
    tracked_at: datetime | None
    progress_division: str | None
    progress_win_rate_bp: int | None
    progressed_at: datetime | None
    booster_id: UUID | None
    booster_name: str | None
    booster_discord_id: int | None
    claimed_at: datetime | None
    final_division: str | None
    win_rate_bp: int | None
    points: int | None
    finished_at: datetime | None
    closed_on: date | None
    created_by: UUID | None
    created_at: datetime
    contact_id: UUID | None


@dataclass(frozen=True, slots=True)
class Completion:
    """How an order ended, as its booster or a dispatcher says.

    Attributes:
        order_bonus: None: given.
        win_rate_bonus: Given if the win rate reaches the tenant's threshold as well.
        ranked: None: the order is ranked and its booster takes part in the ranking.
        adjustment: Between company and booster; positive pays the booster more. Needs a reason.
        expected: The figures the person was shown; `complete` refuses when it would post others.
    """

    final_division: str
    win_rate_bp: int
    order_bonus: bool | None = None
    win_rate_bonus: bool = False
    ranked: bool | None = None
    adjustment: Money | None = None
    adjustment_reason: str = ""
    expected: "CompletionFigures | None" = None


@dataclass(frozen=True, slots=True)
class CompletionFigures:
    """The money of an order: customer = booster + company + pot_order + pot_win_rate.

    Attributes:
        booster: What the booster earns, adjustment and fines included.
        company: What the company keeps, adjustment and fines included.
        adjustment: Sum of the adjustments; positive paid the booster more.
        fine: Sum of the fines, zero or more; already taken off `booster`.
        warnings: Catalog keys.
    """

    customer: Money
    booster: Money
    company: Money
    pot_order: Money
    pot_win_rate: Money
    adjustment: Money
    fine: Money
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One row of an order's history."""

    transition: Transition
    from_state: str
    to_state: str
    reason: str
    details: dict[str, Any]
    actor_label: str
    actor_member_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """An order with its history, oldest first.

    Attributes:
        figures: Of a completed order, for those who may see money.
        own_pay: What a completed order pays the reader, adjustments and fines included, if it is their own.
    """

    order: Order
    figures: CompletionFigures | None
    events: tuple[OrderEvent, ...]
    own_pay: Money | None = None


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders a list shows; empty states: all."""

    states: frozenset[OrderState] = field(default_factory=frozenset)
    booster_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TariffLine:
    """Price, margin and ranking points of a division."""

    division: str
    price: Money
    margin: Money
    points: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """A version of a game's tariff; it never changes."""

    id: UUID
    game: str
    version: int
    lines: tuple[TariffLine, ...]
