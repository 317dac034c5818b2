"""People with WhatsApp on their phone: they can do what the app offers, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from sandbox.hub import Hub
from sandbox.whatsapp import phone_answers, phone_changes, phone_files, phone_writing
from sandbox.whatsapp.chats import Chat
from sandbox.whatsapp.identifiers import parent_of
from sandbox.whatsapp.state import Json, Message

if TYPE_CHECKING:
    from sandbox.whatsapp.numbers import Number
    from sandbox.whatsapp.world import World


@dataclass(eq=False, kw_only=True)
class Phone:
    """A customer's phone. Every act may raise `ClientRefusal`; acts return after the webhook was first tried.

    Attributes:
        hides_number: Whether businesses see only the business-scoped user id (`bsuid`).
        is_online: Whether messages arrive; `go_online` brings those that waited.
        reads_at_once: Whether what arrives is read at once.
        blocked: The numbers whose messages no longer arrive.
        unclaimed: What arrived and `received` has not handed out.
    """

    world: World = field(repr=False)
    wa_id: str
    name: str
    bsuid: str
    username: str | None = None
    hides_number: bool = False
    locale: str = "en"
    has_parent: bool = True
    is_online: bool = True
    reads_at_once: bool = True
    blocked: set[Number] = field(default_factory=set, repr=False)
    chats: dict[Number, Chat] = field(default_factory=dict, repr=False)
    unclaimed: list[Message] = field(default_factory=list, repr=False)
    arrivals: Hub[None] = field(default_factory=Hub, repr=False)

    @property
    def messages(self) -> list[Message]:
        """Everything on the phone, of every chat, oldest first."""
        if len(self.chats) == 1:
            return list(next(iter(self.chats.values())).messages)
        return sorted((m for chat in self.chats.values() for m in chat.messages), key=lambda message: message.at)

    @property
    def inbox(self) -> list[Message]:
        """What businesses sent, oldest first."""
        return [message for message in self.messages if not message.is_from_phone]

    def chat(self, number: Number) -> Chat:
        """The chat with a number, empty at first."""
        return self.chats.setdefault(number, Chat())

    def contact(self) -> Json:
        """Return how webhooks present the person."""
        profile = {"name": self.name} | ({} if self.username is None else {"username": self.username})
        contact: Json = {"profile": profile}
        if not self.hides_number:
            contact["wa_id"] = self.wa_id
        contact["user_id"] = self.bsuid
        if self.has_parent:
            contact["parent_user_id"] = parent_of(self.bsuid)
        return contact

    def receive(self, message: Message) -> None:
        """Show a business's message, or keep it until the phone is on again."""
        chat = self.chat(message.number)
        if not self.is_online:
            chat.waiting.append(message)
            return
        chat.messages.append(message)
        self.unclaimed.append(message)
        self.arrivals.wake()

    def is_typing_shown(self, number: Number) -> bool:
        """Whether the phone shows that the business is typing."""
        until = self.chat(number).typing_until
        return until is not None and self.world.clock.now() < until

    async def write(
        self,
        number: Number,
        text: str,
        *,
        referral: Mapping[str, Any] | None = None,
        is_forwarded: bool = False,
        is_forwarded_often: bool = False,
    ) -> Message:
        """Write a text; `referral` is the ad that was tapped, for a first contact (`phone_writing.ad`)."""
        context = phone_writing.forwarded(is_forwarded=is_forwarded, is_often=is_forwarded_often)
        return await phone_writing.write(self, number, text, context=context, referral=referral)

    async def write_several(self, number: Number, texts: Sequence[str], *, as_one_post: bool = False) -> list[Message]:
        """Write texts one after another; `as_one_post` lets Meta report them in one webhook."""
        return await phone_writing.write_several(self, number, texts, as_one_post=as_one_post)

    async def click_ad(self, number: Number, text: str, **details: Any) -> Message:
        """Tap an ad and send the text; `details` replace parts of the referral."""
        return await self.write(number, text, referral=phone_writing.ad(**details))

    async def reply_to(self, message: Message, text: str) -> Message:
        """Answer a message, quoting it."""
        return await phone_writing.reply(self, message, text)

    async def send_image(
        self,
        number: Number,
        data: bytes,
        *,
        mime_type: str = "image/jpeg",
        caption: str = "",
        is_forwarded: bool = False,
    ) -> Message:
        """Send a picture."""
        return await phone_files.send(
            self, number, "image", data, mime_type, caption=caption, is_forwarded=is_forwarded
        )

    async def send_video(
        self,
        number: Number,
        data: bytes,
        *,
        mime_type: str = "video/mp4",
        caption: str = "",
        is_forwarded: bool = False,
    ) -> Message:
        """Send a video."""
        return await phone_files.send(
            self, number, "video", data, mime_type, caption=caption, is_forwarded=is_forwarded
        )

    async def send_voice(self, number: Number, data: bytes) -> Message:
        """Send a voice note."""
        return await phone_files.send(self, number, "audio", data, "audio/ogg; codecs=opus", is_voice=True)

    async def send_audio(
        self, number: Number, data: bytes, *, mime_type: str = "audio/mpeg", is_forwarded: bool = False
    ) -> Message:
        """Send an audio file."""
        return await phone_files.send(self, number, "audio", data, mime_type, is_forwarded=is_forwarded)

    async def send_document(
        self,
        number: Number,
        data: bytes,
        filename: str,
        *,
        mime_type: str = "application/pdf",
        caption: str = "",
        is_forwarded: bool = False,
    ) -> Message:
        """Send a file."""
        return await phone_files.send(
            self, number, "document", data, mime_type, filename=filename, caption=caption, is_forwarded=is_forwarded
        )

    async def send_sticker(self, number: Number, data: bytes) -> Message:
        """Send a sticker."""
        return await phone_files.send(self, number, "sticker", data, "image/webp")

    async def send_location(
        self,
        number: Number,
        latitude: float,
        longitude: float,
        *,
        name: str = "",
        address: str = "",
        url: str = "",
        is_forwarded: bool = False,
    ) -> Message:
        """Send a place: the current one, or with a name and an address a chosen one."""
        place: Json = {"latitude": latitude, "longitude": longitude}
        place |= {key: text for key, text in (("name", name), ("address", address), ("url", url)) if text}
        context = phone_writing.forwarded(is_forwarded=is_forwarded, is_often=False)
        shown = name or f"{latitude}, {longitude}"
        return await phone_writing.post(self, number, "location", place, shown, context=context)

    async def send_contacts(self, number: Number, contacts: Sequence[Mapping[str, Any]]) -> Message:
        """Send contact cards in Meta's shape."""
        names = ", ".join(str(card.get("name", {}).get("formatted_name", "?")) for card in contacts)
        return await phone_writing.post(self, number, "contacts", [dict(card) for card in contacts], names)

    async def press(self, message: Message, button: str, *, has_context: bool = True) -> Message:
        """Press a button, found by its title or id; a template's quick reply may arrive without context."""
        return await phone_answers.press(self, message, button, has_context=has_context)

    async def choose(self, message: Message, row: str) -> Message:
        """Choose a row of a list, found by its title or id."""
        return await phone_answers.choose(self, message, row)

    async def answer_flow(self, message: Message, answers: Mapping[str, Any]) -> Message:
        """Fill in the Flow that a message opens and send it."""
        return await phone_answers.answer_flow(self, message, answers)

    async def answer_call_permission(self, message: Message, *, accepts: bool) -> Message:
        """Answer a request to be called."""
        return await phone_answers.answer_call_permission(self, message, accepts=accepts)

    async def answer_unreadably(self, message: Message) -> Message:
        """Answer in a way that the API cannot read: an interactive message without content, and an error."""
        return await phone_answers.unreadable(self, message)

    async def order(
        self, number: Number, items: Sequence[Mapping[str, Any]], *, catalog_id: str = "", text: str = ""
    ) -> Message:
        """Send a cart; items have product_retailer_id, quantity, item_price and currency."""
        return await phone_answers.order(self, number, items, catalog_id, text)

    async def react(self, message: Message, emoji: str) -> None:
        """React to a message."""
        await phone_changes.react(self, message, emoji)

    async def unreact(self, message: Message, *, leaves_empty: bool = True) -> None:
        """Take the reaction back; reported with an empty emoji, or without any."""
        await phone_changes.unreact(self, message, leaves_empty=leaves_empty)

    async def edit(self, message: Message, text: str) -> Message:
        """Change an own message, within 15 minutes."""
        return await phone_changes.edit(self, message, text)

    async def revoke(self, message: Message) -> None:
        """Delete an own message for everyone."""
        await phone_changes.revoke(self, message)

    async def send_unsupported(
        self, number: Number, code: int = 131060, *, kind: str | None = None, referral: Mapping[str, Any] | None = None
    ) -> Message:
        """Send what the API cannot show: 131060 as after an ad, 131051 with a kind such as "poll"."""
        return await phone_writing.unsupported(self, number, code, kind, referral)

    async def change_number(self, new_number: str) -> None:
        """Move to another number: businesses get a system message, and the user id changes."""
        await phone_changes.change_number(self, new_number)

    async def change_user_id(self) -> None:
        """Get another business-scoped user id; businesses get a system message."""
        await phone_changes.change_user_id(self)

    async def change_identity(self) -> None:
        """Install WhatsApp anew: businesses get a system message about the identity."""
        await phone_changes.change_identity(self)

    async def read(self, number: Number) -> None:
        """Open the chat: everything that arrived counts as read."""
        await phone_changes.read(self, number)

    async def play(self, message: Message) -> None:
        """Listen to a business's voice message."""
        await phone_changes.play(self, message)

    def go_offline(self) -> None:
        """Receive nothing until `go_online`."""
        self.is_online = False

    async def go_online(self) -> None:
        """Receive what waited."""
        self.is_online = True
        for chat in self.chats.values():
            waiting, chat.waiting = chat.waiting, []
            for message in waiting:
                self.receive(message)
                await self.world.statuses.follow(message)

    def block(self, number: Number) -> None:
        """Let nothing of a number through any more."""
        self.blocked.add(number)

    def unblock(self, number: Number) -> None:
        """Let a number's messages through again; those of the meantime are lost."""
        self.blocked.discard(number)

    async def received(self, part: str = "", *, number: Number | None = None, timeout_s: float = 30.0) -> Message:
        """Wait for a business's message that contains `part` and return it; each message is handed out once.

        Raises:
            TimeoutError: none came within `timeout_s` real seconds.
        """
        found: list[Message] = []

        def look() -> bool:
            fits = (m for m in self.unclaimed if number in (None, m.number) and part in m.shown())
            found.extend(islice(fits, 1))
            return bool(found)

        await self.arrivals.wait_until(look, timeout_s)
        self.unclaimed.remove(found[0])
        return found[0]

    async def received_nothing(self, quiet_s: float = 0.2) -> bool:
        """Whether nothing that was not yet handed out is there after `quiet_s` real seconds."""
        await asyncio.sleep(quiet_s)
        return not self.unclaimed
