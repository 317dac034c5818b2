"""What the outbox needs from outside."""

from typing import Protocol

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
