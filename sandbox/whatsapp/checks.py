"""Small checks on the JSON of a call, each with the error that Graph answers."""

from __future__ import annotations

from typing import Any

from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.state import Json


def known_keys(where: str, value: Json, allowed: frozenset[str]) -> None:
    """Refuse fields that Graph does not know, with 100."""
    if not value.keys() <= allowed:
        unknown = sorted(value.keys() - allowed)[0]
        raise GraphError(100, f'Unexpected key "{unknown}" on param "{where}"')


def an_object(where: str, value: object) -> Json:
    """Return `value` as an object; absent is 131008, anything else 100."""
    if value is None:
        raise GraphError(131008, f"The parameter {where} is required.")
    if not isinstance(value, dict):
        raise GraphError(100, f"Param {where} must be a JSON object")
    return value


def a_list(where: str, value: object) -> list[Any]:
    """Return `value` as a list that is not empty."""
    if value is None or value == []:
        raise GraphError(131008, f"The parameter {where} is required.")
    if not isinstance(value, list):
        raise GraphError(100, f"Param {where} must be an array")
    return value


def a_text(where: str, value: object, most: int, *, code: int = 131009, is_optional: bool = False) -> str:
    """Return `value` as a text of 1 to `most` characters; absent or empty is 131008, too long is `code`."""
    if value is None or value == "":
        if is_optional:
            return ""
        raise GraphError(131008, f"The parameter {where} is required.")
    if not isinstance(value, str):
        raise GraphError(100, f"Param {where} must be a string")
    if len(value) > most:
        raise GraphError(code, f"Param {where} length invalid. Min length: 1, Max length: {most}")
    return value


def distinct(where: str, values: list[str]) -> None:
    """Refuse values that occur twice, with 131009."""
    if len(set(values)) != len(values):
        raise GraphError(131009, f"Duplicated {where}")
