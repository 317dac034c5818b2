"""A message's item, by its type (1.6 of the facts): written, changed, deleted, reacted to, or told by the system."""

from datetime import datetime

from channels.whatsapp.meta.bodies import body_of
from channels.whatsapp.meta.fields import TEXT_LIMIT, Json, bsuid, capped, moment, obj, text, wa_id, without_empty
from channels.whatsapp.meta.statuses import errors
from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.inbound import (
    IdentityChange,
    Ignored,
    Inbound,
    ReceivedEdit,
    ReceivedMessage,
    ReceivedReaction,
    ReceivedRevoke,
    Unknown,
)

_ID_LIMIT = 300


def received(item: Json, payload: Json, sender: Identity) -> Inbound:
    """What a message says; a type we do not know is a message nonetheless, because somebody wrote."""
    own_id, kind = text(payload.get("id"), _ID_LIMIT), text(payload.get("type"), 40)
    at = moment(payload.get("timestamp"), item.get("received_at"))
    if kind == "system":
        return _system(payload, sender, own_id, at)
    if not own_id:
        return Unknown("message: it has no id")
    if kind in ("reaction", "edit", "revoke"):
        return _about_another(kind, obj(payload.get(kind)), sender, own_id, at)
    if kind == "interactive" and obj(payload.get("interactive")).get("type") == "call_permission_reply":
        return Ignored("call permission")
    return _message(item, payload, kind, sender, own_id, at)


def _message(item: Json, payload: Json, kind: str, sender: Identity, own_id: str, at: datetime) -> ReceivedMessage:
    body = body_of(kind, payload)
    context, referral = obj(payload.get("context")), obj(payload.get("referral"))
    more = without_empty(
        errors=list(errors(payload.get("errors"))),
        forwarded="often" if context.get("frequently_forwarded") else "once" if context.get("forwarded") else "",
        referred_product=capped(obj(context.get("referred_product"))),
    )
    return ReceivedMessage(
        sender=_with_shared_number(kind, payload, sender),
        provider_id=own_id,
        kind=body.kind,
        sent_at=at,
        text=body.text,
        media=body.media,
        reply_to=text(context.get("id"), _ID_LIMIT),
        choice_id=body.choice_id,
        content=body.content | more,
        referral=capped(referral) or None,
        group_id=text(payload.get("group_id"), 200),
    )


def _with_shared_number(kind: str, payload: Json, sender: Identity) -> Identity:
    """A person who was asked for their number and gave it has one more identifier."""
    cards = payload.get("contacts")
    if kind != "contacts" or payload.get("origin") != "contact_request" or not isinstance(cards, list) or not cards:
        return sender
    phones = obj(cards[0]).get("phones")
    phone = obj(phones[0]) if isinstance(phones, list) and phones else {}
    digits = "".join(c for c in text(phone.get("wa_id") or phone.get("phone"), 40) if c in "0123456789")
    if not wa_id(digits):
        return sender
    return Identity({**sender.identifiers, IdentifierKind.PHONE: digits}, sender.name)


def _about_another(kind: str, part: Json, sender: Identity, own_id: str, at: datetime) -> Inbound:
    target = text(part.get("message_id" if kind == "reaction" else "original_message_id"), _ID_LIMIT)
    if not target:
        return Unknown(f"{kind}: of which message?")
    if kind == "reaction":  # taken back: an empty emoji, or none
        return ReceivedReaction(sender, own_id, target, text(part.get("emoji"), 64), at)
    if kind == "revoke":
        return ReceivedRevoke(sender, own_id, target, at)
    message = obj(part.get("message"))
    return ReceivedEdit(sender, own_id, target, _edited_text(message), at)


def _edited_text(message: Json) -> str:
    inner = obj(message.get(text(message.get("type"), 40)))
    return text(inner.get("body") or inner.get("caption"), TEXT_LIMIT)


def _system(payload: Json, sender: Identity, own_id: str, at: datetime) -> Inbound:
    system = obj(payload.get("system"))
    what = text(system.get("type"), 60)
    if what == "customer_identity_changed":
        return Ignored("a new installation of WhatsApp: the security code changed")
    before, after = dict(sender.identifiers), {}
    if previous := bsuid(system.get("previous_user_id")):
        before[IdentifierKind.BSUID] = previous
    if number := wa_id(system.get("wa_id") or system.get("new_wa_id")):
        after[IdentifierKind.WA_ID] = number
    if user_id := bsuid(system.get("user_id")):
        after[IdentifierKind.BSUID] = user_id
    if not after:
        return Unknown(f"system: {what}")
    before = {kind: value for kind, value in before.items() if after.get(kind) != value}
    if not before:
        return Ignored("system: nothing changed")
    return IdentityChange(Identity(before, sender.name), Identity(after, sender.name), own_id, at)
