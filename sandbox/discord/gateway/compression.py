"""Transport compression: one stream per connection, one complete flush per message."""

from __future__ import annotations

import zlib
from typing import Protocol

import zstandard


class Encoder(Protocol):
    """Turns one JSON text into one WebSocket message: text when it returns str, binary when bytes."""

    def encode(self, text: bytes) -> str | bytes:
        """Return what goes into the frame."""
        ...


class PlainEncoder:
    """No compression: text frames."""

    def encode(self, text: bytes) -> str | bytes:
        """Return the text itself."""
        return text.decode()


class ZlibEncoder:
    """`zlib-stream`: one deflate stream, each message ending in a sync flush."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(level=1)

    def encode(self, text: bytes) -> str | bytes:
        """Return the next piece of the stream."""
        return self._stream.compress(text) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdEncoder:
    """`zstd-stream`: one zstandard frame, each message ending in a block flush."""

    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor(level=1).compressobj()

    def encode(self, text: bytes) -> str | bytes:
        """Return the next piece of the stream."""
        return self._stream.compress(text) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


_BY_NAME: dict[str, type[Encoder]] = {"zlib-stream": ZlibEncoder, "zstd-stream": ZstdEncoder}


def encoder_for(name: str | None) -> Encoder:
    """Return a fresh encoder for the `compress` query parameter of a connection."""
    return _BY_NAME.get(name or "", PlainEncoder)()
