"""Who a person is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class IdentifierKind(StrEnum):
    """How a person can be recognised; see the WhatsApp facts in docs/."""

    WA_ID = "wa_id"
    BSUID = "bsuid"
    PARENT_BSUID = "parent_bsuid"
    USERNAME = "username"
    PHONE = "phone"
    DISCORD = "discord"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a message says about its sender; everything may be missing, but not everything at once.

    Attributes:
        identifiers: Values as the provider delivered them, never normalised.
        name: The name people give themselves; anything may stand in it.
    """

    identifiers: dict[IdentifierKind, str] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who writes to the shop.

    Attributes:
        name: As the person calls themselves; never trusted, may be empty.
        identifiers: Values as the provider delivered them, the one seen last first.
        blocked_attempt_count: Messages that came while the person was blocked.
        unreachable: Keys of identifiers (`keys_of_address`) under which nobody receives messages, and since when the
            provider says so.
    """

    id: UUID
    name: str
    locale: str | None
    opted_out_at: datetime | None
    blocked_at: datetime | None
    created_at: datetime
    identifiers: dict[IdentifierKind, tuple[str, ...]] = field(default_factory=dict)
    blocked_attempt_count: int = 0
    unreachable: dict[str, datetime] = field(default_factory=dict)

    @property
    def phone(self) -> str:
        """A number to show to staff, with its plus; empty when the person hides it."""
        for kind in (IdentifierKind.WA_ID, IdentifierKind.PHONE):
            for value in self.identifiers.get(kind, ()):
                return f"+{value.lstrip('+')}"
        return ""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two rows that turned out to be one person."""

    id: UUID
    kept_id: UUID
    merged_id: UUID
    evidence: dict[str, object]
    at: datetime
    undone_at: datetime | None
