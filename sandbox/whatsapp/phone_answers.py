"""How a phone answers what a business offers: buttons, lists, Flows, carts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.whatsapp.errors import ClientRefusal
from sandbox.whatsapp.handset import Handset
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.phone_writing import incoming, item_of, keep, post, quoting, refuse_unknown
from sandbox.whatsapp.state import Json, Message

_CALL_PERMISSION_S = 7 * 86_400


async def press(phone: Handset, message: Message, wanted: str, *, has_context: bool) -> Message:
    """Press a reply button or a template's quick reply."""
    refuse_unknown(phone, message)
    button = next((button for button in message.buttons if wanted in (button.title, button.id)), None)
    if button is None:
        shown = ", ".join(button.title for button in message.buttons) or "none"
        raise ClientRefusal(f"there is no button {wanted!r}; there are: {shown}")
    if button.kind == "reply":
        reply: Json = {"id": button.id, "title": button.title}
        return await _answer(phone, message, {"type": "button_reply", "button_reply": reply}, button.title)
    if button.kind != "quick_reply":
        raise ClientRefusal(f"{button.title!r} opens something and sends no message")
    content = {"payload": button.id, "text": button.title}
    context = quoting(message) if has_context else None
    return await post(phone, message.number, "button", content, button.title, context=context, quoted=message)


async def choose(phone: Handset, message: Message, wanted: str) -> Message:
    """Choose a row."""
    refuse_unknown(phone, message)
    row = next((row for row in message.rows if wanted in (row.title, row.id)), None)
    if row is None:
        shown = ", ".join(row.title for row in message.rows) or "none"
        raise ClientRefusal(f"there is no row {wanted!r}; there are: {shown}")
    reply = {"id": row.id, "title": row.title} | ({"description": row.description} if row.description else {})
    return await _answer(phone, message, {"type": "list_reply", "list_reply": reply}, row.title)


async def answer_flow(phone: Handset, message: Message, answers: Mapping[str, Any]) -> Message:
    """Send the form of a Flow."""
    refuse_unknown(phone, message)
    button = next((button for button in message.buttons if button.kind == "flow"), None)
    if button is None:
        raise ClientRefusal("this message opens no Flow")
    given = dict(answers) | ({"flow_token": button.id} if button.id else {})
    reply = {"response_json": json.dumps(given, separators=(",", ":")), "body": "Sent", "name": "flow"}
    return await _answer(phone, message, {"type": "nfm_reply", "nfm_reply": reply}, "Sent")


async def answer_call_permission(phone: Handset, message: Message, *, accepts: bool) -> Message:
    """Allow or refuse calls."""
    refuse_unknown(phone, message)
    if not any(button.kind == "call_permission_request" for button in message.buttons):
        raise ClientRefusal("this message asks for no permission to call")
    reply: Json = {"response": "accept" if accepts else "reject", "response_source": "user_action"}
    if accepts:
        reply["expiration_timestamp"] = int(phone.world.clock.now().timestamp()) + _CALL_PERMISSION_S
    content = {"type": "call_permission_reply", "call_permission_reply": reply}
    return await _answer(phone, message, content, str(reply["response"]))


async def order(
    phone: Handset, number: Number, items: Sequence[Mapping[str, Any]], catalog_id: str, text: str
) -> Message:
    """Send a cart."""
    if not items:
        raise ClientRefusal("an empty cart cannot be sent")
    content = {
        "catalog_id": catalog_id or "354160437058781",
        "text": text,
        "product_items": [dict(item) for item in items],
    }
    shown = ", ".join(f"{item.get('quantity')} x {item.get('product_retailer_id')}" for item in items)
    return await post(phone, number, "order", content, shown)


async def unreadable(phone: Handset, message: Message) -> Message:
    """Answer in a way that the API reports as an interactive message without its content, and an error."""
    refuse_unknown(phone, message)
    answer = incoming(phone, message.number, "interactive", None, "(unreadable)", quoted=message)
    keep(answer)
    item = item_of(answer, quoting(message))
    name = "Something went wrong"
    item.errors = [
        {"code": 131000, "title": name, "message": name, "error_data": {"details": "Unsupported webhook payload"}}
    ]
    await phone.world.webhooks.send([item])
    return answer


async def _answer(phone: Handset, message: Message, content: Json, shown: str) -> Message:
    answer = incoming(phone, message.number, "interactive", content, shown, quoted=message)
    keep(answer)
    await phone.world.webhooks.send([item_of(answer, quoting(message))])
    return answer
