"""Files over Graph: upload, description, download, deletion."""

from __future__ import annotations

from aiohttp import BodyPartReader, web

from sandbox.whatsapp import media_rules
from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.links import media_url, url_hash
from sandbox.whatsapp.state import Account, Json, Media
from sandbox.whatsapp.world import UPLOADED_MEDIA_S, World


async def upload(world: World, account: Account, request: web.Request) -> Json:
    """Keep an uploaded file for 30 days and return its id."""
    if not request.content_type.startswith("multipart/"):
        raise GraphError(100, "The body must be multipart/form-data")
    data, mime_type, filename, fields = None, "", "", {}
    reader = await request.multipart()
    async for part in reader:
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            data, filename = bytes(await part.read()), part.filename or ""
            mime_type = part.headers.get("Content-Type", "")
        else:
            fields[part.name] = await part.text()
    if fields.get("messaging_product") != "whatsapp" or data is None:
        missing = "file" if data is None else "messaging_product"
        raise GraphError(100, f"The parameter {missing} is required.")
    mime_type = fields.get("type") or mime_type
    if not mime_type:
        raise GraphError(100, "The parameter type is required.")
    return {"id": _kept(world, account, data, mime_type, filename).id}


def _kept(world: World, account: Account, data: bytes, mime_type: str, filename: str) -> Media:
    kind = media_rules.kind_of(mime_type)
    is_animated = kind == "sticker" and b"ANIM" in data[:64]
    media_rules.check(kind, mime_type, len(data), is_animated=is_animated)
    return world.add_media(account, data, mime_type, filename, lives_s=UPLOADED_MEDIA_S)


def describe(world: World, accounts: set[Account], media_id: str) -> Json:
    """Return a file's address, valid for 5 minutes, and what is known of it."""
    media = _existing(world, accounts, media_id)
    return {
        "messaging_product": "whatsapp",
        "url": media_url(world.origin, media, world.clock.now()),
        "mime_type": media.mime_type,
        "sha256": media.sha256.hex(),
        "file_size": len(media.data),
        "id": media.id,
    }


def delete(world: World, accounts: set[Account], media_id: str) -> Json:
    """Forget a file."""
    del world.media[_existing(world, accounts, media_id).id]
    return {"success": True}


def _existing(world: World, accounts: set[Account], media_id: str) -> Media:
    media = world.live_media(media_id, accounts)
    if media is None:
        raise GraphError(100, f"Unsupported request. Object with ID '{media_id}' does not exist", subcode=33)
    return media


def download(world: World, accounts: set[Account], request: web.Request) -> web.Response:
    """Return a file's bytes for its address, a token and a User-Agent."""
    query = request.query
    ends = query.get("ext", "")
    if not request.headers.get("User-Agent"):
        return web.Response(status=400, text="Bad Request")
    if not ends.isdigit() or query.get("hash") != url_hash(query.get("mid", ""), int(ends)):
        return web.Response(status=403, text="URL signature mismatch")
    media = world.live_media(query.get("mid", ""), accounts)
    if media is None or int(ends) < world.clock.now().timestamp():
        return web.Response(status=404, text="URL expired")
    name = media.filename or media.id
    head = {"Content-Type": media.mime_type, "Content-Disposition": f"attachment; filename*=UTF-8''{web_name(name)}"}
    return web.Response(body=media.data, headers=head)


def web_name(name: str) -> str:
    """Return a file name as a header may carry it."""
    return "".join(
        f"%{byte:02X}" if byte > 126 or byte <= 32 or byte in b'%"\\' else chr(byte) for byte in name.encode()
    )
