"""Channels: read, change, delete, and who may do what in them."""

from __future__ import annotations

from sandbox.discord import permissions as perm
from sandbox.discord.errors import ApiError, FormErrors, invalid_form, missing_permissions
from sandbox.discord.messages import Json
from sandbox.discord.payloads import channel_json
from sandbox.discord.rest.routing import Answer, Call, Routes
from sandbox.discord.state import Channel, ChannelKind, ForumTag, Overwrite

routes = Routes()
_ONE = "/channels/{channel_id}"
_GUILD = "/guilds/{guild_id}/channels"
_CREATABLE = (0, 2, 4, 5, 13, 15, 16)
_FORUMS = (ChannelKind.FORUM, ChannelKind.MEDIA)
_MAX_TAGS = 20


@routes.add("GET", _ONE)
def get_channel(call: Call) -> Answer:
    """Return a channel, a thread or a direct conversation."""
    return Answer(200, channel_json(call.channel()))


@routes.add("PATCH", _ONE)
def change_channel(call: Call) -> Answer:
    """Change a channel; for a thread: name, archived, locked, tags."""
    channel = call.channel()
    if channel.guild is None:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    if channel.thread is not None:
        _may_change_thread(call, channel)
        call.world.threads.change(channel, call.form)
        return Answer(200, channel_json(channel))
    if not channel.permissions_of(call.world.bot) & perm.MANAGE_CHANNELS:
        raise missing_permissions()
    shape(call, channel, call.form)
    call.world.announcer.channel_changed("CHANNEL_UPDATE", channel, "changed")
    return Answer(200, channel_json(channel))


def _may_change_thread(call: Call, thread: Channel) -> None:
    assert thread.thread is not None
    bits = thread.permissions_of(call.world.bot)
    own = thread.thread.owner_id == call.world.bot.id
    reopens = call.form.get("archived") is False and bits & perm.SEND_IN_THREADS
    if thread.thread.locked and not bits & perm.MANAGE_THREADS:
        raise missing_permissions()
    if not bits & perm.MANAGE_THREADS and not own and not (reopens and set(call.form) == {"archived"}):
        raise missing_permissions()
    if thread.thread.archived and call.form.get("archived") is not False and set(call.form) - {"locked"}:
        raise ApiError(400, 50083, "Thread is archived")


@routes.add("DELETE", _ONE)
def delete_channel(call: Call) -> Answer:
    """Delete a channel with its threads, or close a direct conversation."""
    channel = call.channel()
    payload = channel_json(channel)
    if channel.guild is None:
        return Answer(200, payload)
    need = perm.MANAGE_CHANNELS if channel.thread is None else perm.MANAGE_THREADS
    if not channel.permissions_of(call.world.bot) & need:
        raise missing_permissions()
    channel.guild.remove_channel(channel)
    return Answer(200, payload)


@routes.add("GET", _GUILD)
def list_channels(call: Call) -> Answer:
    """List the channels of a guild, without threads."""
    channels = call.guild().channels.values()
    return Answer(200, [channel_json(channel) for channel in channels if channel.thread is None])


@routes.add("POST", _GUILD)
def create_channel(call: Call) -> Answer:
    """Create a channel."""
    guild = call.guild(perm.MANAGE_CHANNELS)
    kind = call.form.get("type") or 0
    if kind not in _CREATABLE:
        raise invalid_form("type", "BASE_TYPE_CHOICES", f"Value must be one of {_CREATABLE}.")
    if kind in _FORUMS and not guild.has_forums:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    if len(guild.channels) >= 500:
        raise ApiError(400, 30013, "Maximum number of guild channels reached (500)")
    channel = Channel(call.world.ids.next(), ChannelKind(kind), "", guild, position=len(guild.channels))
    shape(call, channel, {"name": ""} | call.form)
    guild.place(channel)
    return Answer(201, channel_json(channel))


def shape(call: Call, channel: Channel, form: Json) -> None:
    """Give a channel what a form says about it, after checking it."""
    _check(form)
    if "name" in form:
        name = str(form["name"])
        channel.name = name.replace(" ", "-").lower() if channel.kind == ChannelKind.TEXT else name
    channel.topic = form.get("topic", channel.topic)
    channel.position = form.get("position") or channel.position
    channel.nsfw = bool(form.get("nsfw", channel.nsfw))
    channel.slowmode_s = form.get("rate_limit_per_user") or (0 if "rate_limit_per_user" in form else channel.slowmode_s)
    channel.auto_archive_minutes = form.get("default_auto_archive_duration", channel.auto_archive_minutes)
    if "parent_id" in form:
        parent_id = form["parent_id"]
        channel.parent = None if parent_id is None else call.world.channels.get(int(parent_id))
    if form.get("permission_overwrites") is not None:
        rules = [_overwrite(raw) for raw in form["permission_overwrites"]]
        channel.overwrites = {rule.id: rule for rule in rules}
    if form.get("available_tags") is not None:
        channel.tags = [_tag(call, raw) for raw in form["available_tags"]]


def _check(form: Json) -> None:
    errors = FormErrors()
    if "name" in form and not 1 <= len(form["name"] or "") <= 100:
        errors.bad_length("name", 1, 100)
    if len(form.get("topic") or "") > 4096:
        errors.too_long("topic", 4096)
    if not 0 <= (form.get("rate_limit_per_user") or 0) <= 21600:
        errors.add("rate_limit_per_user", "NUMBER_TYPE_RANGE", "Must be between 0 and 21600.")
    if len(form.get("available_tags") or ()) > _MAX_TAGS:
        errors.bad_length("available_tags", 0, _MAX_TAGS)
    errors.raise_if_any()


def _overwrite(raw: Json) -> Overwrite:
    allow, deny = int(raw.get("allow") or 0), int(raw.get("deny") or 0)
    return Overwrite(int(raw["id"]), int(raw.get("type") or 0), allow, deny)


def _tag(call: Call, raw: Json) -> ForumTag:
    number = int(raw.get("id") or 0) or call.world.ids.next()
    return ForumTag(number, str(raw["name"]), bool(raw.get("moderated")), raw.get("emoji_name"))


@routes.add("PUT", _ONE + "/permissions/{overwrite_id}")
def set_overwrite(call: Call) -> Answer:
    """Grant and deny permissions to one role or member in a channel."""
    channel = call.channel(perm.MANAGE_ROLES)
    rule = _overwrite(call.form | {"id": call.number("overwrite_id")})
    channel.overwrites[rule.id] = rule
    call.world.announcer.channel_changed("CHANNEL_UPDATE", channel, "changed")
    return Answer(204)


@routes.add("DELETE", _ONE + "/permissions/{overwrite_id}")
def delete_overwrite(call: Call) -> Answer:
    """Forget what a channel said about one role or member."""
    channel = call.channel(perm.MANAGE_ROLES)
    channel.overwrites.pop(call.number("overwrite_id"), None)
    call.world.announcer.channel_changed("CHANNEL_UPDATE", channel, "changed")
    return Answer(204)
