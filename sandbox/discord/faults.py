"""What can go wrong, on demand."""

from __future__ import annotations

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


class Faults:
    """The faults in force. Paths are shell patterns over the part after `/api/v10`."""

    def __init__(self) -> None:
        self.latency_s = 0.0
        self.is_away = False
        self._faults: list[Fault] = []

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

    def clear(self) -> None:
        """Forget every injected status and the latency."""
        self._faults.clear()
        self.latency_s = 0.0

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
