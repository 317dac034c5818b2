"""What a person writes and sends with their phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.whatsapp import phone_answers, phone_files, phone_writing
from sandbox.whatsapp.handset import Handset
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.state import Json, Message


class SendingPhone(Handset):
    """Sends messages of every kind that the app offers."""

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

    async def order(
        self, number: Number, items: Sequence[Mapping[str, Any]], *, catalog_id: str = "", text: str = ""
    ) -> Message:
        """Send a cart; items have product_retailer_id, quantity, item_price and currency."""
        return await phone_answers.order(self, number, items, catalog_id, text)

    async def send_unsupported(
        self, number: Number, code: int = 131060, *, kind: str | None = None, referral: Mapping[str, Any] | None = None
    ) -> Message:
        """Send what the API cannot show: 131060 as after an ad, 131051 with a kind such as "poll"."""
        return await phone_writing.unsupported(self, number, code, kind, referral)
