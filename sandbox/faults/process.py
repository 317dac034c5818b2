"""A program started as a process of its own, so that a test can watch what it prints and kill it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_KEPT_LINES = 5_000
_LINE_LIMIT_BYTES = 4 * 1024 * 1024
_STOP_S = 60.0
_REAP_TRIES = 40
_REAP_PAUSE_S = 0.005


class ProcessError(AssertionError):
    """The process ended or stayed silent where a test relied on it; the message ends with its last lines."""


class ProcessUnderTest:
    """Runs `program` (this Python) with `arguments`, say ``["-m", "app"]``, in a process group of its own.

    Both output streams are read all the time, so a full pipe never stops the program. Use it as an async
    context manager: on exit the whole group is gone, children included.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        program: str = sys.executable,
    ) -> None:
        self._command = (program, *arguments)
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._awaited: dict[asyncio.Future[re.Match[str]], re.Pattern[str]] = {}
        self._open_streams = 0
        self._seen = 0
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    @property
    def lines(self) -> tuple[str, ...]:
        """The last 5,000 lines of both streams, in the order in which they arrived."""
        return tuple(self._lines)

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._running().pid

    @property
    def return_code(self) -> int | None:
        """The exit code; negative for a signal, None while the process runs."""
        return self._running().returncode

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environment,
            cwd=self._folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT_BYTES,
            start_new_session=True,
        )
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            self._open_streams += 1
            self._readers.append(asyncio.create_task(self._read(stream)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill9()
        await asyncio.gather(*self._readers, return_exceptions=True)

    async def wait_for_line(self, pattern: str, *, within_s: float = 60.0, after: int = 0) -> re.Match[str]:
        """Return the match of the first line, of those printed so far or later, that contains `pattern`.

        Lines before number `after` (see `line_count`) do not count. Raises ProcessError when there is none in
        time, or when the process has ended without one.
        """
        expression = re.compile(pattern)
        try:
            async with asyncio.timeout(within_s):
                return await self._matching(expression, after)
        except TimeoutError:
            raise ProcessError(f"no line matched {pattern!r} within {within_s} s\n{self._tail()}") from None

    @property
    def line_count(self) -> int:
        """How many lines have been printed so far."""
        return self._seen

    async def wait(self, *, within_s: float = _STOP_S) -> int:
        """Wait for the process to end by itself and return its exit code."""
        try:
            async with asyncio.timeout(within_s):
                code = await self._running().wait()
                await asyncio.gather(*self._readers)
                return code
        except TimeoutError:
            raise ProcessError(f"still running after {within_s} s\n{self._tail()}") from None

    async def terminate(self, *, within_s: float = _STOP_S) -> int:
        """Ask the process to stop (SIGTERM) and return its exit code; it must obey in time."""
        with suppress(ProcessLookupError):
            self._running().terminate()
        return await self.wait(within_s=within_s)

    async def kill9(self) -> None:
        """Kill the whole group without warning (SIGKILL) and wait until it is gone; harmless if it is."""
        process = self._running()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        async with asyncio.timeout(_STOP_S):
            await process.wait()
        for _ in range(_REAP_TRIES):  # SIGKILL cannot be refused: a group left after that is not reaped yet
            if not _group_exists(process.pid):
                return
            await asyncio.sleep(_REAP_PAUSE_S)

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            self._take(line.decode("utf-8", "replace").rstrip("\r\n"))
        self._open_streams -= 1
        for found, expression in self._awaited.items():
            if not (self._open_streams or found.done()):
                found.set_exception(self._ended_without(expression))

    def _take(self, line: str) -> None:
        self._lines.append(line)
        self._seen += 1
        for found, expression in self._awaited.items():
            if (match := expression.search(line)) and not found.done():
                found.set_result(match)

    async def _matching(self, expression: re.Pattern[str], after: int) -> re.Match[str]:
        dropped = self._seen - len(self._lines)
        for line in list(self._lines)[max(0, after - dropped) :]:
            if match := expression.search(line):
                return match
        if not self._open_streams:
            raise self._ended_without(expression)
        found: asyncio.Future[re.Match[str]] = asyncio.get_running_loop().create_future()
        self._awaited[found] = expression
        try:
            return await found
        finally:
            del self._awaited[found]

    def _ended_without(self, expression: re.Pattern[str]) -> ProcessError:
        return ProcessError(f"ended without a line matching {expression.pattern!r}\n{self._tail()}")

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("the process has not been started")
        return self._process

    def _tail(self) -> str:
        return "\n".join(list(self._lines)[-30:])


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
