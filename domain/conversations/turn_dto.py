"""The assistant's turns: how one begins, how it ends, and what is kept of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.contacts.dto import Contact
from domain.conversations.dto import INTRODUCES, Author, Conversation, Direction, Message
from domain.conversations.profile import Brief
from domain.kernel.money import Money


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order of the contact's that is posted and has not ended; `state` is an order's state in one word."""

    code: int
    state: str
    game: str
    start_division: str
    target_division: str
    progress_division: str | None
    price: Money
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True)
class TurnStart:
    """What an agent's turn begins with; read in one transaction.

    Attributes:
        turn_id: The fencing token: a newer turn makes this one's answer void.
        unanswered: The inbound messages this turn answers, oldest first.
        history: The other messages, oldest first, at most 30; what was deleted or noted is not among them.
        brief: The shop, its assistant, and what the turn may use.
        failed_count: Turns that began to answer the same, and died.
        orders: The contact's live orders, newest first, at most five.
    """

    turn_id: UUID
    turn_number: int
    conversation: Conversation
    contact: Contact
    unanswered: tuple[Message, ...]
    history: tuple[Message, ...]
    started_at: datetime
    tenant_id: UUID
    brief: Brief
    failed_count: int = 0
    orders: tuple[OwnOrder, ...] = ()

    @property
    def needs_greeting(self) -> bool:
        """Whether this is the first answer: the assistant says that it is one."""
        return self.conversation.greeted_at is None

    @property
    def is_return(self) -> bool:
        """Whether a human spoke last: the assistant says that it is back."""
        spoke = (_speaker(message) for message in reversed(self.history) if message.direction is Direction.OUT)
        return next((one for one in spoke if one is not Author.SYSTEM), None) in (Author.MEMBER, Author.PHONE)


def _speaker(message: Message) -> Author:
    """Who the contact thinks has spoken: who says that a member has taken over speaks for that member."""
    return Author.MEMBER if INTRODUCES in message.content else message.author


class TurnEnd(StrEnum):
    """How a turn ended."""

    REPLIED = "replied"
    HANDED_OFF = "handed_off"
    SILENCED = "silenced"  # a human, STOP, a block, snooze or the window came in between
    SUPERSEDED = "superseded"  # newer messages: a newer turn answers all
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TurnTrace:
    """Everything needed to reproduce a turn; stored with it."""

    model: str
    prompt_version: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0
    steps: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A turn as it is kept; `state` is `running` or a `TurnEnd` value."""

    id: UUID
    number: int
    conversation_id: UUID
    conversation_number: int
    state: str
    trace: TurnTrace
    started_at: datetime
    finished_at: datetime | None
