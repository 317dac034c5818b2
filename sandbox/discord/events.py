"""What an onlooker is told: one small frozen record per thing that happened, for transcripts and for waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened in a channel: who did what, and the text as a person would read it."""

    at: datetime
    guild: str
    channel: str
    channel_id: int
    actor: str
    action: str
    text: str


@dataclass(frozen=True, slots=True)
class MessagePosted(Event):
    """A message that everyone in the channel sees."""

    message_id: int


@dataclass(frozen=True, slots=True)
class MessageEdited(Event):
    """A message changed; `text` is what it says now."""

    message_id: int


@dataclass(frozen=True, slots=True)
class MessageDeleted(Event):
    """A message went away; `text` is what it said."""

    message_id: int


@dataclass(frozen=True, slots=True)
class EphemeralReply(Event):
    """A message that only `seen_by` sees, new or changed."""

    message_id: int
    seen_by: str


@dataclass(frozen=True, slots=True)
class DirectMessage(Event):
    """A message in a direct conversation with `seen_by`."""

    message_id: int
    seen_by: str


@dataclass(frozen=True, slots=True)
class InteractionStarted(Event):
    """A person used a command, a component or a modal; `text` says which and with what."""

    interaction_id: int


@dataclass(frozen=True, slots=True)
class InteractionAnswered(Event):
    """The bot acknowledged an interaction; `action` is the kind of answer."""

    interaction_id: int


@dataclass(frozen=True, slots=True)
class ReactionChanged(Event):
    """A reaction was added to or removed from a message."""

    message_id: int


@dataclass(frozen=True, slots=True)
class ChannelChanged(Event):
    """A channel or thread was created, changed, archived or deleted."""


@dataclass(frozen=True, slots=True)
class MemberChanged(Event):
    """Somebody joined, left, or gained or lost a role."""
