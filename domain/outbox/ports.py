"""What the outbox needs from outside."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from domain.kernel.db import Tx
from domain.outbox.dto import Outbound, Receipt


class Sender(Protocol):
    """Hands messages to a provider. Called outside any transaction."""

    async def send(self, message: Outbound) -> Receipt:
        """Draw and send, or edit the card where it lives.

        Raises:
            TransientFailure: Not sent; try again after its `retry_after_s`.
            PermanentFailure: Never will be, as it stands.
            UnknownOutcome: Perhaps sent.
        """
        ...

    async def reconcile(self, message: Outbound) -> Receipt | None:
        """Look for a message whose sending ended unknown; None when the provider does not have it.

        Raises:
            TransientFailure: Cannot tell now.
        """
        ...


class DeliveryListener(Protocol):
    """Knows what messages on WhatsApp say, and wants to know what became of them, in the outbox's transactions."""

    async def deliverable(self, tx: Tx, message_id: UUID) -> object | None:
        """What its sender has to know of a message (`Outbound.subject_id`), or None: there is nothing to send.

        Read with the attempt that is recorded, so what may leave is decided then.
        """
        ...

    async def delivery_changed(
        self, tx: Tx, message: Outbound, state: str, error: str | None, receipt: Receipt | None
    ) -> None:
        """A message was sent, failed, cancelled, or its outcome is unknown."""
        ...

    async def thread_opened(self, tx: Tx, conversation_id: UUID) -> None:
        """A conversation got its thread with the message that was sent."""
        ...


class ByChannel:
    """A sender that hands each message to its channel's sender."""

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self._senders = senders

    async def send(self, message: Outbound) -> Receipt:
        """See `Sender`."""
        return await self._senders[message.channel].send(message)

    async def reconcile(self, message: Outbound) -> Receipt | None:
        """See `Sender`."""
        return await self._senders[message.channel].reconcile(message)
