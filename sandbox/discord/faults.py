"""What can go wrong, on demand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any


@dataclass
class Fault:
    """Answer requests that match with a status instead of serving them."""

    method: str
    path: str
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    times: int | None = None


class Hold:
    """Keeps matching requests waiting, before they are served or between serving and answering, until released.

    Attributes:
        caught_count: How many requests have come to it.
    """

    def __init__(self, method: str, path: str, *, is_served: bool, times: int | None) -> None:
        self.method, self.path, self.is_served, self.times = method.upper(), path, is_served, times
        self.caught_count = 0
        self._released = asyncio.Event()

    def release(self) -> None:
        """Let everything go on that waits, and catch nothing more."""
        self.times = 0
        self._released.set()

    def catches(self, method: str, path: str) -> bool:
        """Whether a request is kept; uses up one of the times."""
        if self.times == 0 or self.method not in ("*", method) or not fnmatchcase(path, self.path):
            return False
        self.times = None if self.times is None else self.times - 1
        self.caught_count += 1
        return True

    async def wait(self) -> None:
        """Wait for the release."""
        await self._released.wait()


class Faults:
    """The faults in force. Paths are shell patterns over the part after `/api/v10`."""

    def __init__(self) -> None:
        self.latency_s = 0.0
        self.is_away = False
        self._faults: list[Fault] = []
        self._holds: list[Hold] = []

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        *,
        times: int | None = None,
        code: int = 0,
        message: str = "Injected fault",
        headers: dict[str, str] | None = None,
    ) -> Fault:
        """Answer `times` matching requests (None: all, until cleared) with `status`.

        A 429 becomes a well-formed one with `retry_after` from the `Retry-After` header, or 0.1 s.
        """
        body: dict[str, Any] = {"message": message, "code": code}
        heads = dict(headers or {})
        if status == 429:
            retry_after = heads.setdefault("Retry-After", "0.1")
            heads.setdefault("X-RateLimit-Scope", "user")
            body = {"message": "You are being rate limited.", "retry_after": float(retry_after)}
            body["global"] = "X-RateLimit-Global" in heads
        fault = Fault(method.upper(), path, status, body, heads, times)
        self._faults.append(fault)
        return fault

    def hold(self, method: str, path: str, *, is_served: bool = False, times: int | None = None) -> Hold:
        """Keep `times` matching requests (None: all) waiting until released.

        With `is_served` Discord does what was asked and only the answer is kept back; a client that has gone by
        the time of the release gets none. Without it nothing is done for a client that has gone.
        """
        hold = Hold(method, path, is_served=is_served, times=times)
        self._holds.append(hold)
        return hold

    def clear(self) -> None:
        """Forget every injected status, every hold and the latency."""
        self._faults.clear()
        for hold in self._holds:
            hold.release()
        self._holds.clear()
        self.latency_s = 0.0

    def held(self, method: str, path: str) -> Hold | None:
        """Return the hold that keeps a request."""
        short = path.removeprefix("/api/v10")
        return next((hold for hold in self._holds if hold.catches(method, short)), None)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that a request meets and use up one of its times."""
        short = path.removeprefix("/api/v10")
        for fault in self._faults:
            if fault.method in ("*", method) and fnmatchcase(short, fault.path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None
