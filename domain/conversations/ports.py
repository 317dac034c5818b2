"""What conversations need from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.conversations.dto import Outgoing
from domain.conversations.inbound import Inbound
from domain.kernel.db import Tx


class InboundParser(Protocol):
    """Knows a provider's items."""

    def parse(self, kind: str, item: Mapping[str, Any]) -> Sequence[Inbound]:
        """What an item means; never raises: what cannot be read is `Unknown`."""
        ...


class Splitter(Protocol):
    """Knows what fits into one message of the channel."""

    def __call__(self, outgoing: Outgoing) -> Sequence[Outgoing]:
        """The same in messages that each fit, in order; itself when it fits."""
        ...


class TurnTaker(Protocol):
    """Answers for the shop: the agent, or the guided menu where no model is configured."""

    async def take_turn(self, tenant_id: UUID, conversation_id: UUID, job_key: str) -> datetime | None:
        """Answer what waits in a conversation, if it is due and nobody else answers; running twice answers once.

        Returns:
            When it may be due, if it is not yet; None: it was answered, or is nothing for the taker.

        Raises nothing that the person would notice: a failure ends in a fixed text and a hand-off.
        """
        ...


class ReplyListener(Protocol):
    """Wants to know who answers a person (leads: new becomes contacted, and gets an owner), and where that is shown."""

    async def replied(self, tx: Tx, contact_id: UUID) -> None:
        """The shop answered, in this transaction."""
        ...

    async def taken_over(self, tx: Tx, contact_id: UUID) -> None:
        """The actor of this transaction, a member, has the person's conversation now."""
        ...

    async def thread_opened(self, tx: Tx, contact_id: UUID) -> None:
        """The person's conversation got its thread in Discord, in this transaction."""
        ...


class MediaKeeper(Protocol):
    """Brings a message's file into the house and puts it into words where it speaks."""

    async def fetch(self, tenant_id: UUID, message_id: UUID, job_key: str, tries_count: int = 0) -> None:
        """Download, check and store the file of a message; transcribe a voice note. Twice changes nothing.

        `tries_count` says how often the transcription failed before (`HEARING_TRIES` in the payload).
        """
        ...
