"""One POST of Meta's into items: one per message, status, echo, old message, contact, call, error or other news.

Meta sends entries x changes x items and mixes tenants and kinds (whatsapp.md in docs; Graph documents up to 1,000
updates per POST). A piece that has no shape we know becomes an item `unknown` and hurts no neighbour.
"""

import hashlib
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from channels.whatsapp.meta.fields import Json, bsuid, listed, obj, text, wa_id
from channels.whatsapp.meta.people import Contacts, customer_of_echo
from domain.channels.dto import AccountDoor, InboundItem

ACCOUNT_LANE = "account"
_STATUS_LANE, _STATUS_LANES_COUNT = "status", 4
_KEY_LIMIT = 300
# List in a change's value -> kind of its items.
_LISTS = {
    "messages": "message",
    "statuses": "status",
    "message_echoes": "echo",
    "history": "history",
    "state_sync": "contact",
    "user_preferences": "preference",
    "user_id_update": "user_id",
    "calls": "call",
    "errors": "error",
}
_OF_A_PERSON = frozenset({"messages", "calls", "history", "smb_message_echoes", "smb_app_state_sync"})
Route = Callable[[str, str], AccountDoor | None]


@dataclass(slots=True)
class Split:
    """What a POST holds: items for accounts we know, and the numbers we do not."""

    items: list[InboundItem] = field(default_factory=list)
    unknown_numbers: list[str] = field(default_factory=list)


def split(body: Json, route: Route, received_at_s: float | None = None) -> Split:
    """Take a POST apart, in its order.

    Args:
        body: The parsed body, without NUL and lone surrogates.
        route: Finds the account of a phone number id and a business account's id; either may be empty.
        received_at_s: Unix seconds; kept with each item, for those without a time of their own.

    Never raises, whatever stands in the body. The keys of two deliveries of one item are equal (1.4 of the facts).
    """
    found = Split()
    received_at = int(time.time() if received_at_s is None else received_at_s)
    entries = listed(body.get("entry")) or [body]
    for entry in entries:
        head = {"entry_id": text(obj(entry).get("id")), "time": obj(entry).get("time"), "received_at": received_at}
        for change in listed(obj(entry).get("changes")) or [entry]:
            _take_change(found, route, head, change)
    return found


def _take_change(found: Split, route: Route, head: dict[str, Any], change: Any) -> None:
    value = obj(obj(change).get("value"))
    metadata = obj(value.get("metadata"))
    phone_number_id = text(metadata.get("phone_number_id"))
    door = route(phone_number_id, head["entry_id"])
    if door is None:
        found.unknown_numbers.append(phone_number_id)
        return
    about = {"field": text(obj(change).get("field")), **head, "metadata": metadata}
    for kind, lane, key, extra in _pieces(change, value, about):
        found.items.append(InboundItem(door.tenant_id, door.account_id, kind, lane, key[:_KEY_LIMIT], about | extra))


Piece = tuple[str, str, str, dict[str, Any]]


def _pieces(change: Any, value: Json, about: dict[str, Any]) -> Iterator[Piece]:
    """Kind, lane, key, and what the item adds to its surroundings."""
    lists = [name for name in _LISTS if isinstance(value.get(name), list) and value[name]]
    if not lists:
        is_news = bool(value) and about["field"] not in _OF_A_PERSON
        payload = value if is_news else change
        yield "news" if is_news else "unknown", ACCOUNT_LANE, _digest(about, payload), {"payload": payload}
        return
    contacts = Contacts(listed(value.get("contacts")))
    for name in lists:
        for payload in value[name]:
            if not isinstance(payload, dict):
                yield "unknown", ACCOUNT_LANE, _digest(about, payload), {"payload": payload}
            elif name == "history":
                yield from _history(about, payload)
            else:
                yield _piece(_LISTS[name], about, contacts, payload)


