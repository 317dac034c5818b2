"""All sessions of the bot: who receives which event."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING

import orjson

from sandbox.discord.gateway import intents as intent
from sandbox.discord.gateway.session import Session
from sandbox.discord.messages import Json
from sandbox.discord.ports import Referee

if TYPE_CHECKING:
    from sandbox.discord.gateway.connection import Connection

_REMEMBERED_SESSIONS = 64
_MESSAGES = ("MESSAGE_CREATE", "MESSAGE_UPDATE")


class GatewayHub:
    """Opens, finds and forgets sessions, and spreads events over them."""

    def __init__(self, bot_id: int, referee: Referee | None) -> None:
        self._bot_id = bot_id
        self._referee = referee
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self.connections: set[Connection] = set()

    @property
    def sessions(self) -> list[Session]:
        """Every session that can still be resumed, oldest first."""
        return list(self._sessions.values())

    def open(self, shard: tuple[int, int], intents: int) -> Session:
        """Start a session."""
        session = Session(secrets.token_hex(16), *shard, intents)
        self._sessions[session.id] = session
        while len(self._sessions) > _REMEMBERED_SESSIONS:
            self._sessions.popitem(last=False)
        return session

    def find(self, session_id: str) -> Session | None:
        """Return a session that can be resumed."""
        return self._sessions.get(session_id)

    def forget(self, session: Session) -> None:
        """Make a session impossible to resume."""
        self._sessions.pop(session.id, None)

    def dispatch(self, name: str, payload: Json, guild_id: int | None) -> None:
        """Send an event to every session whose shard and intents it meets."""
        if self._referee is not None:
            self._referee.event(name, payload)
        full: bytes | None = None
        bare: bytes | None = None
        for session in self._sessions.values():
            if not session.serves(guild_id) or not self._wanted(session, name, payload, guild_id):
                continue
            if name in _MESSAGES and not session.intents & intent.MESSAGE_CONTENT:
                bare = bare or orjson.dumps(intent.blanked(payload, self._bot_id) or payload)
                session.push(name, bare)
                continue
            full = full or orjson.dumps(payload)
            session.push(name, full)

    def _wanted(self, session: Session, name: str, payload: Json, guild_id: int | None) -> bool:
        if intent.wants(session.intents, name, guild_id is not None):
            return True
        return name == "GUILD_MEMBER_UPDATE" and intent.is_about(payload, self._bot_id)
