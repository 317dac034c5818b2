"""What a provider's item means, whoever the provider is: parsed at the door, applied by the intake."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.contacts.dto import Identity


class MessageKind(StrEnum):
    """What a message is; media kinds have a `MediaRef`."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"
    AUDIO = "audio"
    VOICE = "voice"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    CHOICE = "choice"  # a button or list row was pressed, of a template too; `choice_id`
    FLOW_ANSWER = "flow_answer"
    ORDER = "order"
    WELCOME = "welcome"  # the chat was opened for the first time
    UNSUPPORTED = "unsupported"  # polls, view-once; 131060 is typical of the first contact from an ad
    TEMPLATE = "template"  # outgoing only
    INTERACTIVE = "interactive"  # outgoing only: buttons or a list


MEDIA_KINDS = frozenset(
    {MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT, MessageKind.AUDIO, MessageKind.VOICE,
     MessageKind.STICKER}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A file at the provider.

    Attributes:
        sha256: Base64, as the provider says; empty when unknown.
        url: A direct address some deliveries carry.
    """

    provider_id: str
    mime: str
    sha256: str = ""
    file_name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message from a person.

    Attributes:
        text: Text, caption, or title of what was chosen.
        reply_to: Provider's id of the quoted message.
        choice_id: Id of the pressed button or row; a template button's payload.
        content: What has no field: place, cards, Flow answer, catalogue order, errors.
        referral: Of an ad or post, as the provider said it (source_type, source_id, headline, ctwa_clid, ...).
        group_id: Set for group messages, which are kept and not answered.
    """

    sender: Identity
    provider_id: str
    kind: MessageKind
    sent_at: datetime
    text: str = ""
    media: MediaRef | None = None
    reply_to: str = ""
    choice_id: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    referral: dict[str, Any] | None = None
    group_id: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedReaction:
    """A reaction to a message; `emoji` is empty when it was taken back."""

    sender: Identity
    provider_id: str
    target_id: str
    emoji: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedEdit:
    """A person changed a message."""

    sender: Identity
    provider_id: str
    target_id: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedRevoke:
    """A person deleted a message for everyone."""

    sender: Identity
    provider_id: str
    target_id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class PhoneEcho:
    """A human answered from the business's phone app: silences the agent, never starts a turn.

    Attributes:
        message: What was said, with the customer as `sender`. Edits and revokes come as their own types.
    """

    message: ReceivedMessage


@dataclass(frozen=True, slots=True)
class PhoneEchoEdit:
    """An echo's text was changed (`text`) or it was deleted (`text` None), from the phone app."""

    customer: Identity
    provider_id: str
    target_id: str
    text: str | None
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """An old message, shared when a phone was connected: kept with its own time, answered by nobody."""

    message: ReceivedMessage
    is_from_shop: bool


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """What became of a message we sent.

    Attributes:
        status: sent, delivered, read, played or failed.
        outbound_id: Our own id, which the provider handed back; empty when it did not.
        recipient: The person's identifiers as far as the provider names them.
        errors: Provider's errors: code, title, details.
    """

    provider_id: str
    status: str
    at: datetime
    outbound_id: str = ""
    recipient: Identity = field(default_factory=Identity)
    errors: tuple[dict[str, Any], ...] = ()
    pricing: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """A person's number or user id is another one now."""

    before: Identity
    after: Identity
    provider_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ContactCard:
    """The phone app's address book gained, changed or lost an entry."""

    identity: Identity
    is_removed: bool


@dataclass(frozen=True, slots=True)
class MarketingChoice:
    """A person told the provider to stop, or to resume, marketing messages."""

    sender: Identity
    wants_marketing: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountNews:
    """The provider says something about the number, the account or a template.

    Attributes:
        field: The webhook's field, e.g. `account_update`.
        summary: One line for the log channel.
        is_alert: Whether somebody has to act.
        refreshes_templates: Whether the templates are to be read again.
        refusal_code: The provider's error code, where it refused a message after it had taken it.
    """

    field: str
    summary: str
    is_alert: bool
    refreshes_templates: bool = False
    refusal_code: int | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Known, kept, and nothing to do: calls, typing, and what else does not concern a conversation."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing we know: kept, and somebody is told."""

    why: str


Inbound = (
    ReceivedMessage | ReceivedReaction | ReceivedEdit | ReceivedRevoke | PhoneEcho | PhoneEchoEdit | HistoryMessage
    | StatusUpdate | IdentityChange | ContactCard | MarketingChoice | AccountNews | Ignored | Unknown
)  # fmt: skip
