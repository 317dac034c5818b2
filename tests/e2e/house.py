"""`guildhall run` as a process of its own, and what its log may and may not show."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.faults import ProcessUnderTest

ROOT = Path(__file__).parents[2]
START_S = 90.0
STOP_S = 60.0


class House:
    """One process. `open` it, and end it with `close` (SIGTERM) or `kill9`.

    Args:
        environment: Its settings.
        folder: Its working folder.
        only: The roles it runs; all when empty. Kept as `roles`.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path, *only: str) -> None:
        arguments = ["-m", "app", "run", *(word for role in only for word in ("--only", role))]
        self.process = ProcessUnderTest(arguments, environment={**environment, "PYTHONPATH": str(ROOT)}, folder=folder)
        self.roles = only
        self._has_web = not only or "web" in only
        self._web_port = 0

    async def open(self) -> "House":
        """Start it and wait until everything it is there for works."""
        await self.process.__aenter__()
        await self.process.wait_for_line('"event":"ready"', within_s=START_S)
        if self._has_web:
            line = await self.process.wait_for_line('"event":"web server listening"')
            self._web_port = json.loads(line.string)["port"]
        return self

    async def kill9(self) -> None:
        """End it without warning."""
        await self.process.kill9()

    async def close(self) -> int:
        """Ask it to stop; its exit code."""
        return await self.process.terminate(within_s=STOP_S)

    @property
    def web_origin(self) -> str:
        """Where it serves webhooks."""
        return f"http://127.0.0.1:{self._web_port}"

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.return_code is None

    @property
    def lines(self) -> tuple[str, ...]:
        """Its log."""
        return self.process.lines

    async def readyz(self) -> tuple[int, dict[str, Any]]:
        """What it says about itself: status and body."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.web_origin}/readyz") as answer:
            return answer.status, await answer.json()


def assert_log_is_clean(lines: tuple[str, ...], secrets: Mapping[str, str]) -> None:
    """No traceback, no error, and none of the secrets: each by a name, so that a failure does not print it."""
    for line in lines:
        assert "Traceback" not in line, f"{line[:300]} ... {line[-700:]}"
        assert not re.search(r'"level":"(error|critical)"', line), line
        leaked = [name for name, value in secrets.items() if value in line]
        assert not leaked, leaked
