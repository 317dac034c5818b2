"""Runs the house as a process of its own, on uvloop, and turns how it ended into an exit code."""

import asyncio
import gc
from collections.abc import Sequence

import structlog
import uvloop

from app.composition import ProcessRole, run
from app.settings import Settings

CRASHED = 1
log = structlog.get_logger("guildhall")


def run_process(settings: Settings, roles: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; the exit code: 0, or 1 when a part crashed, so that the machine starts it again.

    Raises:
        StartError: It cannot start as it is configured.
    """
    gc.freeze()  # what is imported stays for good, and need not be looked through
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings, frozenset(ProcessRole(role) for role in roles)))
    except BaseExceptionGroup as crash:
        log.critical("a part of the house crashed; the process ends", exc_info=crash)
        return CRASHED
    return 0
