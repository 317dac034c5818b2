"""The JSON that Discord writes for messages."""

from __future__ import annotations

from typing import Any

from sandbox.discord.messages import Attachment, Message
from sandbox.discord.payloads import channel_json, member_json, stamp, user_json

Json = dict[str, Any]


def attachment_json(file: Attachment) -> Json:
    """Write an attachment."""
    payload: Json = {
        "id": str(file.id),
        "filename": file.filename,
        "size": len(file.bytes),
        "url": file.url,
        "proxy_url": file.url,
        "content_type": file.content_type,
    }
    if file.description is not None:
        payload["description"] = file.description
    if file.ephemeral:
        payload["ephemeral"] = True
    if file.content_type.startswith("image/"):
        payload |= {"width": 640, "height": 480}
    return payload


def message_json(message: Message, viewer_id: int, *, quoting: bool = True) -> Json:
    """Write a message as the REST API does; `quoting` includes the message it replies to."""
    payload: Json = {
        "type": message.kind,
        "content": message.content,
        "mentions": [user_json(user) for user in _mentioned(message)],
        "mention_roles": [str(role_id) for role_id in message.mention_role_ids],
        "attachments": [attachment_json(file) for file in message.attachments],
        "embeds": message.embeds,
        "timestamp": stamp(message.sent_at),
        "edited_timestamp": None if message.edited_at is None else stamp(message.edited_at),
        "flags": message.flags,
        "components": message.components,
        "id": str(message.id),
        "channel_id": str(message.channel.id),
        "author": user_json(message.author),
        "pinned": message.id in message.channel.pins,
        "mention_everyone": message.mention_everyone,
        "tts": message.tts,
    }
    if message.reactions and quoting:  # a quoted message comes without them
        payload["reactions"] = [_reaction_json(r.emoji, r.user_ids, viewer_id) for r in message.reactions]
    payload |= _extras(message)
    if message.reference_id is not None:
        payload["message_reference"] = _reference_json(message)
        if quoting and message.kind == 19:
            quoted = message.reference
            gone = quoted is None or quoted.deleted
            payload["referenced_message"] = (
                None if gone or quoted is None else message_json(quoted, viewer_id, quoting=False)
            )
    return payload


def message_event_json(message: Message, viewer_id: int) -> Json:
    """Write a message as the gateway does: with its guild and the author's membership."""
    payload = message_json(message, viewer_id)
    guild = message.channel.guild
    payload["channel_type"] = int(message.channel.kind)
    if guild is None:
        return payload
    payload["guild_id"] = str(guild.id)
    member = guild.members.get(message.author.id)
    if member is not None and message.webhook_id is None:
        payload["member"] = member_json(member, with_user=False)
    for user in payload["mentions"]:
        mentioned = guild.members.get(int(user["id"]))
        if mentioned is not None:
            user["member"] = member_json(mentioned, with_user=False)
    return payload


def _extras(message: Message) -> Json:
    payload: Json = {}
    if message.nonce is not None:
        payload["nonce"] = message.nonce
    if message.webhook_id is not None:
        payload["webhook_id"] = str(message.webhook_id)
    if message.interaction is not None:
        payload["interaction_metadata"] = message.interaction
    if message.interaction is not None and message.webhook_id is not None:
        payload["application_id"] = str(message.webhook_id)
    if message.thread is not None:
        payload["thread"] = channel_json(message.thread)
    if message.poll is not None:
        payload["poll"] = message.poll
    return payload


def _mentioned(message: Message) -> list[Any]:
    guild = message.channel.guild
    if guild is None:
        return [user for user in message.channel.recipients if user.id in message.mention_ids]
    return [guild.members[user_id].user for user_id in message.mention_ids if user_id in guild.members]


def _reference_json(message: Message) -> Json:
    home = message.channel if message.reference is None else message.reference.channel
    payload: Json = {"type": 0, "channel_id": str(home.id), "message_id": str(message.reference_id)}
    if home.guild is not None:
        payload["guild_id"] = str(home.guild.id)
    return payload


def _reaction_json(emoji: str, user_ids: list[int], viewer_id: int) -> Json:
    return {
        "emoji": emoji_json(emoji),
        "count": len(user_ids),
        "count_details": {"burst": 0, "normal": len(user_ids)},
        "burst_colors": [],
        "me_burst": False,
        "me": viewer_id in user_ids,
    }


def emoji_json(emoji: str) -> Json:
    """Write an emoji: a sign, or `name:id` for a custom one."""
    name, _, emoji_id = emoji.partition(":")
    return {"id": emoji_id, "name": name} if emoji_id else {"id": None, "name": emoji}
