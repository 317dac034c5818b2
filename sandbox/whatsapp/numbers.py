"""The numbers of businesses, and the tokens that speak for them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.whatsapp import phone_app
from sandbox.whatsapp.limits import Limits
from sandbox.whatsapp.state import Account, App, Message

if TYPE_CHECKING:
    from sandbox.whatsapp.handset import Handset
    from sandbox.whatsapp.world import World

COEXISTENCE_PER_S = 20


@dataclass(eq=False)
class AccessToken:
    """A token for some accounts; `subcode` says why it is no longer valid."""

    value: str
    accounts: set[Account] = field(default_factory=set)
    subcode: int | None = None


@dataclass(eq=False, kw_only=True)
class Number:
    """A business's number. `display` is its digits; with `is_coexistence` a phone app answers on it too."""

    world: World = field(repr=False)
    display: str
    name: str
    phone_number_id: str
    account: Account = field(repr=False)
    token: AccessToken = field(repr=False)
    limits: Limits = field(repr=False)
    is_coexistence: bool = False
    quality: str = "GREEN"
    service_counts: dict[str, int] = field(default_factory=dict, repr=False)

    @property
    def app(self) -> App:
        """The Meta app that the number's account belongs to."""
        return self.account.app

    @property
    def waba_id(self) -> str:
        """The id of the number's business account."""
        return self.account.id

    @property
    def access_token(self) -> str:
        """What to send as Bearer."""
        return self.token.value

    @property
    def app_secret(self) -> str:
        """What webhooks are signed with."""
        return self.app.secret

    @property
    def verify_token(self) -> str:
        """What the verification handshake carries."""
        return self.app.verify_token

    def expire_token(self, subcode: int = 463) -> None:
        """Make the token invalid: 463 expired, 460 password changed, 458 app removed, 467 invalid."""
        self.token.subcode = subcode

    def renew_token(self) -> str:
        """Issue a new token, valid from now on beside nothing else, and return it."""
        fresh = AccessToken(secrets.token_urlsafe(24), set(self.token.accounts))
        self.world.tokens[fresh.value] = fresh
        self.token = fresh
        return fresh.value

    async def write_from_phone_app(self, phone: Handset, text: str, *, quotes: Message | None = None) -> Message:
        """Write to a customer from the business's own phone; the API hears of it as an echo."""
        return await phone_app.write(self, phone, text, quotes)

    async def edit_from_phone_app(self, message: Message, text: str) -> Message:
        """Change what was written from the business's own phone."""
        return await phone_app.edit(self, message, text)

    async def revoke_from_phone_app(self, message: Message) -> None:
        """Delete for everyone what was written from the business's own phone."""
        await phone_app.revoke(self, message)

    async def share_history(self, phones: Sequence[Handset], *, chunk_size: int = 50) -> None:
        """Hand over the chats with `phones` as the phone app does at the start, in chunks."""
        await phone_app.share_history(self, phones, chunk_size)

    async def decline_history(self) -> None:
        """Say that the phone app's owner shares no history."""
        await phone_app.decline_history(self)

    async def sync_contact(self, phone: Handset, *, is_removed: bool = False) -> None:
        """Tell that the phone app's address book gained or lost a person."""
        await phone_app.sync_contact(self, phone, is_removed=is_removed)
