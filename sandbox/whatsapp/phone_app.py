"""The business's own phone app on a number that the API uses too: echoes, history, address book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.whatsapp.envelopes import Item
from sandbox.whatsapp.errors import ClientRefusal
from sandbox.whatsapp.identifiers import parent_of
from sandbox.whatsapp.state import Json, Message

if TYPE_CHECKING:
    from sandbox.whatsapp.handset import Handset
    from sandbox.whatsapp.numbers import Number

_DECLINED = 2593109


async def write(number: Number, phone: Handset, text: str, quotes: Message | None) -> Message:
    """Write to a customer; returns after the echo was first tried."""
    _refuse_api_only(number)
    if not text:
        raise ClientRefusal("an empty message cannot be sent")
    world = number.world
    message = Message(
        id=world.ids.wamid(phone.wa_id),
        number=number,
        phone=phone,
        source="app",
        kind="text",
        text=text,
        at=world.clock.now(),
        status="delivered",
        recipient=phone.wa_id,
        quoted=quotes,
    )
    world.keep(message)
    phone.receive(message)
    world.announce(message, "text", text, direction="to_phone", actor=f"{number.name} (phone app)")
    await _echo(message, message.id, "text", {"body": text})
    return message


async def edit(number: Number, message: Message, text: str) -> Message:
    """Change an own message."""
    _refuse_foreign(number, message)
    message.text, message.is_edited = text, True
    number.world.announce(message, "edit", text, direction="to_phone")
    inside = {"original_message_id": message.id, "message": {"type": "text", "text": {"body": text}}}
    await _echo(message, number.world.ids.wamid(message.recipient), "edit", inside)
    return message


async def revoke(number: Number, message: Message) -> None:
    """Delete an own message for everyone."""
    _refuse_foreign(number, message)
    message.is_revoked = True
    number.world.announce(message, "revoke", message.text, direction="to_phone")
    own_id = number.world.ids.wamid(message.recipient)
    await _echo(message, own_id, "revoke", {"original_message_id": message.id})


def _refuse_api_only(number: Number) -> None:
    if not number.is_coexistence:
        raise ClientRefusal(f"{number.display} is on the API only: it has no phone app")


def _refuse_foreign(number: Number, message: Message) -> None:
    _refuse_api_only(number)
    if message.source != "app" or message.number is not number or message.is_revoked:
        raise ClientRefusal("only an own message can be changed")


async def _echo(message: Message, own_id: str, kind: str, inside: Json) -> None:
    phone, number = message.phone, message.number
    assert phone is not None
    content: Json = {"from": number.display}
    if not phone.hides_number:
        content["to"] = phone.wa_id
    content |= {"to_user_id": phone.bsuid, "to_parent_user_id": parent_of(phone.bsuid)}
    stamp = str(int(number.world.clock.now().timestamp()))
    content |= {"id": own_id, "timestamp": stamp, "type": kind, kind: inside}
    item = Item(
        account=number.account,
        field="smb_message_echoes",
        key="message_echoes",
        content=content,
        number=number,
        contact=phone.contact(),
    )
    await number.world.webhooks.send([item])


async def share_history(number: Number, phones: Sequence[Handset], chunk_size: int) -> None:
    """Hand over chats, at most `chunk_size` messages in a webhook."""
    _refuse_api_only(number)
    told = [(phone, message) for phone in phones for message in phone.chat(number).messages]
    chunks = [told[start : start + chunk_size] for start in range(0, len(told), chunk_size)] or [[]]
    for order, chunk in enumerate(chunks, start=1):
        threads: dict[str, list[Json]] = {}
        for phone, message in chunk:
            threads.setdefault(phone.wa_id, []).append(_historic(phone, message))
        progress = 100 * order // len(chunks)
        content = {
            "metadata": {"phase": 0, "chunk_order": order, "progress": progress},
            "threads": [{"id": wa_id, "messages": messages} for wa_id, messages in threads.items()],
        }
        await _tell(number, "history", "history", content)


def _historic(phone: Handset, message: Message) -> Json:
    who: Json = {"from": phone.wa_id} if message.is_from_phone else {"from": message.number.display, "to": phone.wa_id}
    stamp = str(int(message.at.timestamp()))
    text = {"type": "text", "text": {"body": message.text}, "history_context": {"status": "READ"}}
    return who | {"id": message.id, "timestamp": stamp} | text


async def decline_history(number: Number) -> None:
    """Say that no history is shared."""
    _refuse_api_only(number)
    name = "History sharing is turned off by the business from the WhatsApp Business App"
    error = {"code": _DECLINED, "title": name, "message": name, "error_data": {"details": name}}
    await _tell(number, "history", "history", {"errors": [error]})


async def sync_contact(number: Number, phone: Handset, *, is_removed: bool) -> None:
    """Tell of the address book."""
    _refuse_api_only(number)
    stamp = str(int(number.world.clock.now().timestamp()))
    contact = {"phone_number": phone.wa_id}
    if not is_removed:
        contact = {"full_name": phone.name, "first_name": phone.name.split(" ")[0]} | contact
    action = "remove" if is_removed else "add"
    content = {"type": "contact", "contact": contact, "action": action, "metadata": {"timestamp": stamp}}
    await _tell(number, "smb_app_state_sync", "state_sync", content)


async def _tell(number: Number, field: str, key: str, content: Json) -> None:
    item = Item(account=number.account, field=field, key=key, content=content, number=number)
    await number.world.webhooks.send([item])
