"""A proxy on loopback that can cut, stall and slow the connections that pass through it."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_CHUNK_BYTES = 65_536
_HOST = "127.0.0.1"


class TcpProxy:
    """Listens on a free loopback port and passes bytes to `host`:`port`, or to the unix socket `unix_path`.

    Use it as an async context manager; `port` is what clients connect to. `latency_s` delays every chunk in
    both directions and can be changed at any time.
    """

    def __init__(
        self,
        host: str = _HOST,
        port: int | None = None,
        *,
        unix_path: Path | None = None,
        latency_s: float = 0.0,
    ) -> None:
        if (port is None) == (unix_path is None):
            raise ValueError("a proxy has one target: a port or a unix socket")
        self.latency_s = latency_s
        self._target = (host, port, unix_path)
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.accepted_count = 0
        self.refusing = False

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        if self._server is None:
            raise RuntimeError("the proxy has not been started")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def open_count(self) -> int:
        """How many clients are connected now."""
        return len(self._tasks)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, _HOST, 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        self.cut()
        self.resume()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # an aborted transport closes its socket in the next round of the loop

    def cut(self, *, refuse: bool = False) -> None:
        """Abort every connection at once, with a reset and no goodbye.

        With `refuse` new connections are dropped as well, until `resume`.
        """
        self.refusing = refuse
        for writer in tuple(self._writers):
            _reset(writer)

    def pause(self) -> None:
        """Let connections live but pass nothing on, as a stalled network does."""
        self._flowing.clear()

    def resume(self) -> None:
        """Undo `pause` and `cut(refuse=True)`; what was held back is passed on."""
        self.refusing = False
        self._flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted_count += 1
        task = asyncio.current_task()
        if self.refusing or task is None:
            _reset(writer)
            return
        self._tasks.add(task)
        try:
            await self._join(reader, writer)
        except asyncio.CancelledError:
            _reset(writer)
        finally:
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            far_reader, far_writer = await self._dial()
        except OSError:
            _reset(writer)
            self._writers.discard(writer)
            return
        self._writers.add(far_writer)
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            for each in (writer, far_writer):
                self._writers.discard(each)
                each.close()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port, unix_path = self._target
        if unix_path is not None:
            return await asyncio.open_unix_connection(str(unix_path))
        return await asyncio.open_connection(host, port)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK_BYTES):
                if self.latency_s:
                    await asyncio.sleep(self.latency_s)
                await self._flowing.wait()
                writer.write(chunk)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Drop a connection so that the other end gets a reset, not an orderly end."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
