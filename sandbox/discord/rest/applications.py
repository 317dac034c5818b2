"""The application, its bot user, users, and where the gateway is."""

from __future__ import annotations

from sandbox.discord.errors import unknown
from sandbox.discord.gateway import intents
from sandbox.discord.messages import Json
from sandbox.discord.payloads import channel_json, own_user_json, user_json
from sandbox.discord.rest.routing import Answer, Call, Routes

routes = Routes()


@routes.add("GET", "/gateway", needs_token=False)
def get_gateway(call: Call) -> Answer:
    """Say where the gateway is."""
    return Answer(200, {"url": _gateway(call)})


@routes.add("GET", "/gateway/bot")
def get_bot_gateway(call: Call) -> Answer:
    """Say where the gateway is, how many shards to open and how many sessions are left."""
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 16}
    shards = max(1, call.world.recommended_shards)
    return Answer(200, {"url": _gateway(call), "shards": shards, "session_start_limit": limit})


def _gateway(call: Call) -> str:
    return call.world.origin.replace("http", "ws", 1) + "/gateway"


@routes.add("GET", "/users/@me")
def get_me(call: Call) -> Answer:
    """Return the bot's own user."""
    return Answer(200, own_user_json(call.world.bot))


@routes.add("GET", "/users/{user_id}")
def get_user(call: Call) -> Answer:
    """Return any user."""
    user = call.world.users.get(call.number("user_id"))
    if user is None:
        raise unknown("User")
    return Answer(200, user_json(user))


@routes.add("POST", "/users/@me/channels")
def open_direct_channel(call: Call) -> Answer:
    """Open the direct conversation with a user."""
    user = call.world.users.get(int(call.form.get("recipient_id") or 0))
    if user is None or user.bot:
        raise unknown("User")
    return Answer(200, channel_json(call.world.direct_channel(user)))


@routes.add("GET", "/applications/@me")
def get_application(call: Call) -> Answer:
    """Return the application."""
    return Answer(200, _application(call))


@routes.add("GET", "/oauth2/applications/@me")
def get_oauth_application(call: Call) -> Answer:
    """Return the application, at its older address."""
    return Answer(200, _application(call))


def _flags(granted_intents: int) -> int:
    """The application's flags that tell which privileged intents it was granted."""
    shown = {intents.PRESENCES: 1 << 12, intents.MEMBERS: 1 << 14, intents.MESSAGE_CONTENT: 1 << 18}
    return sum(flag for intent, flag in shown.items() if granted_intents & intent)


def _application(call: Call) -> Json:
    world = call.world
    owner = next((guild.owner for guild in world.guilds.values()), world.bot)
    return {
        "id": str(world.application_id),
        "name": world.bot.display_name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_json(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": _flags(world.granted_intents),
        "flags_new": str(_flags(world.granted_intents)),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_json(owner),
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
    }
