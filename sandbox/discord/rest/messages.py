"""Messages of a channel."""

from __future__ import annotations

from itertools import islice

from sandbox.discord import permissions as perm
from sandbox.discord.drafts import read_draft
from sandbox.discord.errors import ApiError, invalid_form, missing_permissions
from sandbox.discord.message_payloads import message_json
from sandbox.discord.messages import Message
from sandbox.discord.rest.routing import Answer, Call, Routes
from sandbox.discord.state import POSTABLE, THREADS, Channel

routes = Routes()
_LIST = "/channels/{channel_id}/messages"
_ONE = "/channels/{channel_id}/messages/{message_id}"


def writable(call: Call) -> Channel:
    """Return the channel of the path, in which the bot may write.

    Raises:
        ApiError: 50008 not a text channel, 50013 not permitted, 50083 the thread is archived and locked.
    """
    channel = call.channel()
    if channel.kind not in POSTABLE:
        raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
    need = perm.SEND_IN_THREADS if channel.kind in THREADS else perm.SEND_MESSAGES
    bits = channel.permissions_of(call.world.bot)
    if not bits & need:
        raise missing_permissions()
    thread = channel.thread
    if thread is not None and thread.locked and (thread.archived or not bits & perm.MANAGE_THREADS):
        raise ApiError(400, 50083, "Thread is archived")
    return channel


@routes.add("POST", _LIST)
def create_message(call: Call) -> Answer:
    """Post a message; a nonce seen lately is not posted again when `enforce_nonce` is set."""
    channel = writable(call)
    nonce = call.form.get("nonce")
    if nonce is not None and len(str(nonce)) > 25:
        raise invalid_form("nonce", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    if nonce is not None and call.form.get("enforce_nonce"):
        earlier = call.world.nonces.find(channel.id, nonce)
        if earlier is not None:
            return Answer(200, message_json(earlier, call.world.bot.id))
    draft = read_draft(call.form, call.uploads)
    _refuse_unpermitted(call, channel, has_files=bool(call.uploads))
    message = call.world.posting.blank(channel, call.world.bot)
    message.nonce = nonce
    _refer(call, channel, message)
    call.world.posting.create(channel, call.world.bot, draft, message)
    if nonce is not None:
        call.world.nonces.remember(channel.id, nonce, message)
    return Answer(200, message_json(message, call.world.bot.id))


def _refuse_unpermitted(call: Call, channel: Channel, *, has_files: bool) -> None:
    if has_files and not channel.permissions_of(call.world.bot) & perm.ATTACH_FILES:
        raise missing_permissions()


def _refer(call: Call, channel: Channel, message: Message) -> None:
    reference = call.form.get("message_reference")
    if not reference:
        return
    quoted = call.world.message(channel, int(reference["message_id"]))
    if quoted is None and reference.get("fail_if_not_exists", True) is not False:
        raise invalid_form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    if quoted is not None:
        message.kind, message.reference, message.reference_id = 19, quoted, quoted.id


@routes.add("GET", _LIST)
def list_messages(call: Call) -> Answer:
    """List messages, newest first, around, before or after one."""
    channel = call.channel(perm.READ_HISTORY)
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise invalid_form("limit", "NUMBER_TYPE_RANGE", "int value should be between 1 and 100.")
    chosen = _window(channel, call, limit)
    return Answer(200, [message_json(message, call.world.bot.id) for message in chosen])


def _window(channel: Channel, call: Call, limit: int) -> list[Message]:
    query = call.query
    if "after" in query:
        after = int(query["after"])
        newer = (m for m in channel.history.values() if m.id > after and not m.ephemeral)
        return list(islice(newer, limit))[::-1]
    if "around" in query:
        middle = int(query["around"])
        closest = sorted(channel.messages, key=lambda m: abs(m.id - middle))[:limit]
        return sorted(closest, key=lambda m: m.id, reverse=True)
    before = int(query.get("before", 1 << 63))
    older = (m for m in reversed(channel.history.values()) if m.id < before and not m.ephemeral)
    return list(islice(older, limit))


@routes.add("GET", _ONE)
def get_message(call: Call) -> Answer:
    """Return one message."""
    message = call.message(call.channel(perm.READ_HISTORY))
    return Answer(200, message_json(message, call.world.bot.id))


@routes.add("PATCH", _ONE)
def edit_message(call: Call) -> Answer:
    """Change one of the bot's own messages."""
    message = call.message(call.channel())
    if message.author is not call.world.bot or message.loading:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    _refuse_archived(message.channel)
    draft = read_draft(call.form, call.uploads, editing=message)
    call.world.posting.edit(message, draft)
    return Answer(200, message_json(message, call.world.bot.id))


def _refuse_archived(channel: Channel) -> None:
    """Nothing in an archived thread can be edited; a new message opens it, unless it is locked."""
    if channel.thread is not None and channel.thread.archived:
        raise ApiError(400, 50083, "Thread is archived")


@routes.add("DELETE", _ONE)
def delete_message(call: Call) -> Answer:
    """Delete a message: the bot's own, or anybody's with the permission."""
    channel = call.channel()
    message = call.message(channel)
    own = message.author is call.world.bot
    if not own and not channel.permissions_of(call.world.bot) & perm.MANAGE_MESSAGES:
        raise missing_permissions()
    call.world.posting.delete(message)
    return Answer(204)


@routes.add("POST", "/channels/{channel_id}/messages/bulk-delete")
def delete_messages(call: Call) -> Answer:
    """Delete 2 to 100 messages at once."""
    channel = call.channel(perm.MANAGE_MESSAGES)
    wanted = [int(number) for number in call.form.get("messages") or ()]
    if not 2 <= len(wanted) <= 100:
        raise ApiError(400, 50016, "Provided too few or too many messages to delete.")
    for number in wanted:
        message = call.world.message(channel, number)
        if message is not None:
            call.world.posting.delete(message)
    return Answer(204)


@routes.add("POST", "/channels/{channel_id}/typing")
def start_typing(call: Call) -> Answer:
    """Show that the bot is typing."""
    call.world.announcer.typing(writable(call), call.world.bot)
    return Answer(204)
