"""OpenAI's API, on loopback: start it with a model, point an SDK at it."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Self

from aiohttp import web

from sandbox.clock import Clock, SystemClock
from sandbox.openai.endpoints import Catalogue, Endpoints
from sandbox.openai.faults import Faults
from sandbox.openai.ids import Ids
from sandbox.openai.server import PREFIX, RequestRecord, Server
from sandbox.openai.transcripts import Transcript, TranscriptBook
from sandbox.openai.turns import Model

_TICK_S = 0.02
_BODY_MAX_BYTES = 32 * 1024 * 1024


class OpenAIEmulator:
    """An honest OpenAI API. Enter it as an async context manager.

    `model` decides what is answered and may be exchanged while running; `clock` stamps answers and records (delays are
    real seconds); the last `log_count` requests are kept.
    """

    def __init__(
        self,
        model: Model,
        clock: Clock | None = None,
        *,
        chat_models: Sequence[str] = ("gpt-sandbox",),
        reasoning_models: Sequence[str] = ("gpt-sandbox-reasoning",),
        transcription_models: Sequence[str] = ("gpt-sandbox-transcribe", "whisper-1"),
        log_count: int = 1000,
    ) -> None:
        self.clock = clock or SystemClock()
        self.api_key = f"sk-sandbox-{secrets.token_hex(16)}"
        self.model_name = (*chat_models, *reasoning_models)[0]
        self.transcription_model_name = transcription_models[0]
        self.faults = Faults()
        ids = Ids()
        self._server = Server(self.clock, self.api_key, self.faults, ids, log_count)
        catalogue = Catalogue(tuple(chat_models), tuple(reasoning_models), tuple(transcription_models))
        self._endpoints = Endpoints(model, catalogue, self.clock, ids)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._port = 0

    @property
    def base_url(self) -> str:
        """What an SDK takes as its base URL."""
        return f"http://127.0.0.1:{self._port}{PREFIX}"

    @property
    def model(self) -> Model:
        """Who answers."""
        return self._endpoints.model

    @model.setter
    def model(self, model: Model) -> None:
        self._endpoints.model = model

    def hear(self, audio: bytes, transcript: Transcript | str) -> None:
        """Hear a recording, known by its bytes, as this from now on."""
        self._endpoints.transcripts.add(audio, transcript)

    @property
    def transcripts(self) -> TranscriptBook:
        """What the recordings say."""
        return self._endpoints.transcripts

    @property
    def requests(self) -> deque[RequestRecord]:
        """The last requests, oldest first."""
        return self._server.requests

    @property
    def call_counts(self) -> Counter[str]:
        """How many requests came to each path (after `/v1`), whatever became of them."""
        return self._server.call_counts

    @property
    def status_counts(self) -> Counter[int]:
        """How many requests were answered with each status; 0: cut."""
        return self._server.status_counts

    def sent_texts(self, path: str = "/chat/completions") -> list[str]:
        """Return the bodies of the remembered requests to a path as searchable text, oldest first."""
        return [record.text for record in self.requests if record.path == path]

    def forget(self) -> None:
        """Empty the record and the counters."""
        self.requests.clear()
        self.call_counts.clear()
        self.status_counts.clear()

    async def wait_until(self, predicate: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Return once `predicate` holds; it is tried every 20 ms.

        Raises:
            TimeoutError: it did not hold in time.
        """
        async with asyncio.timeout(timeout_s):
            while not predicate():  # noqa: ASYNC110 - the predicate may look at anything, not at an event of ours
                await asyncio.sleep(_TICK_S)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_BODY_MAX_BYTES)
        self._server.mount(app, self._endpoints.table())
        # a handler that waits in a fault ends with its client
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        await self._runner.setup()
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.faults.clear()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _listen(self) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def go_away(self) -> None:
        """Refuse connections until `come_back`; those that are open are reset at their next request."""
        self.faults.reset(times=None)
        if self._site is not None:
            await self._site.stop()

    async def come_back(self) -> None:
        """Listen again at the same address, without any fault."""
        self.faults.clear()
        await self._listen()
