"""Schemas of gateway events.

Discord publishes none for its gateway. These are the published HTTP objects plus what the gateway adds to
them or leaves out, written after the payload types of discord.py 2.7; they too forbid what they do not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.discord.referee_interactions import INTERACTION_CREATE, INTERACTION_SCHEMAS
from sandbox.discord.referee_notation import (
    BOOLEAN,
    INTEGER,
    MOMENT,
    NULL_MOMENT,
    SNOWFLAKE,
    STRING,
    array,
    extended,
    merged,
    ref,
    thing,
)
from sandbox.discord.referee_schemas import Schema
from sandbox.discord.referee_validators import ValidatorFactory

_EMOJI = ref("MessageReactionEmojiResponse")
_REACTION = {
    "user_id": SNOWFLAKE,
    "channel_id": SNOWFLAKE,
    "message_id": SNOWFLAKE,
    "guild_id": SNOWFLAKE,
    "emoji": _EMOJI,
    "burst": BOOLEAN,
    "type": INTEGER,
}
_VOTE = dict.fromkeys(("user_id", "channel_id", "message_id", "guild_id"), SNOWFLAKE)

_SCHEMAS: Mapping[str, Schema] = {
    "GatewayUser": extended("UserResponse", "id username discriminator avatar global_name"),
    "GatewayMention": extended("UserResponse", "id username discriminator avatar", member=ref("GatewayPartialMember")),
    "GatewayPartialMember": extended("BasicGuildMemberResponse", "roles joined_at", mute=BOOLEAN, deaf=BOOLEAN),
    "GatewayMember": extended(
        "GuildMemberResponse", "user roles joined_at", user=ref("GatewayUser"), guild_id=SNOWFLAKE
    ),
    "GatewayOwnUser": extended("UserPIIResponse", "id username discriminator avatar bot verified"),
    "GatewayChannel": extended("GuildChannelResponse", "id type name position"),
    "GatewayDirectChannel": extended("PrivateChannelResponse", "id type"),
    "GatewayThread": extended(
        "ThreadResponse", newly_created=BOOLEAN, members=array(ref("ThreadMemberResponse")), version=INTEGER
    ),
    "GatewayThreadMember": extended(
        "ThreadMemberResponse",
        member=ref("GatewayMember"),
        guild_id=SNOWFLAKE,
        presence={"type": ["object", "null"]},
    ),
    "GatewayMessage": extended(
        "MessageResponse",
        author=ref("GatewayUser"),
        mentions=array(ref("GatewayMention")),
        member=ref("GatewayPartialMember"),
        guild_id=SNOWFLAKE,
        channel_type=INTEGER,
    ),
    "GatewayGuild": extended(
        "GuildResponse",
        "id name owner_id roles emojis features joined_at large member_count members channels threads",
        joined_at=MOMENT,
        large=BOOLEAN,
        unavailable=BOOLEAN,
        member_count=INTEGER,
        voice_states=array({}),
        members=array(ref("GatewayMember")),
        channels=array(ref("GatewayChannel")),
        threads=array(ref("GatewayThread")),
        presences=array({}),
        stage_instances=array({}),
        guild_scheduled_events=array({}),
        soundboard_sounds=array({}),
    ),
    "GatewayChangedGuild": extended("GuildResponse", "id name owner_id roles emojis features"),
    "GatewayUnavailableGuild": thing("id", id=SNOWFLAKE, unavailable=BOOLEAN),
}

_EVENTS: Mapping[str, Schema] = {
    "READY": thing(
        "v user guilds session_id resume_gateway_url application",
        v={"const": 10},
        user=ref("GatewayOwnUser"),
        user_settings=thing(),
        guilds=array(ref("GatewayUnavailableGuild")),
        private_channels=array(ref("GatewayDirectChannel")),
        relationships=array({}),
        presences=array({}),
        guild_join_requests=array({}),
        geo_ordered_rtc_regions=array(STRING),
        session_type=STRING,
        session_id=STRING,
        resume_gateway_url={"type": "string", "format": "uri"},
        shard={"type": "array", "items": INTEGER, "minItems": 2, "maxItems": 2},
        application=thing("id flags", id=SNOWFLAKE, flags=INTEGER),
        _trace=array(STRING),
    ),
    "RESUMED": thing(_trace=array(STRING)),
    "GUILD_CREATE": ref("GatewayGuild"),
    "GUILD_UPDATE": ref("GatewayChangedGuild"),
    "GUILD_DELETE": ref("GatewayUnavailableGuild"),
    "CHANNEL_CREATE": {"oneOf": [ref("GatewayChannel"), ref("GatewayDirectChannel")]},
    "CHANNEL_UPDATE": ref("GatewayChannel"),
    "CHANNEL_DELETE": ref("GatewayChannel"),
    "CHANNEL_PINS_UPDATE": thing(
        "channel_id", guild_id=SNOWFLAKE, channel_id=SNOWFLAKE, last_pin_timestamp=NULL_MOMENT
    ),
    "THREAD_CREATE": ref("GatewayThread"),
    "THREAD_UPDATE": ref("GatewayThread"),
    "THREAD_DELETE": thing(
        "id guild_id parent_id type", id=SNOWFLAKE, guild_id=SNOWFLAKE, parent_id=SNOWFLAKE, type=INTEGER
    ),
    "THREAD_LIST_SYNC": thing(
        "guild_id threads members",
        guild_id=SNOWFLAKE,
        channel_ids=array(SNOWFLAKE),
        threads=array(ref("GatewayThread")),
        members=array(ref("GatewayThreadMember")),
    ),
    "THREAD_MEMBER_UPDATE": ref("GatewayThreadMember"),
    "THREAD_MEMBERS_UPDATE": thing(
        "id guild_id member_count",
        id=SNOWFLAKE,
        guild_id=SNOWFLAKE,
        member_count=INTEGER,
        added_members=array(ref("GatewayThreadMember")),
        removed_member_ids=array(SNOWFLAKE),
    ),
    "GUILD_MEMBER_ADD": ref("GatewayMember"),
    "GUILD_MEMBER_UPDATE": ref("GatewayMember"),
    "GUILD_MEMBER_REMOVE": thing("guild_id user", guild_id=SNOWFLAKE, user=ref("GatewayUser")),
    "GUILD_MEMBERS_CHUNK": thing(
        "guild_id members chunk_index chunk_count",
        guild_id=SNOWFLAKE,
        members=array(ref("GatewayMember")),
        chunk_index=INTEGER,
        chunk_count=INTEGER,
        not_found=array({}),
        presences=array({}),
        nonce=STRING,
    ),
    "GUILD_ROLE_CREATE": thing("guild_id role", guild_id=SNOWFLAKE, role=ref("GuildRoleResponse")),
    "GUILD_ROLE_UPDATE": thing("guild_id role", guild_id=SNOWFLAKE, role=ref("GuildRoleResponse")),
    "GUILD_ROLE_DELETE": thing("guild_id role_id", guild_id=SNOWFLAKE, role_id=SNOWFLAKE),
    "MESSAGE_CREATE": ref("GatewayMessage"),
    "MESSAGE_UPDATE": ref("GatewayMessage"),
    "MESSAGE_DELETE": thing("id channel_id", id=SNOWFLAKE, channel_id=SNOWFLAKE, guild_id=SNOWFLAKE),
    "MESSAGE_DELETE_BULK": thing("ids channel_id", ids=array(SNOWFLAKE), channel_id=SNOWFLAKE, guild_id=SNOWFLAKE),
    "MESSAGE_REACTION_ADD": thing(
        "user_id channel_id message_id emoji burst type",
        **_REACTION,
        member=ref("GatewayMember"),
        message_author_id=SNOWFLAKE,
        burst_colors=array(STRING),
    ),
    "MESSAGE_REACTION_REMOVE": thing("user_id channel_id message_id emoji burst type", **_REACTION),
    "MESSAGE_REACTION_REMOVE_ALL": thing(
        "channel_id message_id", channel_id=SNOWFLAKE, message_id=SNOWFLAKE, guild_id=SNOWFLAKE
    ),
    "MESSAGE_REACTION_REMOVE_EMOJI": thing(
        "channel_id message_id emoji",
        channel_id=SNOWFLAKE,
        message_id=SNOWFLAKE,
        guild_id=SNOWFLAKE,
        emoji=_EMOJI,
    ),
    "MESSAGE_POLL_VOTE_ADD": thing("user_id channel_id message_id answer_id", **_VOTE, answer_id=INTEGER),
    "MESSAGE_POLL_VOTE_REMOVE": thing("user_id channel_id message_id answer_id", **_VOTE, answer_id=INTEGER),
    "TYPING_START": thing(
        "channel_id user_id timestamp",
        channel_id=SNOWFLAKE,
        guild_id=SNOWFLAKE,
        user_id=SNOWFLAKE,
        timestamp=INTEGER,
        member=ref("GatewayMember"),
    ),
    "USER_UPDATE": ref("GatewayOwnUser"),
    "WEBHOOKS_UPDATE": thing("guild_id channel_id", guild_id=SNOWFLAKE, channel_id=SNOWFLAKE),
    "INTERACTION_CREATE": INTERACTION_CREATE,
}


class EventSchemas:
    """Validators of gateway events by name, compiled at first use."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._factory = ValidatorFactory(merged({**_SCHEMAS, **INTERACTION_SCHEMAS}, named))
        self._validators: dict[str, Any] = {}

    def validator(self, name: str) -> Any:
        """Return the validator of the event `name`; None when there is no such event."""
        if name not in self._validators:
            schema = _EVENTS.get(name)
            self._validators[name] = None if schema is None else self._factory.validator(schema)
        return self._validators[name]
