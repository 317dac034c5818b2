"""Files that staff send to a contact: taken from Discord, and kept where the sender finds them."""

import asyncio
import mimetypes
import os
import re
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import discord

from bot.ui.text import bare
from bot.visit import Visit
from domain.kernel.errors import InvalidInput

_MIB = 1024 * 1024
LIMIT_MIB = 16  # what WhatsApp takes of sound and film; pictures have 5, and papers are rarely longer
# Above a template (provider's rules): the types, and the most in MiB.
_ABOVE = {
    "image": (frozenset({"image/jpeg", "image/png"}), 5),
    "video": (frozenset({"video/mp4", "video/3gpp"}), LIMIT_MIB),
    "document": (frozenset({"application/pdf"}), LIMIT_MIB),
}
_NAME_LIMIT = 120
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file in the house; `path` is below the data folder."""

    path: str
    mime: str
    name: str


async def keep_file(visit: Visit, data_dir: Path | None, file: discord.Attachment) -> KeptFile:
    """Fetch and keep what somebody attached; the same command again writes the same file.

    Raises:
        InvalidInput: `conversation.file_too_big`, or `conversation.file_lost`: it cannot be had, or nowhere be kept.
    """
    if file.size > LIMIT_MIB * _MIB:
        raise InvalidInput("conversation.file_too_big", field="file", limit=LIMIT_MIB)
    try:
        data = await file.read() if data_dir is not None else b""
    except (discord.HTTPException, aiohttp.ClientError, OSError) as exc:
        raise InvalidInput("conversation.file_lost", field="file") from exc
    if data_dir is None or not data:
        raise InvalidInput("conversation.file_lost", field="file")
    month = f"{visit.services.clock.now():%Y-%m}"
    ending = Path(file.filename).suffix
    name = f"out-{visit.interaction.id}{ending if _ENDING.fullmatch(ending) else ''}"
    place = Path("media", str(visit.actor.tenant_id), month, name)
    await asyncio.to_thread(_write, data_dir / place, data)
    return KeptFile(place.as_posix(), _mime(file)[:100], bare(file.filename, _NAME_LIMIT))


def above_template(visit: Visit, kind: str, file: discord.Attachment | None) -> discord.Attachment:
    """The file, if a template whose header is of this kind can be sent with it.

    Raises:
        InvalidInput: `conversation.template_file`: there is none, or of another type, or a longer one; says which.
    """
    types, limit_mib = _ABOVE[kind]
    if file is None or _mime(file).partition(";")[0].strip().lower() not in types or file.size > limit_mib * _MIB:
        wanted = visit.reader(f"conversation.template.file.{kind}")
        raise InvalidInput("conversation.template_file", field="file", wanted=wanted)
    return file


async def drop_file(data_dir: Path | None, file: KeptFile) -> None:
    """Forget a file that was not sent."""
    if data_dir is not None:
        await asyncio.to_thread((data_dir / file.path).unlink, missing_ok=True)


def _mime(file: discord.Attachment) -> str:
    return file.content_type or mimetypes.guess_type(file.filename)[0] or "application/octet-stream"


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
