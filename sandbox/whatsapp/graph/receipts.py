"""Read receipts and the typing indicator."""

from __future__ import annotations

from datetime import timedelta
from itertools import dropwhile, takewhile

from sandbox.whatsapp.checks import a_text, an_object, known_keys
from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.state import Json
from sandbox.whatsapp.world import World

TYPING = timedelta(seconds=25)
_KEYS = frozenset({"messaging_product", "status", "message_id", "typing_indicator"})


def mark_read(world: World, number: Number, body: Json) -> Json:
    """Mark a phone's message and all before it as read, and show typing for 25 s when asked."""
    known_keys("messages", body, _KEYS)
    if body["status"] != "read":
        raise GraphError(100, "Param status must be read")
    message = world.messages.get(a_text("message_id", body.get("message_id"), 512))
    if message is None or not message.is_from_phone or message.number is not number or message.phone is None:
        raise GraphError(131009, "message_id is not a message that this number received")
    chat = message.phone.chat(number)
    own = (m for m in reversed(chat.messages) if m.is_from_phone)
    for earlier in takewhile(lambda m: not m.is_read_by_business, dropwhile(lambda m: m is not message, own)):
        earlier.is_read_by_business = True
    kind = "read"
    if "typing_indicator" in body:
        if an_object("typing_indicator", body["typing_indicator"]).get("type") != "text":
            raise GraphError(100, "Param typing_indicator['type'] must be text")
        chat.typing_until = world.clock.now() + TYPING
        kind = "typing"
    world.announce(message, kind, "", direction="to_phone")
    return {"success": True}
