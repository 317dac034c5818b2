"""Reads JSON of which nothing is certain: every getter gives the type it names, whatever stands there."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]
TEXT_LIMIT = 10_000  # WhatsApp shows 4,096; what is longer is cut, not refused
_WORD_LIMIT = 1000
_LIST_LIMIT = 50
_DEPTH_LIMIT = 6
_WA_ID = re.compile(r"\+?[0-9]{5,20}")
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}")  # with the parent form XX.ENT.…
_EARLIEST_S, _LATEST_S = 1_230_768_000, 4_102_444_800  # 2009, when WhatsApp began, to 2100


def obj(value: Any) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any, limit: int = _WORD_LIMIT) -> str:
    """The string or number as a cleaned string of at most `limit` characters; anything else is empty."""
    if isinstance(value, str):
        return clean(value[:limit])
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)[:limit] if abs(value) < 10**40 else ""
    return repr(value) if isinstance(value, float) and math.isfinite(value) else ""


def clean(value: str) -> str:
    """Without NUL, which PostgreSQL refuses, and with `?` for a lone surrogate, which UTF-8 refuses."""
    if value.isascii():
        return value.replace("\x00", "")
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def number(value: Any) -> float | None:
    """A finite number, also from a string."""
    try:
        found = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def count(value: Any) -> int:
    """A whole number that fits into 31 bits, also from a string; 0 when it is none."""
    found = number(value)
    return int(found) if found is not None and 0 <= found < 2**31 else 0


def moment(value: Any, fallback: Any = None) -> datetime:
    """Unix seconds as an aware instant; the fallback's where they make no sense."""
    for given in (value, fallback):
        seconds = number(given)
        if seconds is not None and _EARLIEST_S <= seconds < _LATEST_S:
            return datetime.fromtimestamp(seconds, UTC)
    return datetime.fromtimestamp(_EARLIEST_S, UTC)


def wa_id(value: Any) -> str:
    """A WhatsApp number as it was delivered, or nothing."""
    found = text(value)
    return found if _WA_ID.fullmatch(found) else ""


def bsuid(value: Any) -> str:
    """A business-scoped user id, or nothing."""
    found = text(value)
    return found if _BSUID.fullmatch(found) else ""


def capped(value: Any, depth: int = _DEPTH_LIMIT) -> Any:
    """The same JSON with its strings, lists, objects and depth cut to what a person could read."""
    if isinstance(value, dict):
        pairs = list(value.items())[:_LIST_LIMIT]
        return {text(key, 100): capped(inner, depth - 1) for key, inner in pairs} if depth else {}
    if isinstance(value, list):
        return [capped(inner, depth - 1) for inner in value[:_LIST_LIMIT]] if depth else []
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return text(value)


def without_empty(**values: Any) -> dict[str, Any]:
    """The values that say something."""
    return {name: value for name, value in values.items() if value not in ("", None, [], {})}
