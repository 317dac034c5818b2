"""Accepts WebSockets, and breaks them on demand."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord.faults import Faults
from sandbox.discord.gateway.compression import encoder_for
from sandbox.discord.gateway.connection import Connection
from sandbox.discord.gateway.hub import GatewayHub
from sandbox.discord.gateway.protocol import Op
from sandbox.discord.gateway.welcome import Gatekeeper
from sandbox.discord.ports import Referee
from sandbox.discord.world import World


class GatewayServer:
    """The gateway's address, its connections and its misfortunes."""

    def __init__(
        self,
        world: World,
        token: str,
        granted_intents: int,
        referee: Referee | None,
        faults: Faults,
        heartbeat_interval_ms: int,
    ) -> None:
        self.hub = GatewayHub(world.bot.id, referee)
        self.heartbeat_interval_ms = heartbeat_interval_ms
        self._gatekeeper = Gatekeeper(world, self.hub, token, granted_intents, referee)
        self._world = world
        self._faults = faults
        self._answers_heartbeats = True

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket from HELLO to the end."""
        if self._faults.is_away:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        socket = web.WebSocketResponse(timeout=1.0, max_msg_size=0, compress=False)
        await socket.prepare(request)
        connection = Connection(socket, encoder_for(request.query.get("compress")), self._gatekeeper)
        connection.answers_heartbeats = self._answers_heartbeats
        self.hub.connections.add(connection)
        try:
            await connection.serve(request, self.heartbeat_interval_ms)
        finally:
            self.hub.connections.discard(connection)
            self._world.hub.wake()
        return socket

    @property
    def connected_shards(self) -> set[int]:
        """The shards that are identified and connected right now."""
        return {c.session.shard_id for c in self.hub.connections if c.session is not None}

    def cut(self) -> None:
        """Abort every TCP connection; sessions can be resumed."""
        for connection in tuple(self.hub.connections):
            connection.abort()
            self.hub.connections.discard(connection)

    async def close_all(self, code: int = 1001, reason: str = "") -> None:
        """Hang up on everyone with a close code."""
        for connection in tuple(self.hub.connections):
            await connection.close(code, reason)

    def ask_reconnect(self) -> None:
        """Tell every connection to come back and resume (RECONNECT)."""
        for connection in tuple(self.hub.connections):
            connection.send_op(Op.RECONNECT, None)

    def invalidate(self, *, resumable: bool) -> None:
        """Declare every session invalid; unless resumable, they are forgotten and must identify anew."""
        for connection in tuple(self.hub.connections):
            if connection.session is None:
                continue
            if not resumable:
                self.hub.forget(connection.session)
            connection.send_op(Op.INVALID_SESSION, resumable)

    def refuse_next_session(self, *, resumable: bool = False) -> None:
        """Answer the next IDENTIFY or RESUME with INVALID_SESSION."""
        self._gatekeeper.refuse_next.append(resumable)

    def answer_heartbeats(self, answers: bool) -> None:
        """Stop or start acknowledging heartbeats: what a zombie connection looks like."""
        self._answers_heartbeats = answers
        for connection in self.hub.connections:
            connection.answers_heartbeats = answers
