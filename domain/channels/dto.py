"""What channel accounts take and return."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

PARAMETER = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,60})\s*\}\}")
COUPON = "coupon."
COUPON_LIMIT = 15  # characters (provider's rule)
_FILES = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}
_PLAIN = frozenset({"HEADER", "TEXT", "BODY", "FOOTER", "BUTTONS", "QUICK_REPLY", "URL", "PHONE_NUMBER"})
_HINDRANCES = {
    "LOCATION": "location", "OTP": "authentication", "FLOW": "flow", "CATALOG": "catalogue", "MPM": "catalogue",
    "SPM": "catalogue", "PRODUCT": "catalogue", "CAROUSEL": "carousel", "LIMITED_TIME_OFFER": "limited_time_offer",
}  # fmt: skip
_SHOWN = 3000


@dataclass(frozen=True, slots=True)
class NewMetaAccount:
    """A number of Meta's Cloud API as an operator types it in.

    Attributes:
        app: Last word of the webhook's address; lower-case letters, digits, hyphens. Empty: made from the tenant.
        phone_number_id: Meta's id of the number, digits; not the number itself.
        waba_id: Id of the WhatsApp Business Account; empty: learned from the first webhook.
    """

    phone_number_id: str
    access_token: str = field(repr=False)
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    app: str = ""
    waba_id: str = ""
    display_phone: str = ""
    throughput_mps: int = 80


@dataclass(frozen=True, slots=True)
class ChannelAccount:
    """A number of the shop, without its secrets."""

    id: UUID
    tenant_id: UUID
    provider: str
    app: str
    phone_number_id: str
    waba_id: str | None
    display_phone: str
    state: str
    stopped_reason: str | None
    throughput_mps: int
    last_inbound_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AccountDoor:
    """What a webhook needs to know of an account: whose it is, and the secrets that vouch for it."""

    tenant_id: UUID
    account_id: UUID
    phone_number_id: str
    waba_id: str | None
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a call to the provider needs.

    Attributes:
        app_key: The same for all numbers of one app at the provider, whoever's they are; it says nothing of them.
    """

    account_id: UUID
    phone_number_id: str
    waba_id: str | None
    throughput_mps: int
    is_active: bool
    access_token: str = field(repr=False)
    app_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class InboundItem:
    """One item of a webhook on its way into `inbound_events`.

    Attributes:
        kind: message, status, echo, history, ...; `unknown` when it has no shape we know.
        lane: Items of one lane are taken in order; the sender's identifier, or `account`.
        dedup_key: The same for every delivery of the same item.
        item: The item with what of its surroundings it needs (`contacts`, `metadata`, `field`); JSON, already
            without NUL and lone surrogates.
    """

    tenant_id: UUID
    account_id: UUID
    kind: str
    lane: str
    dedup_key: str
    item: dict[str, Any]


class Lane(NamedTuple):
    """What is taken one after the other: one person on one number, or the number itself."""

    tenant_id: UUID
    account_id: UUID
    lane: str


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """An item as the worker takes it."""

    id: UUID
    account_id: UUID
    kind: str
    item: dict[str, Any]
    attempt_count: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Template:
    """A message template as the provider knows it.

    Attributes:
        language: The provider's code: es, pt_BR, en_US.
        status: Lower case: approved, pending, rejected, paused, disabled.
        parameters: Of the body: names, or 1, 2, 3. With `header.` before its name one of the header, `button.` and a
            place (from 0) the end of that button's address, `coupon.` and a place the code that the button copies.
    """

    account_id: UUID
    name: str
    language: str
    status: str
    category: str
    body: str
    parameters: tuple[str, ...]
    components: list[dict[str, Any]]

    @property
    def hindrance(self) -> str:
        """Why staff cannot send it, a word below `conversation.template.why`; empty: they can.

        The provider lists one-time passwords with a plain button (its reference, June 2026), so their category tells.
        """
        if self.status != "approved":
            return "not_approved"
        if self.category.startswith("authentication"):
            return "authentication"
        strange = sorted(self._made_of - _PLAIN - _FILES.keys() - {"COPY_CODE"})
        return next((_HINDRANCES[kind] for kind in strange if kind in _HINDRANCES), "other" if strange else "")

    @property
    def file(self) -> str:
        """What stands above its text and is sent along: image, video or document; empty: no file."""
        return next((kind for form, kind in _FILES.items() if form in self._made_of), "")

    @property
    def is_fillable(self) -> bool:
        """Whether its text is all there is to fill in, so that it can be sent without a person: no file, no code."""
        return not (self.hindrance or self.file or "COPY_CODE" in self._made_of)

    @property
    def _made_of(self) -> frozenset[str]:
        """The kinds of its components, of its header and of its buttons."""
        found = {str(one.get("type")).upper() for one in self.components}
        for one in self.components:
            if str(one.get("type")).upper() == "HEADER":
                found.add(str(one.get("format") or "TEXT").upper())
            found |= {
                str(button.get("type")).upper() for button in one.get("buttons") or () if isinstance(button, dict)
            }
        return frozenset(found)

    def filled(self, values: Iterable[tuple[str, str]]) -> str:
        """The body as the person reads it, with the code that a button copies, for the thread and the transcript."""
        known = dict(values)
        body = PARAMETER.sub(lambda found: known.get(found[1], found[0]), self.body)
        codes = [f"[{value}]" for name, value in known.items() if name.startswith(COUPON)]
        return "\n".join([body, *codes])[:_SHOWN]
