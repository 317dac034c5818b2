"""Permission bits, and how roles and channel overwrites combine into what a member may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import Channel

ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MANAGE_GUILD = 1 << 5
ADD_REACTIONS = 1 << 6
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_HISTORY = 1 << 16
USE_EXTERNAL_EMOJIS = 1 << 18
MANAGE_ROLES = 1 << 28
MANAGE_WEBHOOKS = 1 << 29
USE_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
CREATE_PRIVATE_THREADS = 1 << 36
SEND_IN_THREADS = 1 << 38
PIN_MESSAGES = 1 << 51

ALL = (1 << 53) - 1
EVERYONE = (
    ADD_REACTIONS
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_HISTORY
    | USE_EXTERNAL_EMOJIS
    | USE_COMMANDS
    | CREATE_PUBLIC_THREADS
    | SEND_IN_THREADS
)
BOT = ALL & ~ADMINISTRATOR


def base_permissions(guild: Guild, user_id: int) -> int:
    """Return what a member may do in the guild before any channel has its say; 0 for a stranger."""
    member = guild.members.get(user_id)
    if member is None:
        return 0
    if guild.owner.id == user_id:
        return ALL
    bits = guild.roles[guild.id].permissions
    for role_id in member.role_ids:
        bits |= guild.roles[role_id].permissions
    return ALL if bits & ADMINISTRATOR else bits


def channel_permissions(channel: Channel, user_id: int) -> int:
    """Return what a user may do in a channel; a thread follows its parent, a direct channel its recipients."""
    if channel.guild is None:
        return EVERYONE if any(user.id == user_id for user in channel.recipients) else 0
    base = base_permissions(channel.guild, user_id)
    if base == ALL or base == 0:
        return base
    return _overwritten(channel, user_id, base)


def _overwritten(channel: Channel, user_id: int, bits: int) -> int:
    home = channel.parent if channel.thread is not None and channel.parent is not None else channel
    guild = channel.guild
    assert guild is not None
    rules = home.overwrites
    if everyone := rules.get(guild.id):
        bits = bits & ~everyone.deny | everyone.allow
    allow = deny = 0
    for role_id in guild.members[user_id].role_ids:
        if rule := rules.get(role_id):
            allow |= rule.allow
            deny |= rule.deny
    bits = bits & ~deny | allow
    if own := rules.get(user_id):
        bits = bits & ~own.deny | own.allow
    if _outside_private_thread(channel, user_id, bits):
        return 0
    return bits if bits & VIEW_CHANNEL else 0


def _outside_private_thread(channel: Channel, user_id: int, bits: int) -> bool:
    from sandbox.discord.state import ChannelKind

    if channel.kind != ChannelKind.PRIVATE_THREAD or channel.thread is None:
        return False
    return user_id not in channel.thread.member_ids and not bits & MANAGE_THREADS
