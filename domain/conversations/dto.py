"""What conversations take and return."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.contacts.dto import Contact

WINDOW = timedelta(hours=24)
FREE_ENTRY = timedelta(hours=72)
WINDOW_MARGIN = timedelta(minutes=5)
INTRODUCES = "introduces"  # in the content of a message by the system: which member it says has taken over


class ConversationState(StrEnum):
    """Who answers."""

    BOT = "bot"
    HUMAN = "human"
    CLOSED = "closed"


class Direction(StrEnum):
    """Which way a message goes; a note stays in the house."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Author(StrEnum):
    """Who wrote a message; `phone` is a human on the business's phone app."""

    CONTACT = "contact"
    AGENT = "agent"
    MEMBER = "member"
    PHONE = "phone"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is said between a contact and one of the shop's numbers.

    Attributes:
        human_until: The agent is silent until then; None with state `human`: until somebody gives it back.
        reply_channel_id: The identifier the provider last delivered; answers go there as it came.
        answered_position: The last inbound message that was answered or needs no answer.
        waiting_since: Since when an inbound message waits for an answer.
    """

    id: UUID
    number: int
    contact_id: UUID
    account_id: UUID
    state: ConversationState
    owner_id: UUID | None
    owner_name: str | None
    human_until: datetime | None
    handoff_reason: str
    snoozed_until: datetime | None
    reply_channel_id: str | None
    last_inbound_at: datetime | None
    last_inbound_provider_id: str | None
    last_human_at: datetime | None
    last_activity_at: datetime
    free_entry_until: datetime | None
    greeted_at: datetime | None
    answered_position: int
    waiting_since: datetime | None
    turn_due_at: datetime | None
    turn_id: UUID | None
    guided: dict[str, Any]
    opened_at: datetime
    closed_at: datetime | None

    @property
    def window_ends_at(self) -> datetime | None:
        """Until when free text may be sent (provider's rule: 24 h after the last inbound, 72 h after an ad)."""
        if self.last_inbound_at is None:
            return None
        ends = self.last_inbound_at + WINDOW
        return max(ends, self.free_entry_until) if self.free_entry_until else ends

    def is_window_open(self, now: datetime) -> bool:
        """Whether free text may be sent now, with a margin for the way."""
        ends = self.window_ends_at
        return ends is not None and now < ends - WINDOW_MARGIN


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A message's file; `path` is below the data folder and set once it is stored, `account_id` the number's."""

    mime: str
    file_name: str
    size_bytes: int | None
    path: str | None
    is_voice: bool
    state: str
    error: str | None
    transcript: str | None
    is_transcript_sure: bool | None
    provider_media_id: str
    sha256: str
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message or note of a conversation.

    Attributes:
        position: Order within the house; ascending is oldest first.
        kind: A `MessageKind` value.
        reactions: `contact` and `shop` to emoji.
        sent_at: By the provider's clock for what came in, by ours for what goes out.
    """

    id: UUID
    conversation_id: UUID
    position: int
    direction: Direction
    author: Author
    author_label: str
    author_member_id: UUID | None
    kind: str
    body: str
    content: dict[str, Any]
    provider_id: str | None
    reply_to_provider_id: str | None
    reactions: dict[str, str]
    state: str
    error: str | None
    is_history: bool
    sent_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    media: MediaInfo | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: a button or a list row."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be said on WhatsApp.

    Attributes:
        text: Markdown or plain; converted and split by the sender. Empty with a template, a file or a reaction.
        options: Rendered as buttons, a list, or a numbered text.
        list_label: The button that opens a list.
        template: Name, language code and parameters; for outside the window.
        media_path: A file below the data folder, with `media_mime` and `file_name`.
        reply_to: Provider's id of the message it answers.
        reaction: Emoji on the message `reply_to`; `""` takes it back; None: no reaction.
    """

    text: str = ""
    options: tuple[Option, ...] = ()
    list_label: str = ""
    template: "TemplateCall | None" = None
    media_path: str = ""
    media_mime: str = ""
    file_name: str = ""
    reply_to: str = ""
    reaction: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateCall:
    """A template with its parameters, in the order of the template's own, or by name."""

    name: str
    language: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ConversationDetails:
    """A conversation for people: with its contact, lead in short, and the latest messages, oldest first.

    Attributes:
        is_agent_on: Whether the shop's assistant is switched on; lists do not ask.
    """

    conversation: Conversation
    contact: Contact
    messages: tuple[Message, ...] = ()
    lead_number: int | None = None
    lead_stage: str | None = None
    is_agent_on: bool = True


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A message ready to leave on WhatsApp, read at the moment of sending.

    Attributes:
        recipient_kind: `to` (a number or wa_id) or `recipient` (a BSUID).
        refusal: Why it must not be sent now (`window_closed`, `opted_out`, `blocked`, `account_stopped`); empty: send.
        is_other_spelling: The number as it is known to us failed already: no further spelling is tried.
    """

    message: Message
    outgoing: Outgoing
    account_id: UUID
    recipient: str
    recipient_kind: str
    last_inbound_provider_id: str | None
    refusal: str = ""
    is_other_spelling: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an inbound message.

    Attributes:
        conversation: As it is now.
        is_new_conversation: It was opened by this message.
        needs_turn: The agent's turn was put on the queue.
    """

    conversation: Conversation
    message_id: UUID
    is_new_conversation: bool
    needs_turn: bool


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """A text that staff sends by its name."""

    name: str
    body: str
