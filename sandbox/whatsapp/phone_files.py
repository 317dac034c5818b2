"""How a phone sends files."""

from __future__ import annotations

from sandbox.whatsapp import phone_writing
from sandbox.whatsapp.errors import ClientRefusal
from sandbox.whatsapp.handset import Handset
from sandbox.whatsapp.links import media_url
from sandbox.whatsapp.media_rules import CLIENT_MAX_BYTES, MAX_CAPTION
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.state import Json, Media, Message


async def send(
    phone: Handset,
    number: Number,
    kind: str,
    data: bytes,
    mime_type: str,
    *,
    filename: str = "",
    caption: str = "",
    is_voice: bool = False,
    is_forwarded: bool = False,
) -> Message:
    """Send a file and tell the business; its id is valid for 7 days."""
    if not data or len(data) > CLIENT_MAX_BYTES[kind]:
        raise ClientRefusal(f"a {kind} has 1 to {CLIENT_MAX_BYTES[kind]} bytes")
    if len(caption) > MAX_CAPTION:
        raise ClientRefusal(f"a caption has at most {MAX_CAPTION} characters")
    media = phone.world.add_media(number.account, data, mime_type, filename, is_voice=is_voice)
    content = described(kind, media)
    if phone.world.gives_media_urls:
        content["url"] = media_url(phone.world.origin, media, phone.world.clock.now(), source="webhook")
    if caption:
        content["caption"] = caption
    context = phone_writing.forwarded(is_forwarded=is_forwarded, is_often=False)
    return await phone_writing.post(phone, number, kind, content, caption, context=context, media=media)


def described(kind: str, media: Media) -> Json:
    """Return a file as webhooks present it."""
    content: Json = {"mime_type": media.mime_type, "sha256": media.sha256_base64, "id": media.id}
    if kind == "audio":
        content["voice"] = media.is_voice
    if kind == "sticker":
        content["animated"] = media.is_animated
    if kind == "document":
        content["filename"] = media.filename
    return content
