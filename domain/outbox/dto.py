"""What the outbox hands to a sender and gets back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel.actor import Actor
from domain.outbox.kinds import Kind


async def _nothing() -> None:
    """Nobody else could ask."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message on its way.

    Attributes:
        id: Its row.
        tenant_id: Whose it is.
        channel: `discord` or `whatsapp`: which sender takes it.
        kind: Which renderer draws it.
        subject_id: What it is about, looked up when it is drawn.
        params: Ids, words and minor units.
        channel_id: Discord channel to post in; None for a direct message, or when no channel is bound.
        recipient_discord_id: Discord user of a direct message.
        recipient_member_id: The member of a direct message.
        recipient_locale: The language that member's client last spoke, where it is known.
        card: Where the standing card lives already (channel id, message id): edit it.
        nonce: Up to 25 characters; the provider drops a second post with it.
        purpose: What the channel is for; None for a direct message.
        attempt_count: 1 at the first attempt.
        attempted_at: When the first attempt was made whose outcome is still unknown; None when there is none.
        conversation_id: The conversation it belongs to: into its Discord thread, or to its contact on WhatsApp.
        thread_id: The conversation's Discord thread; None before there is one.
        resent_count: How often it is sent again, this time included, because the outcome before stayed unknown.
        lane: Messages of one lane leave one after the other.
        is_bound: Whether a channel is bound for the purpose itself; otherwise `channel_id` is the log channel's.
        is_told: Whether the shop was told that none is bound for it.
        was_forbidden: Whether Discord refused it before for want of permission.
        content: On WhatsApp: what it says, to whom, and whether it may leave; see `DeliveryListener.deliverable`.
        renew: Says that the attempt is still at work, so that nobody asks yet what became of it; for senders that take
            longer than a call. Never fails.
    """

    id: UUID
    tenant_id: UUID
    channel: str
    kind: Kind
    subject_id: UUID | None
    params: dict[str, Any]
    channel_id: int | None
    recipient_discord_id: int | None
    recipient_member_id: UUID | None
    recipient_locale: str | None
    card: tuple[int, int] | None
    nonce: str
    purpose: str | None
    attempt_count: int
    attempted_at: datetime | None
    conversation_id: UUID | None = None
    thread_id: int | None = None
    resent_count: int = 0
    lane: str = ""
    is_bound: bool = False
    is_told: bool = False
    was_forbidden: bool = False
    content: object | None = None
    renew: Callable[[], Awaitable[None]] = field(default=_nothing, repr=False, compare=False)

    @property
    def actor(self) -> Actor:
        """Our own worker, acting for the tenant."""
        return Actor.system(self.tenant_id, "outbox", f"outbox:{self.id}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a message went; (0, 0) when there was nothing to send any more.

    Attributes:
        ref: The provider's own id where it is no number (wamid).
        held_as: Under which name news of the provider about `ref` are kept from passing by; None: there are none.
        thread: Thread and first message, when a conversation's thread was made on the way.
    """

    channel_id: int
    message_id: int
    ref: str | None = None
    held_as: str | None = None
    thread: tuple[int, int] | None = None
