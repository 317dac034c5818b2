"""The JSON that Discord writes for users, members, roles, channels and guilds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sandbox.discord.guild import Guild
from sandbox.discord.state import (
    POSTABLE,
    Channel,
    ChannelKind,
    ForumTag,
    Member,
    Role,
    ThreadInfo,
    User,
)

Json = dict[str, Any]


def stamp(instant: datetime) -> str:
    """Write an instant as Discord does."""
    return instant.isoformat(timespec="microseconds")


def user_json(user: User) -> Json:
    """Write a user as others see it."""
    payload: Json = {
        "id": str(user.id),
        "username": user.username,
        "global_name": None if user.bot else user.display_name,
        "avatar": None,
        "discriminator": "0",
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }
    if user.bot:
        payload["bot"] = True
    return payload


def own_user_json(user: User) -> Json:
    """Write the bot as it sees itself."""
    return user_json(user) | {"mfa_enabled": True, "locale": user.locale, "verified": True, "email": None}


def member_json(member: Member, *, with_user: bool = True) -> Json:
    """Write a member of a guild; without the user inside a message or resolved data."""
    payload: Json = {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": stamp(member.joined_at),
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": [str(role_id) for role_id in member.role_ids],
        "mute": False,
        "deaf": False,
    }
    if with_user:
        payload["user"] = user_json(member.user)
    return payload


def role_json(role: Role) -> Json:
    """Write a role."""
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.hoist,
        "managed": role.managed,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def tag_json(tag: ForumTag) -> Json:
    """Write a forum tag."""
    return {
        "id": str(tag.id),
        "name": tag.name,
        "moderated": tag.moderated,
        "emoji_id": None,
        "emoji_name": tag.emoji_name,
    }


def channel_json(channel: Channel) -> Json:
    """Write a channel, a thread or a direct conversation."""
    payload: Json = {"id": str(channel.id), "type": int(channel.kind), "flags": channel.flags}
    if channel.kind in (*POSTABLE, ChannelKind.FORUM, ChannelKind.MEDIA):
        payload["last_message_id"] = _id(channel.last_message_id)
    if channel.guild is None:
        payload["recipients"] = [user_json(user) for user in channel.recipients if not user.bot]
        return payload
    payload |= {
        "guild_id": str(channel.guild.id),
        "name": channel.name,
        "parent_id": None if channel.parent is None else str(channel.parent.id),
        "rate_limit_per_user": channel.slowmode_s,
    }
    if channel.thread is not None:
        return payload | _thread_json(channel, channel.thread)
    payload |= {
        "topic": channel.topic,
        "position": channel.position,
        "nsfw": channel.nsfw,
        "permission_overwrites": _overwrites(channel),
    }
    if channel.auto_archive_minutes is not None:
        payload["default_auto_archive_duration"] = channel.auto_archive_minutes
    if channel.kind in (ChannelKind.FORUM, ChannelKind.MEDIA):
        payload |= {
            "available_tags": [tag_json(tag) for tag in channel.tags],
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
        }
    return payload


def _overwrites(channel: Channel) -> list[Json]:
    return [
        {"id": str(rule.id), "type": rule.kind, "allow": str(rule.allow), "deny": str(rule.deny)}
        for rule in channel.overwrites.values()
    ]


def _thread_json(channel: Channel, thread: ThreadInfo) -> Json:
    metadata: Json = {
        "archived": thread.archived,
        "archive_timestamp": stamp(thread.archived_at or thread.created_at),
        "auto_archive_duration": thread.auto_archive_minutes,
        "locked": thread.locked,
        "create_timestamp": stamp(thread.created_at),
    }
    if channel.kind == ChannelKind.PRIVATE_THREAD:
        metadata["invitable"] = thread.invitable
    payload: Json = {
        "owner_id": str(thread.owner_id),
        "thread_metadata": metadata,
        "message_count": min(thread.message_count, 50) if channel.parent is None else thread.message_count,
        "member_count": min(len(thread.member_ids), 50),
        "total_message_sent": thread.total_message_sent,
    }
    if channel.parent is not None and channel.parent.kind in (ChannelKind.FORUM, ChannelKind.MEDIA):
        payload["applied_tags"] = [str(tag_id) for tag_id in thread.tag_ids]
    return payload


def thread_member_json(channel: Channel, user_id: int) -> Json:
    """Write one participant of a thread."""
    assert channel.thread is not None
    return {
        "id": str(channel.id),
        "user_id": str(user_id),
        "join_timestamp": stamp(channel.thread.member_ids[user_id]),
        "flags": 0,
    }


def guild_json(guild: Guild) -> Json:
    """Write a guild as the REST API does."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": str(guild.owner.id),
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role_json(role) for role in guild.roles.values()],
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": guild.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def guild_create_json(guild: Guild, viewer: User, *, all_members: bool) -> Json:
    """Write a guild as GUILD_CREATE does; without the members intent only the viewer is listed."""
    members: Iterable[Member] = guild.members.values() if all_members else [guild.members[viewer.id]]
    threads = [t for t in guild.threads() if t.thread is not None and not t.thread.archived]
    return guild_json(guild) | {
        "joined_at": stamp(guild.members[viewer.id].joined_at),
        "large": len(guild.members) > 250,
        "unavailable": False,
        "member_count": len(guild.members),
        "voice_states": [],
        "members": [member_json(member) for member in members],
        "channels": [channel_json(c) for c in guild.channels.values() if c.thread is None],
        "threads": [channel_json(t) for t in threads],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)
