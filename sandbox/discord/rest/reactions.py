"""Reactions and pins."""

from __future__ import annotations

from sandbox.discord import permissions as perm
from sandbox.discord.errors import ApiError, unknown
from sandbox.discord.message_payloads import message_json
from sandbox.discord.messages import Message
from sandbox.discord.payloads import stamp, user_json
from sandbox.discord.rest.routing import Answer, Call, Routes
from sandbox.discord.state import User

routes = Routes()
_ALL = "/channels/{channel_id}/messages/{message_id}/reactions"
_EMOJI = _ALL + "/{emoji_name}"
_PINS = "/channels/{channel_id}/messages/pins"
_MAX_PINS = 250


def _message(call: Call, *needs: int) -> Message:
    return call.message(call.channel(*needs))


@routes.add("PUT", _EMOJI + "/@me")
def add_reaction(call: Call) -> Answer:
    """React as the bot."""
    message = _message(call, perm.READ_HISTORY, perm.ADD_REACTIONS)
    emoji = call.params["emoji_name"]
    if emoji.isascii() and ":" not in emoji:
        raise unknown("Emoji")
    call.world.posting.react(message, emoji, call.world.bot)
    return Answer(204)


@routes.add("DELETE", _EMOJI + "/@me")
def take_own_reaction(call: Call) -> Answer:
    """Take back the bot's own reaction."""
    call.world.posting.unreact(_message(call), call.params["emoji_name"], call.world.bot)
    return Answer(204)


@routes.add("DELETE", _EMOJI + "/{user_id}")
def take_reaction(call: Call) -> Answer:
    """Take away somebody's reaction."""
    user = _user(call)
    call.world.posting.unreact(_message(call, perm.MANAGE_MESSAGES), call.params["emoji_name"], user)
    return Answer(204)


def _user(call: Call) -> User:
    user = call.world.users.get(call.number("user_id"))
    if user is None:
        raise unknown("User")
    return user


@routes.add("DELETE", _EMOJI)
def clear_emoji(call: Call) -> Answer:
    """Take away every reaction with one emoji."""
    message = _message(call, perm.MANAGE_MESSAGES)
    call.world.posting.clear_reactions(message, call.params["emoji_name"])
    return Answer(204)


@routes.add("DELETE", _ALL)
def clear_reactions(call: Call) -> Answer:
    """Take away every reaction."""
    call.world.posting.clear_reactions(_message(call, perm.MANAGE_MESSAGES))
    return Answer(204)


@routes.add("GET", _EMOJI)
def list_reactions(call: Call) -> Answer:
    """List who reacted with one emoji."""
    message = _message(call, perm.READ_HISTORY)
    after, limit = int(call.query.get("after", 0)), int(call.query.get("limit", 25))
    for reaction in message.reactions:
        if reaction.emoji == call.params["emoji_name"]:
            ids = sorted(number for number in reaction.user_ids if number > after)
            return Answer(200, [user_json(call.world.users[number]) for number in ids[:limit]])
    return Answer(200, [])


@routes.add("GET", _PINS)
def list_pins(call: Call) -> Answer:
    """List pinned messages, the last pinned first."""
    channel = call.channel(perm.READ_HISTORY)
    limit = int(call.query.get("limit", 50))
    before = call.query.get("before")
    items = [
        {"pinned_at": stamp(at), "message": message_json(channel.history[number], call.world.bot.id)}
        for number, at in sorted(channel.pins.items(), key=lambda pin: pin[1], reverse=True)
        if before is None or stamp(at) < before
    ]
    return Answer(200, {"items": items[:limit], "has_more": len(items) > limit})


@routes.add("PUT", _PINS + "/{message_id}")
@routes.add("PUT", "/channels/{channel_id}/pins/{message_id}")
def pin(call: Call) -> Answer:
    """Pin a message."""
    message = _message(call, perm.PIN_MESSAGES)
    pins = message.channel.pins
    if message.id not in pins and len(pins) >= _MAX_PINS:
        raise ApiError(400, 30003, "Maximum number of pins reached (250)")
    pins.setdefault(message.id, call.world.clock.now())
    call.world.announcer.pins_changed(message.channel)
    return Answer(204)


@routes.add("DELETE", _PINS + "/{message_id}")
@routes.add("DELETE", "/channels/{channel_id}/pins/{message_id}")
def unpin(call: Call) -> Answer:
    """Unpin a message."""
    message = _message(call, perm.PIN_MESSAGES)
    message.channel.pins.pop(message.id, None)
    call.world.announcer.pins_changed(message.channel)
    return Answer(204)
