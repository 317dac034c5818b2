"""Everything that the emulated WhatsApp knows, in one place."""

from __future__ import annotations

from datetime import timedelta

from sandbox.clock import Clock
from sandbox.hub import Hub
from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.events import Direction, Event
from sandbox.whatsapp.faults import Faults
from sandbox.whatsapp.identifiers import Identifiers, spellings
from sandbox.whatsapp.numbers import AccessToken, Number
from sandbox.whatsapp.phone import Phone
from sandbox.whatsapp.state import Account, App, Media, Message
from sandbox.whatsapp.statuses import Statuses
from sandbox.whatsapp.timers import Timers
from sandbox.whatsapp.webhooks import Webhooks

INBOUND_MEDIA_S = 7 * 86_400
UPLOADED_MEDIA_S = 30 * 86_400


class World:
    """The registry of numbers, phones, files and messages.

    Attributes:
        pricing_model: "PMP" as today, or "CBP" with a conversation in every status, as until July 2025.
        gives_media_urls: Whether webhooks carry a file's address beside its id, as newer ones do.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.origin = ""
        self.ids = Identifiers()
        self.hub: Hub[Event] = Hub()
        self.timers = Timers(clock)
        self.faults = Faults()
        self.webhooks = Webhooks(self.timers)
        self.statuses = Statuses(self)
        self.pricing_model = "PMP"
        self.gives_media_urls = True
        self.apps: dict[str, App] = {}
        self.accounts: dict[str, Account] = {}
        self.numbers: dict[str, Number] = {}
        self.tokens: dict[str, AccessToken] = {}
        self.phones: dict[str, Phone] = {}
        self.phones_by_bsuid: dict[str, Phone] = {}
        self.media: dict[str, Media] = {}
        self.messages: dict[str, Message] = {}
        self.sent: dict[str, list[Message]] = {}
        self.broken_links: set[str] = set()

    def phone_at(self, digits: str) -> Phone | None:
        """Return the phone that a number reaches, under any spelling of it."""
        return next((self.phones[spelt] for spelt in spellings(digits) if spelt in self.phones), None)

    def keep(self, message: Message) -> Message:
        """Remember a message by its id, and a business's also by its recipient."""
        self.messages[message.id] = message
        if not message.is_from_phone:
            self.sent.setdefault(message.recipient, []).append(message)
        return message

    def add_media(
        self,
        account: Account,
        data: bytes,
        mime_type: str,
        filename: str = "",
        *,
        lives_s: int = INBOUND_MEDIA_S,
        is_voice: bool = False,
    ) -> Media:
        """Keep a file for an account."""
        media = Media(self.ids.graph(), data, mime_type, self.clock.now(), lives_s, account, filename, is_voice)
        media.is_animated = mime_type == "image/webp" and b"ANIM" in data[:64]
        self.media[media.id] = media
        return media

    def live_media(self, media_id: object, accounts: set[Account]) -> Media | None:
        """Return a file of one of the accounts that has not expired."""
        media = self.media.get(media_id) if isinstance(media_id, str) else None
        if media is None or media.account not in accounts:
            return None
        if self.clock.now() - media.created_at > timedelta(seconds=media.lives_s):
            return None
        return media

    def authorised(self, authorization: str | None) -> AccessToken:
        """Return the access token of a request.

        Raises:
            GraphError: 190 for none, an unknown or an expired one.
        """
        scheme, _, value = (authorization or "").partition(" ")
        token = self.tokens.get(value.strip()) if scheme == "Bearer" else None
        if token is None:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
        if token.subcode is not None:
            raise GraphError(190, "Error validating access token: it is no longer valid", subcode=token.subcode)
        return token

    def announce(self, message: Message, kind: str, text: str, *, direction: Direction, actor: str = "") -> None:
        """Tell onlookers about a message and wake who waits."""
        if not self.hub.is_watched:
            self.hub.wake()
        else:
            phone = message.phone
            name = phone.name if phone is not None else message.recipient
            number = message.number.display
            who = actor or (name if direction == "to_business" else message.number.name)
            wa_id = phone.wa_id if phone is not None else message.recipient
            about = (kind, text, message.id, name, "" if message.quoted is None else message.quoted.shown())
            self.hub.announce(Event(self.clock.now(), number, wa_id, who, direction, *about))
