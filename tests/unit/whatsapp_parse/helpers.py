"""From a body to what it means, without a database."""

from typing import Any
from uuid import UUID

from channels.whatsapp.meta.parse import MetaParser
from channels.whatsapp.meta.split import Split, split
from domain.channels.dto import AccountDoor
from domain.contacts.dto import Identity
from domain.conversations.inbound import Inbound, ReceivedMessage
from tests.fixtures.meta_bodies import change, post

DOOR = AccountDoor(UUID(int=1), UUID(int=2), "1122334455667", None, "secret", "token")
RECEIVED_AT_S = 1_795_000_100.0


def items_of(body: dict[str, Any]) -> Split:
    return split(body, lambda number, waba: DOOR, RECEIVED_AT_S)


def meaning(body: dict[str, Any]) -> list[Inbound]:
    parser = MetaParser()
    return [found for item in items_of(body).items for found in parser.parse(item.kind, item.item)]


def said(payload: dict[str, Any], **beside: Any) -> Inbound:
    """What one message of a post means."""
    (found,) = meaning(post(change(messages=[payload], **beside)))
    return found


def told(payload: dict[str, Any], **beside: Any) -> ReceivedMessage:
    """The same, which is a message."""
    found = said(payload, **beside)
    assert isinstance(found, ReceivedMessage), found
    return found


def ids(person: Identity) -> dict[str, str]:
    return {kind.value: value for kind, value in person.identifiers.items()}
