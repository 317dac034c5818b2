"""What Meta's items mean; implements the conversations' port `InboundParser`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from channels.whatsapp.meta.fields import Json, bsuid, moment, obj, text, wa_id, without_empty
from channels.whatsapp.meta.messages import received
from channels.whatsapp.meta.news import error_news, news
from channels.whatsapp.meta.people import customer_of_echo, identity, is_own_number, is_somebody
from channels.whatsapp.meta.statuses import consequences, status_update
from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.inbound import (
    ContactCard,
    HistoryMessage,
    IdentityChange,
    Ignored,
    Inbound,
    MarketingChoice,
    PhoneEcho,
    PhoneEchoEdit,
    ReceivedEdit,
    ReceivedMessage,
    ReceivedRevoke,
    StatusUpdate,
    Unknown,
)

# What reading may raise where a shape surprises us after all: the item is kept, and somebody is told.
_SURPRISES = (ValueError, TypeError, LookupError, AttributeError, RecursionError, ArithmeticError)
_MARKETING = {"stop": False, "resume": True, "signup": True}


class MetaParser:
    """Knows the items that `split` makes."""

    def parse(self, kind: str, item: Mapping[str, Any]) -> Sequence[Inbound]:
        """What an item means; never raises: what cannot be read is `Unknown`."""
        try:
            read = _READERS.get(kind)
            payload = item.get("payload")
            if read is None or not isinstance(payload, dict):
                return (Unknown(f"{text(kind, 40)}: no shape we know"),)
            found = read(item, payload)
            # Who it is about is found before any message of theirs is held.
            return (*consequences(found), found) if isinstance(found, StatusUpdate) else (found,)
        except _SURPRISES as exc:
            return (Unknown(f"{text(kind, 40)}: {type(exc).__name__}"),)


def _message(item: Json, payload: Json) -> Inbound:
    sender = identity(payload.get("from"), payload.get("from_user_id"), obj(item.get("contact")))
    if not is_somebody(sender):
        return Unknown("message: nothing says who sent it")
    return received(item, payload, sender)


def _echo(item: Json, payload: Json) -> Inbound:
    to = customer_of_echo(payload, obj(item.get("metadata")))
    customer = identity(to, payload.get("to_user_id"), obj(item.get("contact")))
    if not is_somebody(customer):
        return Unknown("echo: nothing says who it was for")
    found = received(item, payload, customer)
    if isinstance(found, ReceivedMessage):
        return PhoneEcho(found)
    if isinstance(found, ReceivedEdit):
        return PhoneEchoEdit(customer, found.provider_id, found.target_id, found.text, found.sent_at)
    if isinstance(found, ReceivedRevoke):
        return PhoneEchoEdit(customer, found.provider_id, found.target_id, None, found.sent_at)
    return found if isinstance(found, Unknown) else Ignored("a reaction from the phone app")


def _history(item: Json, payload: Json) -> Inbound:
    if payload.get("errors"):
        return error_news("history", payload["errors"])
    if "type" not in payload:
        return Ignored("history: a chunk without messages")
    metadata, thread = obj(item.get("metadata")), obj(item.get("thread"))
    is_from_shop = is_own_number(payload.get("from"), metadata)
    context = obj(thread.get("context")) or obj(item.get("contact"))
    number = thread.get("id") or (payload.get("to") if is_from_shop else payload.get("from"))
    customer = identity(number, None if is_from_shop else payload.get("from_user_id"), context)
    if not is_somebody(customer):
        return Unknown("history: nothing says whose chat it is")
    found = received(item, payload, customer)
    if isinstance(found, ReceivedMessage):
        return HistoryMessage(found, is_from_shop)
    return found if isinstance(found, Unknown) else Ignored("history: an old reaction, edit or deletion")


def _status(item: Json, payload: Json) -> Inbound:
    return status_update(item, payload)


def _contact(item: Json, payload: Json) -> Inbound:
    card = obj(payload.get("contact"))
    person = identity(card.get("phone_number") or card.get("wa_id"), card.get("user_id"), card)
    if not is_somebody(person):
        return Unknown("contact: nothing says who it is")
    name = text(card.get("full_name"), 200) or text(card.get("first_name"), 200)
    return ContactCard(Identity(person.identifiers, name), payload.get("action") == "remove")


def _preference(item: Json, payload: Json) -> Inbound:
    person = identity(payload.get("wa_id"), payload.get("user_id"), obj(item.get("contact")))
    wants = _MARKETING.get(text(payload.get("value"), 40).lower())
    if wants is None or not is_somebody(person):
        return Unknown("preference: no choice we know")
    return MarketingChoice(person, wants, moment(payload.get("timestamp"), item.get("received_at")))


def _user_id(item: Json, payload: Json) -> Inbound:
    ids = obj(payload.get("user_id"))
    before, after = bsuid(ids.get("previous")), bsuid(ids.get("current"))
    if not before or not after:
        return Unknown("user_id: the old and the new one are not both there")
    number = wa_id(payload.get("wa_id"))
    known = {IdentifierKind.WA_ID: number} if number else {}
    at = moment(payload.get("timestamp"), item.get("received_at"))
    old, new = Identity({**known, IdentifierKind.BSUID: before}), Identity({**known, IdentifierKind.BSUID: after})
    return IdentityChange(old, new, text(payload.get("id"), 300), at)


def _call(item: Json, payload: Json) -> Inbound:
    said = without_empty(event=text(payload.get("event"), 40), status=text(payload.get("status"), 40))
    return Ignored(f"call: {' '.join(said.values())}".strip())


def _error(item: Json, payload: Json) -> Inbound:
    if item.get("field") == "calls":
        return Ignored("call: an error")
    return error_news(text(item.get("field"), 60) or "errors", [payload])


def _news(item: Json, payload: Json) -> Inbound:
    return news(text(item.get("field"), 60), payload)


_READERS: dict[str, Callable[[Json, Json], Inbound]] = {
    "message": _message,
    "echo": _echo,
    "history": _history,
    "status": _status,
    "contact": _contact,
    "preference": _preference,
    "user_id": _user_id,
    "call": _call,
    "error": _error,
    "news": _news,
}
