"""What can go wrong with the API, on demand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

import orjson

from sandbox.openai.errors import error_body

Cut = Literal["none", "before", "middle"]
_QUOTA = "You exceeded your current quota, please check your plan and billing details."
_LIMIT = "Rate limit reached for requests. Please try again later."
_KINDS = {500: "server_error", 502: "server_error", 503: "service_unavailable_error", 504: "server_error"}
_HTML = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center>cloudflare</center></body>\r\n</html>\r\n"
)


@dataclass
class Fault:
    """One misfortune, met by the next `times` matching requests (None: all, until cleared).

    Attributes:
        status: 0: the request is served after `delay_s`.
        cut: `before`: the connection is reset without an answer; `middle`: half of the true answer, then a reset.
        met_count: How many requests have met it.
    """

    path: str
    times: int | None
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    is_silent: bool = False
    cut: Cut = "none"
    met_count: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    async def wait(self) -> None:
        """Wait as long as this fault keeps a request waiting: `delay_s`, for ever, or until it is cleared."""
        if not self.is_silent and not self.delay_s:
            return
        try:
            await asyncio.wait_for(self.released.wait(), None if self.is_silent else self.delay_s)
        except TimeoutError:
            return


class Faults:
    """The faults in force, met in the order of their adding. Paths are shell patterns over the part after `/v1`."""

    def __init__(self) -> None:
        self.latency_s = 0.0
        self._faults: list[Fault] = []

    def fail(self, status: int, *, times: int | None = 1, path: str = "*", message: str = "") -> Fault:
        """Answer with a status and an error of OpenAI's shape."""
        text = message or "The server had an error while processing your request. Sorry about that!"
        body = error_body(text, kind=_KINDS.get(status, "invalid_request_error"))
        return self._json(Fault(path, times, status), body)

    def rate_limit(self, *, retry_after_s: float | None = 1.0, times: int | None = 1, path: str = "*") -> Fault:
        """Answer 429 with `Retry-After` in seconds (None: without)."""
        headers = {} if retry_after_s is None else {"Retry-After": f"{retry_after_s:g}"}
        body = error_body(_LIMIT, kind="requests", code="rate_limit_exceeded")
        return self._json(Fault(path, times, 429, headers=headers), body)

    def no_quota(self, *, times: int | None = None, path: str = "*") -> Fault:
        """Answer 429 as to an account without credit: waiting does not help."""
        body = error_body(_QUOTA, kind="insufficient_quota", code="insufficient_quota")
        return self._json(Fault(path, times, 429), body)

    def slow(self, delay_s: float, *, times: int | None = 1, path: str = "*") -> Fault:
        """Serve `delay_s` late, in real seconds."""
        return self._add(Fault(path, times, delay_s=delay_s))

    def never(self, *, times: int | None = 1, path: str = "*") -> Fault:
        """Accept the request and stay silent until cleared; whoever gave up by then gets nothing."""
        return self._add(Fault(path, times, is_silent=True))

    def reset(self, *, times: int | None = 1, path: str = "*") -> Fault:
        """Reset the connection without an answer."""
        return self._add(Fault(path, times, cut="before"))

    def truncate(self, *, times: int | None = 1, path: str = "*") -> Fault:
        """Serve, send half of the answer, and reset the connection."""
        return self._add(Fault(path, times, cut="middle"))

    def html(self, *, status: int = 502, times: int | None = 1, path: str = "*") -> Fault:
        """Answer a gateway's page instead of JSON; with status 200 it even claims success."""
        return self.answer(status, _HTML, content_type="text/html", times=times, path=path)

    def answer(
        self,
        status: int,
        body: bytes,
        *,
        content_type: str = "application/json",
        times: int | None = 1,
        path: str = "*",
    ) -> Fault:
        """Answer exactly these bytes."""
        return self._add(Fault(path, times, status, body, {"Content-Type": content_type}))

    def clear(self) -> None:
        """Forget every fault and the latency; requests that wait are served."""
        for fault in self._faults:
            fault.released.set()
        self._faults.clear()
        self.latency_s = 0.0

    def take(self, path: str) -> Fault | None:
        """Return the fault that a request meets and use up one of its times."""
        for fault in self._faults:
            if fault.times != 0 and fnmatchcase(path, fault.path):
                fault.times = None if fault.times is None else fault.times - 1
                fault.met_count += 1
                return fault
        return None

    def _json(self, fault: Fault, body: dict[str, object]) -> Fault:
        fault.body = orjson.dumps(body)
        fault.headers["Content-Type"] = "application/json"
        return self._add(fault)

    def _add(self, fault: Fault) -> Fault:
        # spent silent ones stay, because clearing must still find whoever waits on them
        self._faults = [f for f in self._faults if f.times != 0 or (f.is_silent or f.delay_s)]
        self._faults.append(fault)
        return fault
