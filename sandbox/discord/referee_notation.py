"""A short notation for the schemas that Discord does not publish."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.discord.referee_schemas import PREFIX, Schema

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
NULL_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
_EXTENDS = "x-extends"


def ref(name: str) -> Schema:
    """Name another schema."""
    return {"$ref": PREFIX + name}


SNOWFLAKE: Schema = ref("SnowflakeType")


def array(items: Schema) -> Schema:
    """A list of `items`."""
    return {"type": "array", "items": items}


def table(values: Schema) -> Schema:
    """An object with `values` under keys of any name, as resolved objects are by their id."""
    return {"type": "object", "additionalProperties": values}


def thing(required: str = "", **properties: Schema) -> Schema:
    """An object with these properties and no others; `required` names some of them, with blanks between."""
    return {"type": "object", "properties": properties, "required": required.split()}


def extended(base: str, required: str | None = None, **properties: Schema) -> Schema:
    """The published object `base` with further or changed properties.

    `required` replaces what the base requires, because the gateway leaves out much that HTTP always sends.
    """
    more: Schema = {_EXTENDS: base, "properties": properties}
    return more if required is None else {**more, "required": required.split()}


def merged(own: Mapping[str, Schema], published: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the published schemas and our own, with every extension worked out."""
    return {**published, **{name: _worked_out(schema, published) for name, schema in own.items()}}


def _worked_out(schema: Schema, published: Mapping[str, Schema]) -> Schema:
    if _EXTENDS not in schema:
        return schema
    base = published[schema[_EXTENDS]]
    required = schema.get("required", base.get("required", []))
    return {**base, "properties": {**base["properties"], **schema["properties"]}, "required": required}
