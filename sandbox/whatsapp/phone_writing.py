"""How a phone writes: texts, replies, ads, and the webhook that tells the business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.whatsapp.envelopes import Item
from sandbox.whatsapp.errors import ClientRefusal, title
from sandbox.whatsapp.handset import Handset
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.state import Json, Message

MAX_TEXT = 65_536
_REPORTED_TEXT = 4_096
_DETAILS = {131051: "Message type is currently not supported.", 131060: "This message is currently unavailable."}


def ad(**details: Any) -> Json:
    """Return the referral of a click-to-WhatsApp ad, parts replaced by `details`; None leaves a part out."""
    referral: Json = {
        "source_url": "https://fb.me/3cr4Wqqkv",
        "source_id": "120226305854810726",
        "source_type": "ad",
        "headline": "Chat with us",
        "body": "Ask us anything",
        "media_type": "image",
        "image_url": "https://scontent.example/ad.jpg",
        "ctwa_clid": "Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4",
    }
    referral |= details
    return {key: value for key, value in referral.items() if value is not None}


def forwarded(*, is_forwarded: bool, is_often: bool) -> Json | None:
    """Return the context of a forwarded message."""
    if is_often:
        return {"frequently_forwarded": True}
    return {"forwarded": True} if is_forwarded else None


def refuse_unknown(phone: Handset, message: Message) -> None:
    """Refuse what is not on this phone."""
    if message.phone is not phone or message not in phone.chat(message.number).messages:
        raise ClientRefusal("this message is not on the phone")
    if message.is_revoked:
        raise ClientRefusal("this message was deleted")


def quoting(message: Message) -> Json:
    """Return the context of an answer to a message."""
    phone = message.phone
    author = message.number.display
    if message.is_from_phone and phone is not None:
        author = phone.bsuid if phone.hides_number else phone.wa_id
    return {"from": author, "id": message.id}


def incoming(phone: Handset, number: Number, kind: str, content: Any, text: str, **more: Any) -> Message:
    """Put a new message of the phone into its chat and return it; the business is not told yet."""
    world = phone.world
    if not phone.is_online:
        raise ClientRefusal(f"{phone.name} is offline")
    if number in phone.blocked:
        raise ClientRefusal(f"{phone.name} has blocked {number.display}")
    now = world.clock.now()
    message = Message(
        id=world.ids.wamid(phone.wa_id),
        number=number,
        phone=phone,
        source="phone",
        kind=kind,
        at=now,
        text=text,
        **more,
    )
    message.body = {"type": kind} if content is None else {"type": kind, kind: content}
    return message


def keep(message: Message, *, by_ad: bool = False) -> None:
    """Show a new message in the chat, open the window and tell onlookers."""
    phone, number = message.phone, message.number
    assert phone is not None
    chat = phone.chat(number)
    chat.messages.append(message)
    chat.written(message.at, by_ad=by_ad)
    number.limits.received(message.at)
    phone.world.keep(message)
    phone.world.announce(message, message.kind, message.shown(), direction="to_business")


def item_of(message: Message, context: Json | None = None, **beside: Any) -> Item:
    """Return the webhook item of a phone's message; `beside` stands next to its type."""
    phone = message.phone
    assert phone is not None
    content = head(phone, message.id) | message.body | beside
    if context is not None:
        content["context"] = context
    return Item(
        account=message.number.account, key="messages", content=content, number=message.number, contact=phone.contact()
    )


def head(phone: Handset, message_id: str) -> Json:
    """Return who, which and when of a webhook's message; a hidden number is left out."""
    who = {"from_user_id": phone.bsuid} if phone.hides_number else {"from": phone.wa_id}
    return who | {"id": message_id, "timestamp": str(int(phone.world.clock.now().timestamp()))}


async def post(
    phone: Handset, number: Number, kind: str, content: Any, text: str, *, context: Json | None = None, **more: Any
) -> Message:
    """Send one message of any kind and tell the business."""
    message = incoming(phone, number, kind, content, text, **more)
    keep(message)
    await phone.world.webhooks.send([item_of(message, context)])
    return message


async def write(
    phone: Handset, number: Number, text: str, *, context: Json | None = None, referral: Mapping[str, Any] | None = None
) -> Message:
    """Send a text."""
    message = _text(phone, number, text)
    keep(message, by_ad=referral is not None)
    beside = {} if referral is None else {"referral": dict(referral)}
    await phone.world.webhooks.send([item_of(message, context, **beside)])
    return message


def _text(phone: Handset, number: Number, text: str, **more: Any) -> Message:
    if not text.strip() or len(text) > MAX_TEXT:
        raise ClientRefusal(f"a text has 1 to {MAX_TEXT} characters")
    return incoming(phone, number, "text", {"body": text[:_REPORTED_TEXT]}, text, **more)


async def write_several(phone: Handset, number: Number, texts: Sequence[str], *, as_one_post: bool) -> list[Message]:
    """Send texts one after another, reported one by one or together."""
    messages = [_text(phone, number, text) for text in texts]
    for message in messages:
        keep(message)
        if not as_one_post:
            await phone.world.webhooks.send([item_of(message)])
    if as_one_post:
        await phone.world.webhooks.send([item_of(message) for message in messages])
    return messages


async def reply(phone: Handset, message: Message, text: str) -> Message:
    """Send a text that quotes a message."""
    refuse_unknown(phone, message)
    answer = _text(phone, message.number, text, quoted=message)
    keep(answer)
    await phone.world.webhooks.send([item_of(answer, quoting(message))])
    return answer


async def unsupported(
    phone: Handset, number: Number, code: int, kind: str | None, referral: Mapping[str, Any] | None
) -> Message:
    """Send what the API cannot show."""
    message = incoming(phone, number, "unsupported", None, f"({kind or 'unsupported'})")
    keep(message, by_ad=referral is not None)
    name = "Message type unknown" if code == 131051 else title(code)
    error = {"code": code, "title": name, "message": name, "error_data": {"details": _DETAILS.get(code, name)}}
    beside: Json = {"errors": [error]}
    if kind is not None:
        beside["unsupported"] = {"type": kind}
    if referral is not None:
        beside["referral"] = dict(referral)
    await phone.world.webhooks.send([item_of(message, None, **beside)])
    return message
