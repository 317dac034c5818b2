"""Accepts what a business sends: recipient, limits, windows; then it is in the phone's chat."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.whatsapp import drafts
from sandbox.whatsapp.checks import a_text, an_object, known_keys
from sandbox.whatsapp.drafts import Draft
from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.handset import Handset
from sandbox.whatsapp.identifiers import BSUID, digits_of
from sandbox.whatsapp.interactive import interactive
from sandbox.whatsapp.media_rules import KINDS
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.state import Json, Message
from sandbox.whatsapp.world import World

MAX_TRACKER = 512
_TYPES = frozenset({"text", "reaction", "interactive", "template", "location", "contacts", *KINDS})
_KEYS = _TYPES | {
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
}


@dataclass(slots=True)
class Recipient:
    """Who a call is for: `wa_id` is canonical; with `is_dropped` Meta takes the message and forgets it."""

    given: str
    wa_id: str
    phone: Handset | None
    is_bsuid: bool = False
    is_dropped: bool = False

    def described(self) -> Json:
        """Return it as the answer names it."""
        if not self.is_bsuid:
            return {"input": self.given, "wa_id": self.wa_id}
        return {"input": self.given, "user_id": self.given}


def accept(world: World, number: Number, body: Json) -> tuple[Message, Json]:
    """Check and take a message; return it and the answer of the call.

    Raises:
        GraphError: any of the limits; nothing is sent then.
    """
    known_keys("messages", body, _KEYS)
    if body.get("recipient_type", "individual") != "individual":
        raise GraphError(100, "Param recipient_type must be individual")
    recipient = _recipient(world, number, body)
    draft = _draft(number, body)
    tracker = body.get("biz_opaque_callback_data")
    if tracker is not None:
        a_text("biz_opaque_callback_data", tracker, MAX_TRACKER, code=100)
    quoted = _quoted(world, body)
    if recipient.is_bsuid and draft.category == "authentication":
        raise GraphError(131062, "authentication templates need a phone number")
    number.limits.sent(world.clock.now(), recipient.wa_id)
    message = _message(world, number, recipient, draft)
    message.tracker, message.quoted, message.body = tracker, quoted, body
    _decide(world, message, draft)
    answer = {
        "messaging_product": "whatsapp",
        "contacts": [recipient.described()],
        "messages": [{"id": message.id, "message_status": "accepted"}],
    }
    return message, answer


def _recipient(world: World, number: Number, body: Json) -> Recipient:
    if "to" in body:
        given = a_text("to", body["to"], 128)
        if BSUID.match(given):
            return Recipient(given, given, None, is_dropped=True)
        digits = digits_of(given)
        if digits is None:
            raise GraphError(131009, "Param to is not a phone number")
        if digits == number.display:
            raise GraphError(131021, "Recipient phone number cannot be the sender's phone number")
        phone = world.phone_at(digits)
        return Recipient(given, digits if phone is None else phone.wa_id, phone)
    given = a_text("to", body.get("recipient"), 256)
    if not BSUID.match(given):
        raise GraphError(131009, "Param recipient is not a business-scoped user id")
    phone = world.phones_by_bsuid.get(given)
    return Recipient(given, given if phone is None else phone.wa_id, phone, is_bsuid=True)


def _draft(number: Number, body: Json) -> Draft:
    kind = body.get("type", "text")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise GraphError(100, f"Param type must be one of {', '.join(sorted(_TYPES))}")
    value = body.get(kind)
    if kind == "text":
        return drafts.text(value)
    if kind == "interactive":
        return interactive(number, value)
    if kind == "template":
        return drafts.template(number, value)
    if kind == "reaction":
        return drafts.reaction(value)
    if kind == "location":
        return drafts.location(value)
    return drafts.contacts(value) if kind == "contacts" else drafts.file(number, kind, value)


def _quoted(world: World, body: Json) -> Message | None:
    """A quoted message that is not known is left out: the phone then shows no quote."""
    if "context" not in body:
        return None
    context = an_object("context", body["context"])
    known_keys("context", context, frozenset({"message_id"}))
    return world.messages.get(a_text("context['message_id']", context.get("message_id"), 512))


def _message(world: World, number: Number, recipient: Recipient, draft: Draft) -> Message:
    return Message(
        id=world.ids.wamid(recipient.wa_id),
        number=number,
        phone=recipient.phone,
        source="api",
        kind=draft.kind,
        at=world.clock.now(),
        text=draft.text,
        header=draft.header,
        footer=draft.footer,
        status="accepted",
        buttons=draft.buttons,
        rows=draft.rows,
        list_button=draft.list_button,
        media=draft.media,
        link=draft.link,
        filename=draft.filename,
        template=draft.template,
        category=draft.category,
        recipient=recipient.wa_id,
        is_dropped=recipient.is_dropped,
    )


def _decide(world: World, message: Message, draft: Draft) -> None:
    """Deliver the message, or note why it will fail; either way it was accepted."""
    world.keep(message)
    if message.is_dropped:
        return
    later = None if world.faults.is_quiet else world.faults.take("messages", message.recipient, is_later=True)
    if later is not None:
        message.error_code, message.fails_after_sent = later.code, later.is_after_sent
    elif message.phone is None:
        message.error_code = 131026
    elif draft.kind != "template" and not message.phone.chat(message.number).is_open(message.at):
        message.error_code = 131047
    elif message.link in world.broken_links:
        message.error_code = 131053
    elif draft.kind == "reaction":
        _react(world, message, draft)
    else:
        _show(world, message)


def _show(world: World, message: Message) -> None:
    phone = message.phone
    assert phone is not None
    phone.chat(message.number).answered(message.at)
    if message.number in phone.blocked:
        return
    phone.receive(message)
    world.announce(message, message.kind, message.shown(), direction="to_phone")


def _react(world: World, message: Message, draft: Draft) -> None:
    target = world.messages.get(draft.target_id)
    if target is None or target.phone is not message.phone:
        message.error_code = 131009
        return
    if draft.text:
        target.reactions["business"] = draft.text
    else:
        target.reactions.pop("business", None)
    world.announce(target, "reaction", draft.text, direction="to_phone")
