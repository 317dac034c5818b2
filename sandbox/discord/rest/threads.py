"""Threads of a channel and of a guild."""

from __future__ import annotations

from sandbox.discord import permissions as perm
from sandbox.discord.drafts import read_draft
from sandbox.discord.errors import ApiError, missing_permissions, unknown
from sandbox.discord.message_payloads import message_json
from sandbox.discord.messages import Json
from sandbox.discord.payloads import channel_json, member_json, thread_member_json
from sandbox.discord.rest.routing import Answer, Call, Routes
from sandbox.discord.state import Channel, ChannelKind, User

routes = Routes()
_MEMBERS = "/channels/{channel_id}/thread-members"
_FORUMS = (ChannelKind.FORUM, ChannelKind.MEDIA)


def _created(call: Call, thread: Channel) -> Json:
    return channel_json(thread) | {"member": thread_member_json(thread, call.world.bot.id)}


@routes.add("POST", "/channels/{channel_id}/messages/{message_id}/threads")
def thread_from_message(call: Call) -> Answer:
    """Open the thread of a message."""
    message = call.message(call.channel(perm.CREATE_PUBLIC_THREADS))
    thread = call.world.threads.from_message(message, call.world.bot, call.form)
    return Answer(201, _created(call, thread))


@routes.add("POST", "/channels/{channel_id}/threads")
def open_thread(call: Call) -> Answer:
    """Open a thread without a message, or a forum post with its first message."""
    parent = call.channel()
    if parent.kind in _FORUMS:
        return _open_post(call, parent)
    if parent.kind not in (ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT):
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    public = call.form.get("type") == ChannelKind.PUBLIC_THREAD
    need = perm.CREATE_PUBLIC_THREADS if public else perm.CREATE_PRIVATE_THREADS
    if not parent.permissions_of(call.world.bot) & need:
        raise missing_permissions()
    thread = call.world.threads.standalone(parent, call.world.bot, call.form)
    return Answer(201, _created(call, thread))


def _open_post(call: Call, forum: Channel) -> Answer:
    if not forum.permissions_of(call.world.bot) & perm.SEND_MESSAGES:
        raise missing_permissions()
    draft = read_draft(call.form.get("message") or {}, call.uploads)
    thread, message = call.world.threads.post(forum, call.world.bot, call.form, draft)
    body = _created(call, thread) | {"message": message_json(message, call.world.bot.id)}
    return Answer(201, body)


def _listing(call: Call, threads: list[Channel]) -> Json:
    own = call.world.bot.id
    joined = [t for t in threads if t.thread is not None and own in t.thread.member_ids]
    return {
        "threads": [channel_json(thread) for thread in threads],
        "members": [thread_member_json(thread, own) for thread in joined],
    }


@routes.add("GET", "/guilds/{guild_id}/threads/active")
def active_threads(call: Call) -> Answer:
    """List the threads of a guild that are not archived and that the bot sees."""
    bot = call.world.bot
    found = [
        t for t in call.guild().threads() if t.thread is not None and not t.thread.archived and t.permissions_of(bot)
    ]
    return Answer(200, _listing(call, found) | {"has_more": False})


@routes.add("GET", "/channels/{channel_id}/threads/archived/public")
@routes.add("GET", "/channels/{channel_id}/threads/archived/private")
def archived_threads(call: Call) -> Answer:
    """List the archived threads of a channel, the last archived first."""
    return Answer(200, _archived(call, call.channel(perm.READ_HISTORY)))


def _archived(call: Call, parent: Channel) -> Json:
    assert parent.guild is not None
    kinds = (ChannelKind.PUBLIC_THREAD, ChannelKind.ANNOUNCEMENT_THREAD)
    found = [
        t
        for t in parent.guild.threads()
        if t.parent is parent and t.kind in kinds and t.thread is not None and t.thread.archived
    ]
    found.sort(key=lambda t: (t.thread and t.thread.archived_at) or call.world.clock.now(), reverse=True)
    limit = int(call.query.get("limit", 50))
    return _listing(call, found[:limit]) | {"has_more": len(found) > limit}


def _thread(call: Call) -> Channel:
    thread = call.channel()
    if thread.thread is None:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    return thread


def _user(call: Call) -> User:
    if "user_id" not in call.params:
        return call.world.bot
    user = call.world.users.get(call.number("user_id"))
    if user is None:
        raise unknown("User")
    return user


@routes.add("GET", _MEMBERS)
def list_thread_members(call: Call) -> Answer:
    """List who takes part in a thread."""
    thread = _thread(call)
    assert thread.thread is not None
    return Answer(200, [_member(call, thread, user_id) for user_id in thread.thread.member_ids])


@routes.add("GET", _MEMBERS + "/{user_id}")
def get_thread_member(call: Call) -> Answer:
    """Return one participant of a thread."""
    thread = _thread(call)
    assert thread.thread is not None
    if call.number("user_id") not in thread.thread.member_ids:
        raise unknown("Member")
    return Answer(200, _member(call, thread, call.number("user_id")))


def _member(call: Call, thread: Channel, user_id: int) -> Json:
    payload = thread_member_json(thread, user_id)
    member = None if thread.guild is None else thread.guild.members.get(user_id)
    if call.query.get("with_member") in ("1", "true", "True") and member is not None:
        payload["member"] = member_json(member)
    return payload


@routes.add("PUT", _MEMBERS + "/@me")
@routes.add("PUT", _MEMBERS + "/{user_id}")
def add_thread_member(call: Call) -> Answer:
    """Bring a user into a thread; without a user id, the bot joins."""
    thread, user = _thread(call), _user(call)
    if thread.guild is None or user.id not in thread.guild.members:
        raise unknown("Member")
    call.world.threads.add_member(thread, user)
    return Answer(204)


@routes.add("DELETE", _MEMBERS + "/@me")
@routes.add("DELETE", _MEMBERS + "/{user_id}")
def remove_thread_member(call: Call) -> Answer:
    """Take a user out of a thread; without a user id, the bot leaves."""
    call.world.threads.remove_member(_thread(call), _user(call))
    return Answer(204)
