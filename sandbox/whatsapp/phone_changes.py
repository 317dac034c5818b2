"""What a phone changes afterwards: reactions, edits, deletions, its number, what it has read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.whatsapp.envelopes import Item
from sandbox.whatsapp.errors import ClientRefusal
from sandbox.whatsapp.handset import Handset
from sandbox.whatsapp.identifiers import digits_of, parent_of
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.phone_writing import head, refuse_unknown
from sandbox.whatsapp.state import Json, Message

EDITABLE = timedelta(minutes=15)
REVOCABLE = timedelta(hours=60)


async def react(phone: Handset, message: Message, emoji: str) -> None:
    """React, in place of an earlier reaction."""
    refuse_unknown(phone, message)
    if not emoji:
        raise ClientRefusal("a reaction is an emoji")
    message.reactions["phone"] = emoji
    await _reaction(phone, message, {"message_id": message.id, "emoji": emoji}, emoji)


async def unreact(phone: Handset, message: Message, *, leaves_empty: bool) -> None:
    """Take the reaction back."""
    refuse_unknown(phone, message)
    if message.reactions.pop("phone", None) is None:
        raise ClientRefusal("there is no own reaction to take back")
    await _reaction(phone, message, {"message_id": message.id} | ({"emoji": ""} if leaves_empty else {}), "")


async def _reaction(phone: Handset, message: Message, content: Json, emoji: str) -> None:
    now = phone.world.clock.now()
    phone.chat(message.number).written(now, by_ad=False)
    phone.world.announce(message, "reaction", emoji, direction="to_business")
    await _tell(phone, message.number, "reaction", content)


async def edit(phone: Handset, message: Message, text: str) -> Message:
    """Change the text or the caption of an own message."""
    _refuse_foreign(phone, message, EDITABLE)
    if message.kind not in ("text", "image", "video", "document") or not text:
        raise ClientRefusal("only texts and captions can be edited")
    message.text, message.is_edited = text, True
    changed: Json = {"type": message.kind, message.kind: _edited(message, text)}
    if message.kind != "text":
        changed = {"context": {"id": "M0"}} | changed
    phone.world.announce(message, "edit", text, direction="to_business")
    await _tell(phone, message.number, "edit", {"original_message_id": message.id, "message": changed})
    return message


def _edited(message: Message, text: str) -> Json:
    return {"body": text} if message.kind == "text" else message.body[message.kind] | {"caption": text}


async def revoke(phone: Handset, message: Message) -> None:
    """Delete an own message for everyone."""
    _refuse_foreign(phone, message, REVOCABLE)
    message.is_revoked = True
    phone.world.announce(message, "revoke", message.text, direction="to_business")
    await _tell(phone, message.number, "revoke", {"original_message_id": message.id})


def _refuse_foreign(phone: Handset, message: Message, within: timedelta) -> None:
    refuse_unknown(phone, message)
    if not message.is_from_phone:
        raise ClientRefusal("only an own message can be changed")
    if phone.world.clock.now() - message.at > within:
        raise ClientRefusal("it is too late to change this message")


async def read(phone: Handset, number: Number) -> None:
    """Report everything that arrived in a chat as read."""
    for message in tuple(phone.chat(number).messages):
        if message.source == "api" and message.status == "delivered":
            await phone.world.statuses.report(message, "read")


async def play(phone: Handset, message: Message) -> None:
    """Report a business's audio as played."""
    refuse_unknown(phone, message)
    if message.kind != "audio" or message.source != "api":
        raise ClientRefusal("only a business's audio can be played")
    await phone.world.statuses.report(message, "played")


async def change_number(phone: Handset, new_number: str) -> None:
    """Move to another number and get another user id."""
    digits = digits_of(new_number)
    world = phone.world
    if digits is None or world.phone_at(digits) is not None:
        raise ClientRefusal(f"{new_number} is no free number")
    old, old_bsuid = phone.wa_id, phone.bsuid
    listed = world.phones.pop(old)
    del world.phones_by_bsuid[old_bsuid]
    bsuid = world.ids.bsuid(digits)
    system: Json = {
        "body": f"{phone.name} changed from {old} to {digits}",
        "wa_id": digits,
        "type": "user_changed_number",
    }
    system |= _user_ids(bsuid, old_bsuid)
    heads = {number: head(phone, world.ids.wamid(old)) for number in phone.chats}
    phone.wa_id, phone.bsuid = digits, bsuid
    world.phones[digits] = world.phones_by_bsuid[bsuid] = listed
    if phone.hides_number:
        system = _user_id_change(phone, old_bsuid)
    for number, begin in heads.items():
        await _system(phone, number, begin, system)


async def change_user_id(phone: Handset) -> None:
    """Get another user id, as happens without a visible number."""
    world, old = phone.world, phone.bsuid
    begin = head(phone, "")
    listed = world.phones_by_bsuid.pop(old)
    phone.bsuid = world.ids.bsuid(phone.wa_id)
    world.phones_by_bsuid[phone.bsuid] = listed
    for number in phone.chats:
        own = begin | {"id": world.ids.wamid(phone.wa_id)}
        await _system(phone, number, own, _user_id_change(phone, old))


def _user_id_change(phone: Handset, old: str) -> Json:
    return {
        "body": f"{phone.name} changed from {old} to {phone.bsuid}",
        "type": "user_changed_user_id",
    } | _user_ids(phone.bsuid, old)


def _user_ids(new: str, old: str) -> Json:
    return {
        "user_id": new,
        "parent_user_id": parent_of(new),
        "previous_user_id": old,
        "previous_parent_user_id": parent_of(old),
    }


async def change_identity(phone: Handset) -> None:
    """Report a new installation."""
    for number in phone.chats:
        begin = head(phone, phone.world.ids.wamid(phone.wa_id))
        identity = {"acknowledged": True, "created_timestamp": begin["timestamp"], "hash": phone.world.ids.graph()}
        content = begin | {
            "identity": identity,
            "system": {"body": "User identity changed", "type": "customer_identity_changed"},
            "type": "system",
        }
        contact = {"profile": {"name": phone.name}, "wa_id": phone.wa_id}
        await phone.world.webhooks.send([_item(number, content, contact)])


async def _system(phone: Handset, number: Number, begin: Json, system: Json) -> None:
    """Send a system message; it has no contacts."""
    content = begin | {"system": system, "type": "system"}
    await phone.world.webhooks.send([_item(number, content, None)])


async def _tell(phone: Handset, number: Number, kind: str, inside: Any) -> None:
    content = head(phone, phone.world.ids.wamid(phone.wa_id)) | {"type": kind, kind: inside}
    await phone.world.webhooks.send([_item(number, content, phone.contact())])


def _item(number: Number, content: Json, contact: Json | None) -> Item:
    return Item(account=number.account, key="messages", content=content, number=number, contact=contact)
