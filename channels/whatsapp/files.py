"""Files below the data folder: whole or not there at all, under names of our own."""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from channels.whatsapp.media_types import HEAD_BYTES

_PART = ".part"
_FORGOTTEN_S = 3600.0


class TooBig(Exception):
    """A file is longer than it may be."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that was written whole, under a name nobody looks for."""

    path: Path
    size_bytes: int
    sha256: bytes
    head: bytes

    async def keep_as(self, name: str) -> Path:
        """Give the file its name, durably; what stood there is replaced."""
        final = self.path.with_name(name)
        await asyncio.to_thread(_replace, self.path, final)
        return final

    async def tail(self, count: int) -> bytes:
        """The file's last bytes, `count` at most."""
        return await asyncio.to_thread(_tail, self.path, count)

    async def drop(self) -> None:
        """Forget the file; nothing happens when it was kept."""
        await asyncio.to_thread(self.path.unlink, missing_ok=True)


async def write_draft(folder: Path, name: str, chunks: AsyncIterator[bytes], limit_bytes: int) -> Draft:
    """Write what comes, bounded in memory; nothing stays when it fails. Drafts a killed process left are removed.

    Raises:
        TooBig: More than `limit_bytes` came.
    """
    handle, path = await asyncio.to_thread(_new_part, folder, name)
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        async for chunk in chunks:
            size += len(chunk)
            if size > limit_bytes:
                raise TooBig
            digest.update(chunk)
            head += chunk[: HEAD_BYTES - len(head)]
            await asyncio.to_thread(_write, handle, chunk)
        await asyncio.to_thread(os.fsync, handle)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    return Draft(path, size, digest.digest(), head)


def _new_part(folder: Path, name: str) -> tuple[int, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f".{name}-*{_PART}"):
        with suppress(FileNotFoundError):  # whoever fetches the same file at this moment is done with it
            if time.time() - left.stat().st_mtime > _FORGOTTEN_S:
                left.unlink()
    handle, path = tempfile.mkstemp(_PART, f".{name}-", folder)
    return handle, Path(path)


def _write(handle: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(handle, view) :]


def _tail(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - count))
        return file.read(count)


def _replace(path: Path, final: Path) -> None:
    path.replace(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or the name could be gone after a power cut
    finally:
        os.close(folder)
