"""The INTERACTION_CREATE that a person's act becomes."""

from __future__ import annotations

from sandbox.discord import payloads
from sandbox.discord import permissions as perm
from sandbox.discord.drafts import FILE_LIMIT_BYTES
from sandbox.discord.interactions import Interaction
from sandbox.discord.message_payloads import message_json
from sandbox.discord.messages import EPHEMERAL, Json, Message
from sandbox.discord.state import Channel, User
from sandbox.discord.world import World


def interaction_json(world: World, interaction: Interaction, data: Json) -> Json:
    """Write an interaction as the gateway hands it to the bot."""
    channel, user = interaction.channel, interaction.user
    payload: Json = {
        "id": str(interaction.id),
        "application_id": str(world.application_id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": data,
        "channel_id": str(channel.id),
        "channel": partial_channel_json(channel, user),
        "locale": user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "attachment_size_limit": FILE_LIMIT_BYTES,
        "app_permissions": str(channel.permissions_of(world.bot)),
        "context": 0 if channel.guild is not None else 1,
        "authorizing_integration_owners": {"0": "0" if channel.guild is None else str(channel.guild.id)},
    }
    if channel.guild is None:
        payload["user"] = payloads.user_json(user)
    else:
        payload |= _guild_part(channel, user)
    if interaction.message is not None:
        payload["message"] = _message_part(interaction.message, world.bot.id)
    return payload


def _guild_part(channel: Channel, user: User) -> Json:
    guild = channel.guild
    assert guild is not None
    member = payloads.member_json(guild.members[user.id])
    return {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
        "guild_locale": guild.locale,
        "member": member | {"permissions": str(channel.permissions_of(user))},
    }


def partial_channel_json(channel: Channel, user: User) -> Json:
    """Write a channel as interactions and resolved data do: without overwrites, with permissions."""
    payload = payloads.channel_json(channel)
    payload.pop("permission_overwrites", None)
    if channel.guild is not None:
        payload["permissions"] = str(channel.permissions_of(user) or perm.VIEW_CHANNEL)
    return payload


def _message_part(message: Message, viewer_id: int) -> Json:
    payload = message_json(message, viewer_id, quoting=False)
    if message.ephemeral:
        payload["flags"] = message.flags | EPHEMERAL
    return payload
