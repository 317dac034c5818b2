"""Discord's rate limits: a bucket per route and major parameter, and fifty requests a second in all."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.rest.routing import Route

_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")
_REMEMBERED_BUCKETS = 20_000
_DEFAULT = (50, 1.0)
_LIMITS: dict[tuple[str, str], tuple[int, float]] = {
    ("POST", "/channels/{channel_id}/messages"): (5, 5.0),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): (5, 5.0),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): (5, 1.0),
    ("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"): (1, 0.25),
    ("POST", "/webhooks/{webhook_id}/{webhook_token}"): (5, 2.0),
    ("POST", "/channels/{channel_id}/typing"): (5, 5.0),
    ("PATCH", "/channels/{channel_id}"): (10, 10.0),
    ("POST", "/users/@me/channels"): (10, 10.0),
}


@dataclass
class _Bucket:
    limit: int
    window_s: float
    used: int = 0
    resets_at: float = 0.0

    def take(self, now: float) -> bool:
        if now >= self.resets_at:
            self.used, self.resets_at = 0, now + self.window_s
        if self.used >= self.limit:
            return False
        self.used += 1
        return True


@dataclass(frozen=True)
class Verdict:
    """Whether a request may pass, and the headers that say so."""

    refused: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


class RateLimits:
    """Counts requests in real seconds, since clients sleep real seconds; `enabled = False` lets all pass."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = monotonic
        self._limits = dict(_LIMITS)
        self._buckets: OrderedDict[tuple[str, ...], _Bucket] = OrderedDict()
        self._global = _Bucket(50, 1.0)
        self.enabled = True
        self.refusals = 0

    def set(self, method: str, template: str, limit: int, window_s: float) -> None:
        """Change the limit of one route; buckets that exist already are forgotten."""
        self._limits[method, template] = (limit, window_s)
        self._buckets.clear()

    def set_global(self, limit: int, window_s: float = 1.0) -> None:
        """Change the limit over all routes."""
        self._global = _Bucket(limit, window_s)

    def judge(self, route: Route, params: Mapping[str, str]) -> Verdict:
        """Count a request; interaction callbacks are free."""
        if not self.enabled or route.template.startswith("/interactions/"):
            return Verdict()
        now = self._now()
        if route.needs_token and not self._global.take(now):
            return self._refusal(self._global, now, {}, scope="global")
        bucket = self._bucket(route, params)
        passed = bucket.take(now)
        headers = _headers(bucket, now, _name(route))
        return Verdict(headers=headers) if passed else self._refusal(bucket, now, headers, scope="user")

    def _bucket(self, route: Route, params: Mapping[str, str]) -> _Bucket:
        key = (route.method, route.template, *(params.get(name, "") for name in _MAJOR))
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = _Bucket(*self._limits.get((route.method, route.template), _DEFAULT))
            self._buckets[key] = bucket
            if len(self._buckets) > _REMEMBERED_BUCKETS:
                self._buckets.popitem(last=False)
        return bucket

    def _refusal(self, bucket: _Bucket, now: float, headers: dict[str, str], *, scope: str) -> Verdict:
        self.refusals += 1
        wait_s = round(max(bucket.resets_at - now, 0.001), 3)
        heads = headers | {"Retry-After": str(wait_s), "X-RateLimit-Scope": scope}
        if scope == "global":
            heads["X-RateLimit-Global"] = "true"
        body = {"message": "You are being rate limited.", "retry_after": wait_s, "global": scope == "global"}
        return Verdict(True, heads, body)


def _name(route: Route) -> str:
    return hashlib.sha256(f"{route.method} {route.template}".encode()).hexdigest()[:32]


def _headers(bucket: _Bucket, now: float, name: str) -> dict[str, str]:
    wait_s = max(bucket.resets_at - now, 0.0)
    return {
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(bucket.limit - bucket.used),
        "X-RateLimit-Reset": f"{time.time() + wait_s:.3f}",
        "X-RateLimit-Reset-After": f"{wait_s:.3f}",
        "X-RateLimit-Bucket": name,
    }
