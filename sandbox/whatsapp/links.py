"""Addresses of files: valid for five minutes, for whoever has the account's token."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sandbox.whatsapp.state import Media

URL_LIVES_S = 300
PATH = "/whatsapp_business/attachments/"


def media_url(origin: str, media: Media, now: datetime, *, source: str = "getMedia") -> str:
    """Return the address of a file from now on."""
    ends_s = int(now.timestamp()) + URL_LIVES_S
    return f"{origin}{PATH}?mid={media.id}&source={source}&ext={ends_s}&hash={url_hash(media.id, ends_s)}"


def url_hash(media_id: str, ends_s: int) -> str:
    """Return what proves that WhatsApp made an address."""
    return hashlib.sha256(f"{media_id}:{ends_s}".encode()).hexdigest()[:32]