def _piece(kind: str, about: dict[str, Any], contacts: Contacts, payload: Json) -> Piece:
    own_id = text(payload.get("id"), 10_000)
    contact: Json = {}
    lane, key = "", ""
    if about["field"] == "calls" and kind == "status":
        kind = "call"
    if kind == "message":
        contact = contacts.of(payload.get("from"), payload.get("from_user_id"))
        lane = _lane(payload.get("from"), payload.get("from_user_id"), contact)
        key = own_id and f"message:{_short(own_id)}"
        if about["field"] == "history":
            kind, key = "history", own_id and f"history:{_short(own_id)}:{text(payload.get('type'), 40)}"
    elif kind == "status":
        to, to_user_id = _recipient(payload)
        contact = contacts.of(to, to_user_id)
        lane = _status_lane(_lane(to, to_user_id, contact))
        who = f":{text(to, 40)}" if payload.get("recipient_type") == "group" else ""
        key = own_id and f"status:{_short(own_id)}:{text(payload.get('status'), 40)}{who}"
    elif kind == "echo":
        to = customer_of_echo(payload, about["metadata"])
        contact = contacts.of(to, payload.get("to_user_id"))
        lane = _lane(to, payload.get("to_user_id"), contact)
        key = own_id and f"echo:{_short(own_id)}"
    elif kind in ("preference", "user_id"):
        contact = contacts.of(payload.get("wa_id"), payload.get("user_id"))
        lane = _lane(payload.get("wa_id"), payload.get("user_id"), contact)
    elif kind == "contact":
        lane = _lane(obj(payload.get("contact")).get("phone_number"), None, {})
    extra = {"payload": payload, "contact": contact} if contact else {"payload": payload}
    return kind, lane or ACCOUNT_LANE, key or _digest(about, payload, kind), extra


def _history(about: dict[str, Any], chunk: Json) -> Iterator[Piece]:
    """A chunk's old messages, each in its customer's lane; a chunk without any says why, or how far it is."""
    told = False
    for thread in listed(chunk.get("threads")):
        about_thread = {key: value for key, value in obj(thread).items() if key != "messages"}
        context = obj(about_thread.get("context"))
        lane = _lane(about_thread.get("id"), context.get("user_id"), context)
        for payload in listed(obj(thread).get("messages")):
            told = True
            own_id = text(obj(payload).get("id"), 10_000)
            key = (
                f"history:{_short(own_id)}:{text(obj(payload).get('type'), 40)}" if own_id else _digest(about, payload)
            )
            yield "history", lane or ACCOUNT_LANE, key, {"payload": payload, "thread": about_thread}
    if not told:
        yield "history", ACCOUNT_LANE, _digest(about, chunk, "history"), {"payload": chunk}


def _recipient(status: Json) -> tuple[Any, Any]:
    if status.get("recipient_type") == "group":
        return status.get("recipient_participant_id"), status.get("recipient_participant_user_id")
    return status.get("recipient_id"), status.get("recipient_user_id")


def _lane(number: Any, user_id: Any, contact: Json) -> str:
    return (
        wa_id(number) or wa_id(contact.get("wa_id")) or bsuid(user_id) or bsuid(number) or bsuid(contact.get("user_id"))
    )


def _status_lane(person: str) -> str:
    """Statuses have lanes of their own, each for many people: those that come together are applied together."""
    return f"{_STATUS_LANE}:{zlib.crc32(person.encode()) % _STATUS_LANES_COUNT}" if person else ""


def _short(own_id: str) -> str:
    """Ids are short; what is not still has to fit into an index."""
    return own_id if len(own_id) <= 200 else hashlib.sha256(own_id.encode()).hexdigest()


def _digest(about: dict[str, Any], payload: Any, kind: str = "other") -> str:
    seen = [about["field"], about["entry_id"], about["time"], payload]
    canonical = orjson.dumps(seen, option=orjson.OPT_SORT_KEYS)
    return f"{kind}:{hashlib.sha256(canonical).hexdigest()}"
