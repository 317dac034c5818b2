"""What WhatsApp knows: apps, accounts, files and messages."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.whatsapp.handset import Handset
    from sandbox.whatsapp.numbers import Number
    from sandbox.whatsapp.templates import Template

Json = dict[str, Any]


@dataclass(eq=False)
class App:
    """A Meta app: it signs webhooks with `secret` and sends them to `callback_url`."""

    id: str
    secret: str
    verify_token: str
    callback_url: str | None = None


@dataclass(eq=False)
class Account:
    """A WhatsApp business account (WABA): numbers and templates of one app."""

    id: str
    app: App
    is_subscribed: bool = True
    templates: list[Template] = field(default_factory=list)


@dataclass(eq=False)
class Media:
    """A file that WhatsApp keeps for one account; `lives_s` says for how long."""

    id: str
    data: bytes = field(repr=False)
    mime_type: str
    created_at: datetime
    lives_s: int
    account: Account | None = None
    filename: str = ""
    is_voice: bool = False
    is_animated: bool = False

    @cached_property
    def sha256(self) -> bytes:
        """The digest of the bytes."""
        return hashlib.sha256(self.data).digest()

    @property
    def sha256_base64(self) -> str:
        """The digest as webhooks write it."""
        return base64.b64encode(self.sha256).decode()


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: `kind` is reply, quick_reply, url, flow or another that opens something."""

    id: str
    title: str
    kind: str = "reply"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list."""

    id: str
    title: str
    description: str = ""
    section: str = ""


@dataclass(eq=False, kw_only=True)
class Message:
    """One message in a chat, sent by a phone or by the business.

    Attributes:
        source: "phone" (the customer), "api" (Graph), or "app" (the business's own phone app).
        status: For the business's messages accepted, sent, delivered, read or failed; "" for a phone's.
        reactions: Emoji by "phone" and by "business".
        tracker: The `biz_opaque_callback_data` of the call.
        body: The JSON that was posted, or what the webhook carried.
        statuses: The statuses reported so far, in the order of reporting.
    """

    id: str
    number: Number = field(repr=False)
    phone: Handset | None = field(repr=False)
    source: str
    kind: str
    at: datetime
    text: str = ""
    header: str = ""
    footer: str = ""
    status: str = ""
    buttons: tuple[Button, ...] = ()
    rows: tuple[Row, ...] = ()
    list_button: str = ""
    media: Media | None = None
    link: str = ""
    filename: str = ""
    template: str = ""
    category: str = "service"
    quoted: Message | None = field(default=None, repr=False)
    reactions: dict[str, str] = field(default_factory=dict)
    recipient: str = ""
    tracker: str | None = None
    error_code: int | None = None
    fails_after_sent: bool = False
    is_dropped: bool = False
    is_edited: bool = False
    is_revoked: bool = False
    is_read_by_business: bool = False
    billing: Json | None = None
    conversation_id: str = ""
    body: Json = field(default_factory=dict, repr=False)
    statuses: list[str] = field(default_factory=list)

    @property
    def is_from_phone(self) -> bool:
        """Whether the customer wrote it."""
        return self.source == "phone"

    def shown(self) -> str:
        """Return everything a person reads, in one text."""
        parts = [self.header, self.text, self.footer]
        parts += [f"[{button.title}]" for button in self.buttons]
        parts += [f"- {row.title}{': ' + row.description if row.description else ''}" for row in self.rows]
        name = self.filename or (self.link if self.media is None else self.media.filename)
        if self.kind in ("image", "video", "audio", "document", "sticker"):
            parts.insert(0, f"({self.kind}{' ' + name if name else ''})")
        return "\n".join(part for part in parts if part)
