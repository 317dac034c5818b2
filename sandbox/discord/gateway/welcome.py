"""Who may come in: IDENTIFY, RESUME and what follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord import payloads
from sandbox.discord.gateway import intents as intent
from sandbox.discord.gateway.hub import GatewayHub
from sandbox.discord.gateway.protocol import CloseCode, Op
from sandbox.discord.gateway.session import Session
from sandbox.discord.guild import Guild
from sandbox.discord.messages import Json
from sandbox.discord.ports import Referee
from sandbox.discord.state import Member
from sandbox.discord.world import World

if TYPE_CHECKING:
    from sandbox.discord.gateway.connection import Connection

_CHUNK = 1000


class Refused(Exception):
    """The gateway hangs up with a close code."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gatekeeper:
    """Checks tokens and intents, and hands a new session everything it should know."""

    def __init__(
        self, world: World, hub: GatewayHub, token: str, granted_intents: int, referee: Referee | None
    ) -> None:
        self._world = world
        self._hub = hub
        self._token = token
        self._granted = granted_intents
        self._referee = referee
        self.refuse_next: list[bool] = []

    def identify(self, line: Connection, data: Json) -> None:
        """Open a session, or hang up: 4004 wrong token, 4010 bad shard, 4013/4014 intents."""
        if data.get("token") != self._token:
            raise Refused(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")
        shard_id, shard_count = data.get("shard") or (0, 1)
        if not 0 <= shard_id < shard_count:
            raise Refused(CloseCode.INVALID_SHARD, "Invalid shard.")
        intents = data.get("intents")
        if not isinstance(intents, int) or intents < 0 or intents >= 1 << 26:
            raise Refused(CloseCode.INVALID_INTENTS, "Invalid intent(s).")
        if intents & intent.PRIVILEGED & ~self._granted:
            raise Refused(CloseCode.DISALLOWED_INTENTS, "Disallowed intent(s).")
        if self.refuse_next:
            line.send_op(Op.INVALID_SESSION, self.refuse_next.pop(0))
            return
        session = self._hub.open((shard_id, shard_count), intents)
        line.session, session.line = session, line
        self._welcome(session)

    def resume(self, line: Connection, data: Json) -> None:
        """Replay what was missed; INVALID_SESSION(false) when that is impossible."""
        if data.get("token") != self._token:
            raise Refused(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")
        session = self._hub.find(str(data.get("session_id")))
        if self.refuse_next:
            line.send_op(Op.INVALID_SESSION, self.refuse_next.pop(0))
            return
        sequence = data.get("seq") or 0
        if session is None or not session.can_replay_from(sequence):
            line.send_op(Op.INVALID_SESSION, False)
            return
        line.session, session.line = session, line
        session.replay(sequence)
        session.push_json("RESUMED", {"_trace": []})

    def _welcome(self, session: Session) -> None:
        guilds = [g for g in self._world.guilds.values() if session.serves(g.id)]
        self._push(session, "READY", self._ready(session, guilds))
        if not session.intents & intent.GUILDS:
            return
        everyone = bool(session.intents & intent.MEMBERS)
        for guild in guilds:
            payload = payloads.guild_create_json(guild, self._world.bot, all_members=everyone)
            self._push(session, "GUILD_CREATE", payload)

    def _ready(self, session: Session, guilds: list[Guild]) -> Json:
        return {
            "v": 10,
            "user": payloads.own_user_json(self._world.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self._world.origin.replace("http", "ws", 1) + "/gateway",
            "shard": [session.shard_id, session.shard_count],
            "application": {"id": str(self._world.application_id), "flags": 0},
            "session_type": "normal",
            "private_channels": [],
            "presences": [],
            "relationships": [],
            "guild_join_requests": [],
            "user_settings": {},
            "geo_ordered_rtc_regions": [],
            "_trace": [],
        }

    def members(self, session: Session, data: Json) -> None:
        """Answer REQUEST_GUILD_MEMBERS in chunks of a thousand."""
        guild = self._world.guilds.get(int(data["guild_id"]))
        if guild is None:
            return
        found, missing = _search(guild, data)
        chunks = [found[i : i + _CHUNK] for i in range(0, len(found), _CHUNK)] or [[]]
        for index, chunk in enumerate(chunks):
            payload: Json = {
                "guild_id": str(guild.id),
                "members": [payloads.member_json(member) for member in chunk],
                "chunk_index": index,
                "chunk_count": len(chunks),
                "not_found": missing,
                "presences": [],
                "nonce": data.get("nonce"),
            }
            self._push(session, "GUILD_MEMBERS_CHUNK", payload)

    def _push(self, session: Session, name: str, payload: Json) -> None:
        if self._referee is not None:
            self._referee.event(name, payload)
        session.push_json(name, payload)


def _search(guild: Guild, data: Json) -> tuple[list[Member], list[str]]:
    wanted: Any = data.get("user_ids")
    if wanted is not None:
        ids = wanted if isinstance(wanted, list) else [wanted]
        found = [guild.members[int(i)] for i in ids if int(i) in guild.members]
        return found, [str(i) for i in ids if int(i) not in guild.members]
    query = str(data.get("query") or "").casefold()
    limit = data.get("limit") or len(guild.members)
    matching = [m for m in guild.members.values() if m.user.username.casefold().startswith(query)]
    return matching[:limit], []
