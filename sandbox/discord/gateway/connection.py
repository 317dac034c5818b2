"""One WebSocket: what the bot says and how the gateway answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from sandbox.discord.gateway.compression import Encoder
from sandbox.discord.gateway.protocol import CloseCode, Op
from sandbox.discord.gateway.session import Session
from sandbox.discord.gateway.welcome import Gatekeeper, Refused
from sandbox.discord.messages import Json


class Connection:
    """Reads the bot's frames and queues ours; a session attaches to it."""

    def __init__(self, socket: web.WebSocketResponse, encoder: Encoder, gatekeeper: Gatekeeper) -> None:
        self._socket = socket
        self._encoder = encoder
        self._gatekeeper = gatekeeper
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._transport: asyncio.Transport | None = None
        self._heartbeat_interval_ms = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self.session: Session | None = None
        self.answers_heartbeats = True

    async def serve(self, request: web.Request, heartbeat_interval_ms: int) -> None:
        """Speak until either side hangs up."""
        self._transport = request.transport
        self._heartbeat_interval_ms = heartbeat_interval_ms
        self._rearm()
        self.send_op(Op.HELLO, {"heartbeat_interval": heartbeat_interval_ms})
        writer = asyncio.create_task(self._write())
        try:
            await self._read()
        finally:
            self._disarm()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self._leave_session()

    def send(self, text: bytes) -> None:
        """Queue one JSON text."""
        self._queue.put_nowait(text)

    def send_op(self, op: Op, data: Any) -> None:
        """Queue one message that is not a dispatch."""
        self.send(orjson.dumps({"op": int(op), "d": data, "s": None, "t": None}))

    async def close(self, code: int, reason: str = "") -> None:
        """Hang up politely with a close code."""
        await self._flush()
        await self._socket.close(code=code, message=reason.encode())

    def abort(self) -> None:
        """Cut the TCP connection without a word; from now on the session is without a line."""
        self._leave_session()
        if self._transport is not None:
            self._transport.abort()

    def _leave_session(self) -> None:
        if self.session is not None and self.session.line is self:
            self.session.line = None

    async def _flush(self) -> None:
        for _ in range(1000):
            if self._queue.empty():
                return
            await asyncio.sleep(0)

    async def _write(self) -> None:
        while True:
            frame = self._encoder.encode(await self._queue.get())
            try:
                if isinstance(frame, str):
                    await self._socket.send_str(frame)
                else:
                    await self._socket.send_bytes(frame)
            except ConnectionError:
                return

    def _rearm(self) -> None:
        self._disarm()
        patience_s = self._heartbeat_interval_ms / 1000 * 1.75
        self._deadline = asyncio.get_running_loop().call_later(patience_s, self._expire)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def _expire(self) -> None:
        self._closing = asyncio.create_task(self.close(CloseCode.SESSION_TIMED_OUT, "Session timed out."))

    async def _read(self) -> None:
        async for frame in self._socket:
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            try:
                await self._obey(orjson.loads(frame.data))
            except orjson.JSONDecodeError:
                await self.close(CloseCode.DECODE_ERROR, "Error while decoding payload.")
            except Refused as refusal:
                await self.close(refusal.code, str(refusal))

    async def _obey(self, message: Json) -> None:
        op, data = message.get("op"), message.get("d")
        handlers: dict[Any, Callable[[Any], None]] = {
            Op.HEARTBEAT: self._heartbeat,
            Op.IDENTIFY: self._identify,
            Op.RESUME: self._resume,
            Op.REQUEST_GUILD_MEMBERS: self._members,
            Op.PRESENCE_UPDATE: self._noted,
            Op.VOICE_STATE_UPDATE: self._noted,
        }
        handler = handlers.get(op)
        if handler is None:
            raise Refused(CloseCode.UNKNOWN_OPCODE, "Unknown opcode.")
        handler(data)

    def _heartbeat(self, _: Any) -> None:
        if self.answers_heartbeats:
            self._rearm()
            self.send_op(Op.HEARTBEAT_ACK, None)

    def _identify(self, data: Json) -> None:
        if self.session is not None:
            raise Refused(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
        self._gatekeeper.identify(self, data)

    def _resume(self, data: Json) -> None:
        if self.session is not None:
            raise Refused(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
        self._gatekeeper.resume(self, data)

    def _noted(self, _: Any) -> None:
        self._require_session()

    def _members(self, data: Json) -> None:
        self._gatekeeper.members(self._require_session(), data)

    def _require_session(self) -> Session:
        if self.session is None:
            raise Refused(CloseCode.NOT_AUTHENTICATED, "Not authenticated.")
        return self.session
