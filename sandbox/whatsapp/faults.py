"""What can go wrong on Graph's side, on demand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal

Operation = Literal[
    "*", "messages", "read", "media.upload", "media.info", "media.download", "templates", "number", "subscribe"
]
Kind = Literal["answer", "slow", "reset", "lose", "hold", "fail_later"]


@dataclass(eq=False, kw_only=True)
class Fault:
    """One thing that goes wrong with the calls that match; `caught_count` says how many it has met."""

    operation: Operation
    kind: Kind
    to: str | None = None
    times: int | None = 1
    code: int = 0
    details: str = ""
    subcode: int | None = None
    status: int | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    is_served: bool = False
    is_after_sent: bool = False
    caught_count: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def release(self) -> None:
        """Let everything go on that waits, and catch nothing more."""
        self.times = 0
        self.released.set()

    def catches(self, operation: str, to: str | None) -> bool:
        """Whether it meets a call; uses up one of the times."""
        if self.times == 0 or self.operation not in ("*", operation) or (self.to is not None and self.to != to):
            return False
        self.times = None if self.times is None else self.times - 1
        self.caught_count += 1
        return True


class Faults:
    """The faults in force. `times` None means all calls until `clear`; `to` limits a fault to one recipient."""

    def __init__(self) -> None:
        self.latency_s = 0.0
        self._faults: list[Fault] = []

    @property
    def is_quiet(self) -> bool:
        """Whether nothing goes wrong at all."""
        return not self._faults and not self.latency_s

    def fail(
        self,
        operation: Operation,
        code: int,
        *,
        times: int | None = 1,
        to: str | None = None,
        details: str = "Injected fault",
        subcode: int | None = None,
        status: int | None = None,
    ) -> Fault:
        """Answer the next calls with a Graph error; nothing is done."""
        return self._add(
            Fault(
                operation=operation,
                kind="answer",
                code=code,
                times=times,
                to=to,
                details=details,
                subcode=subcode,
                status=status,
            )
        )

    def answer(
        self,
        operation: Operation,
        status: int,
        body: bytes = b"",
        *,
        times: int | None = 1,
        to: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Fault:
        """Answer the next calls with a bare HTTP status, as a proxy in front of Graph does; nothing is done."""
        fault = Fault(operation=operation, kind="answer", status=status, body=body, times=times, to=to)
        fault.headers = headers or {}
        return self._add(fault)

    def slow(
        self,
        operation: Operation,
        delay_s: float,
        *,
        times: int | None = 1,
        to: str | None = None,
        is_served: bool = False,
    ) -> Fault:
        """Serve the next calls `delay_s` real seconds late, or with `is_served` serve at once and answer late."""
        return self._add(
            Fault(operation=operation, kind="slow", delay_s=delay_s, times=times, to=to, is_served=is_served)
        )

    def hold(
        self, operation: Operation, *, times: int | None = 1, to: str | None = None, is_served: bool = False
    ) -> Fault:
        """Keep the next calls waiting until `release`; with `is_served` they are done and only the answer waits."""
        return self._add(Fault(operation=operation, kind="hold", times=times, to=to, is_served=is_served))

    def reset(self, operation: Operation, *, times: int | None = 1, to: str | None = None) -> Fault:
        """Cut the connection of the next calls; nothing is done."""
        return self._add(Fault(operation=operation, kind="reset", times=times, to=to))

    def lose_answer(self, operation: Operation = "messages", *, times: int | None = 1, to: str | None = None) -> Fault:
        """Do what the next calls ask and hang up without an answer."""
        return self._add(Fault(operation=operation, kind="lose", times=times, to=to))

    def fail_later(
        self, code: int, *, times: int | None = 1, to: str | None = None, is_after_sent: bool = False
    ) -> Fault:
        """Accept the next messages and report them as failed afterwards, with `is_after_sent` after a `sent`."""
        return self._add(
            Fault(operation="messages", kind="fail_later", code=code, times=times, to=to, is_after_sent=is_after_sent)
        )

    def clear(self) -> None:
        """Forget every fault, release every hold."""
        for fault in self._faults:
            fault.release()
        self._faults.clear()
        self.latency_s = 0.0

    def take(self, operation: str, to: str | None, *, is_later: bool = False) -> Fault | None:
        """Return the fault that a call meets and use up one of its times."""
        for fault in self._faults:
            if (fault.kind == "fail_later") is is_later and fault.catches(operation, to):
                if fault.times == 0 and fault.kind != "hold":
                    self._faults.remove(fault)
                return fault
        return None

    def _add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault
