"""Files of messages as attachments: found below the data folder, named safely, within the guild's limit."""

import asyncio
import io
import mimetypes
import re
from pathlib import Path
from typing import Any

import discord
from discord import ui

from bot.render import FileRoom
from bot.ui.message_card import Shown
from bot.ui.text import plain
from domain.conversations.dto import MediaInfo
from domain.i18n.reader import Reader

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4")
_MIB = 1024 * 1024
_EXTENSIONS = {"audio/ogg": ".ogg", "audio/amr": ".amr"}  # Python says .oga, which phones do not know, and nothing


async def shown_file(read: Reader, media: MediaInfo, room: FileRoom) -> tuple[Shown, tuple[discord.File, ...]]:
    """The file to attach with the component that shows it, or a line that says why there is none."""
    if media.state != "stored" or not media.path:
        return Shown(line=f"-# 📎 {_missing(read, media)}"), ()
    path = _below(room.data_dir, media.path)
    size = await asyncio.to_thread(_size_of, path)
    if path is None or size is None:
        return Shown(line=f"-# 📎 {read('conversation.media.not_here')}"), ()
    if size > room.limit_bytes:
        text = read("conversation.media.too_big", size=f"{size / _MIB:.1f}", limit=f"{room.limit_bytes // _MIB}",
                    path=plain(media.path))  # fmt: skip
        return Shown(line=f"-# 📎 {text}"), ()
    name = file_name(media)
    file = discord.File(io.BytesIO(await asyncio.to_thread(path.read_bytes)), name, description=media.file_name or None)
    return Shown([_component(media, name)], f"-# 📎 {plain(media.file_name)}" if media.file_name else ""), (file,)


def file_name(media: MediaInfo) -> str:
    """A name that Discord can refer to, with the extension of what the file is."""
    mime = media.mime.split(";")[0].strip()
    known = Path(media.file_name).suffix or _EXTENSIONS.get(mime) or mimetypes.guess_extension(mime) or ".bin"
    stem = _UNSAFE.sub("_", Path(media.file_name).stem).strip("._")[:60] or ("voice" if media.is_voice else "file")
    return f"{stem}{_UNSAFE.sub('', known)[:10]}"


def _component(media: MediaInfo, name: str) -> ui.Item[Any]:
    if media.mime.split(";")[0].strip() in _PICTURES:
        return ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{name}"))
    return ui.File(f"attachment://{name}")


def _missing(read: Reader, media: MediaInfo) -> str:
    if media.state in ("refused", "lost"):
        return read(f"conversation.media.{media.state}", why=plain(media.error or "-"))
    return read("conversation.media.waiting")


def _below(folder: Path | None, path: str) -> Path | None:
    """The file, if it really lies below the folder."""
    if folder is None:
        return None
    found = (folder / path).resolve()
    return found if found.is_relative_to(folder.resolve()) else None


def _size_of(path: Path | None) -> int | None:
    return path.stat().st_size if path is not None and path.is_file() else None
