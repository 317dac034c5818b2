"""The body of a webhook: its signature over the raw bytes, then JSON that PostgreSQL can keep."""

import hashlib
import hmac
import json
import math
import re
from typing import Any

import orjson

from channels.whatsapp.meta.fields import Json, clean

_HEADER = re.compile(r"sha256=[0-9a-fA-F]{64}")
_DEPTH_LIMIT = 64
_FEW_BRACKETS = 60  # so few cannot be too deep
_LARGEST_INT_DIGITS = 18


class BadBody(Exception):
    """Not a JSON object that can be kept."""


def is_signature(header: str) -> bool:
    """Whether a header has the shape of a signature."""
    return _HEADER.fullmatch(header) is not None


def verifies(secret: str, raw: bytes, header: str) -> bool:
    """Whether the app secret signed these very bytes (X-Hub-Signature-256); takes as long for a wrong one."""
    want = hmac.digest(secret.encode(), raw, "sha256").hex()
    return hmac.compare_digest(want, header[len("sha256=") :].lower())


def body_digest(raw: bytes) -> str:
    """A short name of a body for the log, which must not show what people wrote."""
    return hashlib.sha256(raw).hexdigest()[:12]


def read_body(raw: bytes) -> Json:
    """The body as JSON without NUL, lone surrogates, and numbers beyond 64 bits.

    Raises:
        BadBody: Not UTF-8, not JSON (NaN is none), not an object, or nested deeper than 64.
    """
    try:
        try:
            body = orjson.loads(raw)
            is_dirty = b"\\u0000" in raw
        except orjson.JSONDecodeError:
            body = _read_tolerantly(raw)  # a lone surrogate as an escape is JSON, and orjson refuses it
            is_dirty = True
    except (ValueError, RecursionError) as exc:
        raise BadBody("not JSON") from exc
    if not isinstance(body, dict):
        raise BadBody("not an object")
    if raw.count(b"{") + raw.count(b"[") > _FEW_BRACKETS and _is_deep(body):
        raise BadBody("nested too deeply")
    return _cleaned(body) if is_dirty else body


def _read_tolerantly(raw: bytes) -> Any:
    return json.loads(raw.decode("utf-8"), parse_constant=_refuse, parse_int=_bounded)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _bounded(digits: str) -> float:
    return int(digits) if len(digits) <= _LARGEST_INT_DIGITS else float(digits)


def _is_deep(value: Any) -> bool:
    level: list[Any] = [value]
    for _ in range(_DEPTH_LIMIT):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
