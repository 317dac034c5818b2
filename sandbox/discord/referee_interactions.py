"""The schema of INTERACTION_CREATE: commands, components, autocomplete and submitted modals."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.discord.referee_notation import (
    BOOLEAN,
    INTEGER,
    SNOWFLAKE,
    STRING,
    array,
    extended,
    ref,
    table,
    thing,
)
from sandbox.discord.referee_schemas import Schema

_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_LOCALE: Schema = {"type": "string", "pattern": "^[a-z]{2}(-[A-Z]{2}|-419)?$"}
_SELECTS = (3, 5, 6, 7, 8)


def _one(*values: int) -> Schema:
    return {"type": "integer", "enum": list(values)}


def _interaction(kind: int, data: Schema, **more: Schema) -> Schema:
    return thing(
        "id application_id type data token version channel_id channel app_permissions locale entitlements"
        " authorizing_integration_owners context attachment_size_limit",
        id=SNOWFLAKE,
        application_id=SNOWFLAKE,
        type=_one(kind),
        data=data,
        token=STRING,
        version={"const": 1},
        guild_id=SNOWFLAKE,
        guild=thing("id locale features", id=SNOWFLAKE, locale=_LOCALE, features=array(STRING)),
        guild_locale=_LOCALE,
        channel_id=SNOWFLAKE,
        channel=ref("InteractionChannel"),
        member=ref("InteractionMember"),
        user=ref("GatewayUser"),
        app_permissions=STRING,
        locale=_LOCALE,
        entitlements=array({}),
        entitlement_sku_ids=array(SNOWFLAKE),
        authorizing_integration_owners=table(SNOWFLAKE),
        context=_one(0, 1, 2),
        attachment_size_limit=INTEGER,
        **more,
    )


def _field(kinds: tuple[int, ...], **value: Schema) -> Schema:
    required = " ".join(["type", "custom_id", *value])
    return thing(required, type=_one(*kinds), id=INTEGER, custom_id=STRING, **value)


_COMMAND = thing(
    "id name type",
    id=SNOWFLAKE,
    name=STRING,
    type=_one(1, 2, 3),
    resolved=ref("InteractionResolved"),
    options=array(ref("InteractionOption")),
    guild_id=SNOWFLAKE,
    target_id=SNOWFLAKE,
)
_COMPONENT = thing(
    "custom_id component_type",
    custom_id=STRING,
    component_type=_one(2, *_SELECTS),
    id=INTEGER,
    values=array(STRING),
    resolved=ref("InteractionResolved"),
)
_MODAL = thing(
    "custom_id components",
    custom_id=STRING,
    components=array(ref("InteractionModalPart")),
    resolved=ref("InteractionResolved"),
)

INTERACTION_SCHEMAS: Mapping[str, Schema] = {
    "InteractionMember": extended(
        "GuildMemberResponse", "user roles joined_at permissions", user=ref("GatewayUser"), permissions=STRING
    ),
    "InteractionGuildChannel": extended("GuildChannelResponse", "id type"),
    "InteractionThread": extended("ThreadResponse", "id type"),
    "InteractionDirectChannel": extended("PrivateChannelResponse", "id type", recipients=array(ref("GatewayUser"))),
    "InteractionChannel": {
        "oneOf": [ref("InteractionGuildChannel"), ref("InteractionThread"), ref("InteractionDirectChannel")]
    },
    "InteractionResolvedMember": extended("BasicGuildMemberResponse", "roles joined_at", permissions=STRING),
    "InteractionResolved": thing(
        users=table(ref("GatewayUser")),
        members=table(ref("InteractionResolvedMember")),
        roles=table(ref("GuildRoleResponse")),
        channels=table(ref("InteractionChannel")),
        messages=table(ref("MessageResponse")),
        attachments=table(ref("MessageAttachmentResponse")),
    ),
    "InteractionOption": {
        "oneOf": [
            thing("name type options", name=STRING, type=_one(1, 2), options=array(ref("InteractionOption"))),
            thing(
                "name type",
                name=STRING,
                type=_one(3, 4, 5, 6, 7, 8, 9, 10, 11),
                value=_SCALAR,
                focused=BOOLEAN,
            ),
        ]
    },
    "InteractionField": {
        "oneOf": [
            _field((4, 21), value={"type": ["string", "null"]}),
            _field((*_SELECTS, 19, 22), values=array(STRING)),
            _field((23,), value=BOOLEAN),
        ]
    },
    "InteractionModalPart": {
        "oneOf": [
            thing("type components", type=_one(1), id=INTEGER, components=array(ref("InteractionField"))),
            thing("type id", type=_one(10), id=INTEGER),
            thing("type component", type=_one(18), id=INTEGER, component=ref("InteractionField")),
        ]
    },
}

INTERACTION_CREATE: Schema = {
    "oneOf": [
        _interaction(2, _COMMAND),
        _interaction(3, _COMPONENT, message=ref("MessageResponse")),
        _interaction(4, _COMMAND),
        _interaction(5, _MODAL, message=ref("MessageResponse")),
    ]
}
