"""Webhook bodies: items of a number packed into entries, changes and values, and signed as Meta signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandbox.whatsapp.state import Account, Json

if TYPE_CHECKING:
    from sandbox.whatsapp.numbers import Number

Packing = Literal["apart", "items", "changes", "entries"]


@dataclass(eq=False, slots=True, kw_only=True)
class Item:
    """One thing to tell a business: `content` goes into the list `key` of a value of `field`.

    With no `key` the content is the value itself (template and account events); `at_s` is then the entry's time.
    """

    account: Account
    field: str = "messages"
    key: str = ""
    content: Json
    number: Number | None = None
    contact: Json | None = None
    errors: list[Json] | None = None
    at_s: int | None = None


def envelope(items: Sequence[Item], packing: Packing = "items") -> Json:
    """Return one POST for the items: merged into shared values, each its own change, or each its own entry."""
    entries: list[Json] = []
    for item in items:
        entry = None if packing == "entries" else next((e for e in entries if e["id"] == item.account.id), None)
        if entry is None:
            entry = {"id": item.account.id} | ({} if item.at_s is None else {"time": item.at_s}) | {"changes": []}
            entries.append(entry)
        value = None if packing != "items" or not item.key else _open_value(entry, item)
        if value is None:
            value = dict(item.content) if not item.key else _new_value(item)
            entry["changes"].append({"value": value, "field": item.field})
        if item.key:
            _put(value, item)
    return {"object": "whatsapp_business_account", "entry": entries}


def _open_value(entry: Json, item: Item) -> Json | None:
    assert item.number is not None
    wanted = item.number.phone_number_id
    for change in entry["changes"]:
        if change["field"] == item.field and change["value"].get("metadata", {}).get("phone_number_id") == wanted:
            found: Json = change["value"]
            return found
    return None


def _new_value(item: Item) -> Json:
    assert item.number is not None
    number = item.number
    metadata = {"display_phone_number": number.display, "phone_number_id": number.phone_number_id}
    return {"messaging_product": "whatsapp", "metadata": metadata}


def _put(value: Json, item: Item) -> None:
    if item.contact is not None:
        contacts = value.setdefault("contacts", [])
        if item.contact not in contacts:
            contacts.append(item.contact)
    value.setdefault(item.key, []).append(item.content)
    if item.errors:
        value.setdefault("errors", []).extend(item.errors)


def encoded(body: Json) -> bytes:
    """Return the bytes as Meta writes and signs them: non-ASCII and slashes escaped."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def signature(secret: str, body: bytes) -> str:
    """Return the value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
