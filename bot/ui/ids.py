"""Custom ids: `v1:<action>:<argument>:...`, at most 100 characters, readable by anyone and trusted by nobody."""

import hashlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_type_hints
from uuid import UUID

from domain.kernel.errors import Conflict

VERSION = "v1"
ID_LIMIT = 100


class OutOfDate(Conflict):
    """The card is from an earlier version, or its id was made up."""

    def __init__(self, action: str = "", args: Sequence[str] = ()) -> None:
        super().__init__("card.out_of_date")
        self.action = action
        self.args_given = tuple(args)


@dataclass(frozen=True, slots=True)
class PressedId:
    """A custom id taken apart."""

    version: str
    action: str
    args: tuple[str, ...]


def make_id(action: str, *args: object) -> str:
    """The custom id of an action. Its arguments are looked up and authorised again when it is pressed."""
    parts = [VERSION, action, *(arg.hex if isinstance(arg, UUID) else str(arg) for arg in args)]
    custom_id = ":".join(parts)
    if len(custom_id) > ID_LIMIT or any(":" in part for part in parts):
        raise ValueError(f"not a custom id: {custom_id}")
    return custom_id


def hash_of_shown(*values: object) -> str:
    """Over exactly what somebody was shown, short enough for an id: a form sent later is bound to it."""
    return hashlib.sha256("|".join(map(repr, values)).encode()).hexdigest()[:12]


def read_id(custom_id: str) -> PressedId:
    """Take a custom id apart.

    Raises:
        OutOfDate: It is none of ours.
    """
    version, *rest = custom_id.split(":")
    if not version.startswith("v") or not rest or len(custom_id) > ID_LIMIT:
        raise OutOfDate
    return PressedId(version, rest[0], tuple(rest[1:]))


def bind(handler: Callable[..., Any], pressed: PressedId) -> list[object]:
    """The arguments as the handler's annotations want them (str, int, UUID, date), after the visit.

    Raises:
        OutOfDate: Their number or form does not fit.
    """
    hints = get_type_hints(handler)
    names = [p for p in inspect.signature(handler).parameters.values() if p.name != "self"][1:]
    required_count = sum(p.default is inspect.Parameter.empty for p in names)
    if not required_count <= len(pressed.args) <= len(names):
        raise OutOfDate(pressed.action, pressed.args)
    try:
        return [_convert(hints[p.name], arg) for p, arg in zip(names, pressed.args, strict=False)]
    except ValueError as exc:
        raise OutOfDate(pressed.action, pressed.args) from exc


def _convert(kind: object, text: str) -> object:
    if kind is int:
        if not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 18:
            raise ValueError(text)
        return int(text)
    if kind is UUID:
        return UUID(text)
    if kind is date:
        return date.fromisoformat(text)
    if kind is str:
        return text
    raise TypeError(f"a custom id cannot carry {kind}")
