"""JSON Schema validators for closed schemas, with errors that point at the field that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sandbox.discord.referee_schemas import URI, Case, Schema, SchemaCloser

_INT32 = 2**31
_INT64 = 2**63
_SNOWFLAKE = re.compile(r"0|[1-9][0-9]{0,19}")
_JSON_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}

formats = FormatChecker(formats=())


@formats.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -_INT32 <= value < _INT32


@formats.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int) or -_INT64 <= value < _INT64


@formats.checks("snowflake")
def _is_snowflake(value: object) -> bool:
    return not isinstance(value, str) or (_SNOWFLAKE.fullmatch(value) is not None and int(value) < 2**64)


@formats.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@formats.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _choice(validator: Any, cases: list[Case], instance: Any, schema: Schema) -> Iterator[ValidationError]:
    kind = "null" if instance is None else _JSON_TYPES.get(type(instance), "object")
    tag = instance.get("type") if kind == "object" else None
    admitted = [case for case in cases if case.admits(kind, tag) or (kind == "integer" and case.admits("number", tag))]
    if not admitted:
        known = sorted({str(tag) for case in cases for tag in case.tags or ()})
        wrong = f"type {tag!r} is none of {', '.join(known)}" if kind == "object" else f"{kind} is not allowed here"
        yield ValidationError(wrong)
        return
    best: list[ValidationError] | None = None
    for case in admitted:
        errors = list(validator.descend(instance, case.schema))
        if not errors:
            return
        if best is None or _distance(errors) < _distance(best):
            best = errors
    yield from best or ()


def _distance(errors: list[ValidationError]) -> tuple[int, int]:
    """Rank a branch that failed: what is wrong at the top says more about the choice than what is wrong inside."""
    return sum(len(error.relative_path) <= 1 for error in errors), len(errors)


def _additional(validator: Any, allowed: Any, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    for name in instance:
        if name in known:
            continue
        if allowed is False:
            yield ValidationError(f"{name!r} is not in the description", path=[name])
        else:
            yield from validator.descend(instance[name], allowed, path=name)


def _required(validator: Any, required: list[str], instance: Any, schema: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        missing = (name for name in required if name not in instance)
        yield from (ValidationError(f"{name!r} is required", path=[name]) for name in missing)


_KEYWORDS = {"choice": _choice, "additionalProperties": _additional, "required": _required}
ClosedValidator: Any = extend(Draft202012Validator, _KEYWORDS)  # type: ignore[no-untyped-call]  # jsonschema ships no types


class ValidatorFactory:
    """Compiles validators against one set of named schemas."""

    def __init__(self, named: Mapping[str, Schema]) -> None:
        self._closer = SchemaCloser(named)
        resources = (
            (URI + name, DRAFT202012.create_resource(self._closer.close(schema))) for name, schema in named.items()
        )
        self._registry: Registry[Any] = Registry().with_resources(resources)

    def validator(self, schema: Schema) -> Any:
        """Return a validator of the closed form of `schema`."""
        return ClosedValidator(self._closer.close(schema), registry=self._registry, format_checker=formats)

    def resolve(self, schema: Schema) -> Schema:
        """Follow references to named schemas until there is none."""
        return self._closer.resolve(schema)
