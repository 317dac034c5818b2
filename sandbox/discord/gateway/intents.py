"""Which events a session asked for, and what it may read in them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

GUILDS = 1 << 0
MEMBERS = 1 << 1
PRESENCES = 1 << 8
GUILD_MESSAGES = 1 << 9
GUILD_REACTIONS = 1 << 10
GUILD_TYPING = 1 << 11
DIRECT_MESSAGES = 1 << 12
DIRECT_REACTIONS = 1 << 13
DIRECT_TYPING = 1 << 14
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | MESSAGE_CONTENT

_IN_GUILD = {
    "GUILD_MEMBER": MEMBERS,
    "MESSAGE_REACTION": GUILD_REACTIONS,
    "MESSAGE_": GUILD_MESSAGES,
    "TYPING_": GUILD_TYPING,
    "GUILD_": GUILDS,
    "CHANNEL_": GUILDS,
    "THREAD_": GUILDS,
}
_IN_DIRECT = {
    "MESSAGE_REACTION": DIRECT_REACTIONS,
    "MESSAGE_": DIRECT_MESSAGES,
    "TYPING_": DIRECT_TYPING,
    "CHANNEL_PINS": DIRECT_MESSAGES,
}
_ALWAYS = ("INTERACTION_CREATE", "READY", "RESUMED", "GUILD_MEMBERS_CHUNK")
_OWN = "GUILD_MEMBER_UPDATE"


def wants(intents: int, name: str, in_guild: bool) -> bool:
    """Tell whether a session with these intents receives an event."""
    if name in _ALWAYS:
        return True
    table = _IN_GUILD if in_guild else _IN_DIRECT
    for prefix, bit in table.items():
        if name.startswith(prefix):
            return bool(intents & bit)
    return True


def is_about(payload: Json, user_id: int) -> bool:
    """Tell whether a member event is about this user, who receives it whatever the intents."""
    return bool(payload.get("user", {}).get("id") == str(user_id))


def blanked(payload: Json, bot_id: int) -> Json | None:
    """Return the message without what MESSAGE_CONTENT protects, or None when nothing need be hidden.

    Direct messages, the bot's own messages and messages that mention the bot stay readable.
    """
    if "guild_id" not in payload or payload["author"]["id"] == str(bot_id):
        return None
    if any(user["id"] == str(bot_id) for user in payload["mentions"]):
        return None
    return payload | {"content": "", "embeds": [], "attachments": [], "components": []}
