"""The road every request takes: fault, key, body, rules, model, answer, record."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web

from sandbox.clock import Clock
from sandbox.openai.errors import ApiError, unparsable, wrong_key
from sandbox.openai.faults import Fault, Faults
from sandbox.openai.ids import Ids
from sandbox.openai.turns import Json, ModelRequest, Reply

PREFIX = "/v1"


@dataclass
class Served:
    """What an endpoint found out about a request.

    Attributes:
        body: What was sent, parsed.
        answer: What goes back: an object, or plain text.
    """

    body: Any = None
    answer: Any = None
    view: ModelRequest | None = None
    reply: Reply | None = None


@dataclass(frozen=True)
class RequestRecord:
    """One request, for tests that look at the wire.

    Attributes:
        status: 0: the connection was cut.
        body: The parsed JSON; of a transcription the form's fields, without the file's bytes.
        view: What the model was shown; None when it was not asked.
        fault: The injected fault that it met.
    """

    at: datetime
    method: str
    path: str
    status: int
    body: Any
    answer: Any
    view: ModelRequest | None = None
    reply: Reply | None = None
    fault: Fault | None = None

    @property
    def text(self) -> str:
        """Everything that was sent, as text to search in; not escaped."""
        return "" if self.body is None else json.dumps(self.body, ensure_ascii=False)


Endpoint = Callable[[web.Request, Served], Awaitable[None]]


class Server:
    """Mounts endpoints and keeps a bounded record of what was asked."""

    def __init__(self, clock: Clock, api_key: str, faults: Faults, ids: Ids, log_count: int) -> None:
        self._clock = clock
        self._bearer = f"Bearer {api_key}"
        self._faults = faults
        self._ids = ids
        self.requests: deque[RequestRecord] = deque(maxlen=log_count)
        self.call_counts: Counter[str] = Counter()
        self.status_counts: Counter[int] = Counter()

    def mount(self, app: web.Application, endpoints: dict[tuple[str, str], Endpoint]) -> None:
        """Serve the endpoints, keyed by method and path after `/v1`; anything else is a 404 in OpenAI's words."""
        for (method, path), endpoint in endpoints.items():
            app.router.add_route(method, PREFIX + path, self._serving(endpoint))
        app.router.add_route("*", "/{rest:.*}", self._serving(_nothing_here))

    def _serving(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(PREFIX)
            self.call_counts["other" if endpoint is _nothing_here else path] += 1
            if self._faults.latency_s:
                await asyncio.sleep(self._faults.latency_s)
            fault, served = self._faults.take(path), Served()
            if fault is None:
                status = await self._judge(endpoint, request, served)
                return self._answer(request, served, status, None)
            return await self._misfortune(endpoint, request, served, fault)

        return serve

    async def _misfortune(
        self, endpoint: Endpoint, request: web.Request, served: Served, fault: Fault
    ) -> web.StreamResponse:
        await fault.wait()
        if fault.cut == "before":
            return self._cut(request, served, fault)
        if fault.status:
            served.body = _parsed(await request.read())
            self._record(request, served, fault.status, fault)
            return web.Response(status=fault.status, body=fault.body, headers=fault.headers)
        status = await self._judge(endpoint, request, served)
        if fault.cut == "middle":
            return await self._half(request, served, status, fault)
        return self._answer(request, served, status, fault)

    async def _judge(self, endpoint: Endpoint, request: web.Request, served: Served) -> int:
        try:
            header = request.headers.get("Authorization")
            if header != self._bearer:
                raise wrong_key(header)
            await endpoint(request, served)
        except ApiError as error:
            served.answer = error.body
            return error.status
        return 200

    def _answer(self, request: web.Request, served: Served, status: int, fault: Fault | None) -> web.Response:
        self._record(request, served, status, fault)
        headers = {"x-request-id": self._ids.next("req"), "openai-version": "2020-10-01"}
        if isinstance(served.answer, str):
            return web.Response(status=status, text=served.answer, headers=headers)
        return web.Response(status=status, body=dump(served), headers=headers, content_type="application/json")

    async def _half(self, request: web.Request, served: Served, status: int, fault: Fault) -> web.StreamResponse:
        self._record(request, served, status, fault)
        body = dump(served)
        response = web.StreamResponse(status=status, headers={"Content-Type": "application/json"})
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        _abort(request)
        return response

    def _cut(self, request: web.Request, served: Served, fault: Fault) -> web.Response:
        self._record(request, served, 0, fault)
        _abort(request)
        return web.Response(status=503)

    def _record(self, request: web.Request, served: Served, status: int, fault: Fault | None) -> None:
        self.status_counts[status] += 1
        path = request.path.removeprefix(PREFIX)
        record = RequestRecord(
            self._clock.now(),
            request.method,
            path,
            status,
            served.body,
            served.answer,
            served.view,
            served.reply,
            fault,
        )
        self.requests.append(record)


async def read_json(request: web.Request) -> Json:
    """Return a JSON object that was sent.

    Raises:
        ApiError: it is none.
    """
    body = _parsed(await request.read())
    if not isinstance(body, dict):
        raise unparsable()
    return body


def dump(served: Served) -> bytes:
    """Write an answer; what a misbehaving model said may be what orjson refuses: lone surrogates, NaN."""
    if served.reply is None or not served.reply.is_unruly:
        try:
            return orjson.dumps(served.answer)
        except TypeError:
            pass
    return json.dumps(served.answer).encode()


def _parsed(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _nothing_here(request: web.Request, _: Served) -> None:
    raise ApiError(404, f"Invalid URL ({request.method} {request.path})")
