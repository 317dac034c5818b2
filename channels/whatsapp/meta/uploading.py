"""How long an upload may take: as long as its pieces move."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp


@dataclass(slots=True)
class Moves:
    """An upload's way: as long as its pieces move it has time, and says so."""

    patience: asyncio.Timeout
    timeout_s: float
    alive: Callable[[], Awaitable[None]]
    said_at_s: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    async def moved(self) -> None:
        """A piece was sent."""
        now_s = asyncio.get_running_loop().time()
        with suppress(RuntimeError):  # it was answered, or given up, at this very moment
            self.patience.reschedule(now_s + self.timeout_s)
        if now_s - self.said_at_s >= self.timeout_s / 3:
            self.said_at_s = now_s
            await self.alive()


def tracing() -> aiohttp.TraceConfig:
    """Has a session tell the `Moves` that a request was given (`trace_request_ctx`) of every piece that was sent."""
    config = aiohttp.TraceConfig()
    config.on_request_chunk_sent.append(_piece_sent)
    return config


async def _piece_sent(
    session: aiohttp.ClientSession, context: Any, piece: aiohttp.TraceRequestChunkSentParams
) -> None:  # fmt: skip
    del session, piece
    if isinstance(context.trace_request_ctx, Moves):
        await context.trace_request_ctx.moved()
