"""The road every request takes: faults, rate limits, token, referee, handler, referee, answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from sandbox.discord.drafts import Upload
from sandbox.discord.errors import ApiError
from sandbox.discord.faults import Faults
from sandbox.discord.ports import Referee
from sandbox.discord.ratelimit import RateLimits, Verdict
from sandbox.discord.rest.routing import Answer, Call, Route
from sandbox.discord.world import World

_SEGMENTS = {"emoji_name": ":[^/]+", "interaction_token": ":[^/]+", "webhook_token": ":[^/]+"}


@dataclass(frozen=True)
class RequestRecord:
    """One request that was served, for tests that look at the wire."""

    at: datetime
    method: str
    path: str
    template: str
    status: int
    body: Any


class RestServer:
    """Mounts the routes and keeps a short record of what was asked."""

    def __init__(self, world: World, token: str, faults: Faults, limits: RateLimits, referee: Referee | None) -> None:
        self._world = world
        self._token = token
        self._faults = faults
        self._limits = limits
        self._referee = referee
        self.requests: deque[RequestRecord] = deque(maxlen=1000)
        self.unknown_routes: deque[str] = deque(maxlen=1000)

    def mount(self, app: web.Application, routes: list[Route]) -> None:
        """Serve the routes under every API version, and 404 loudly everything else."""
        for route in routes:
            app.router.add_route(route.method, _pattern(route.template), self._serving(route))
        app.router.add_route("*", "/api/{rest:.*}", self._nothing_here)

    async def _nothing_here(self, request: web.Request) -> web.Response:
        self.unknown_routes.append(f"{request.method} {request.path}")
        return json_response(Answer(404, {"message": "404: Not Found", "code": 0}))

    def _serving(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            if self._faults.latency_s:
                await asyncio.sleep(self._faults.latency_s)
            fault = self._faults.take(request.method, request.path)
            if fault is not None:
                return json_response(Answer(fault.status, fault.body), fault.headers)
            hold = self._faults.held(request.method, request.path)
            if hold is not None and not hold.is_served:
                await hold.wait()
                if request.transport is None:
                    return _cut(request)
            if self._faults.is_away:
                return _cut(request)
            try:
                answer = await self._judge(route, request)
            except ConnectionResetError:  # whoever asked died in the middle of asking
                return _cut(request)
            if hold is not None and hold.is_served:
                await hold.wait()
            return answer

        return serve

    async def _judge(self, route: Route, request: web.Request) -> web.Response:
        verdict = self._limits.judge(route, request.match_info)
        if verdict.refused:
            return json_response(Answer(429, verdict.body), verdict.headers)
        try:
            call = await self._call(request)
            body: Any = call.body
            self._authorise(route, request)
            if self._referee is not None:
                self._referee.request(route.method, route.template, call.query, call.body)
            answer = route.handler(call)
        except ApiError as error:
            answer, body = Answer(error.status, error.body), None
        return self._answer(route, request, body, answer, verdict)

    def _authorise(self, route: Route, request: web.Request) -> None:
        if route.needs_token and request.headers.get("Authorization") != f"Bot {self._token}":
            raise ApiError(401, 0, "401: Unauthorized")

    def _answer(self, route: Route, request: web.Request, body: Any, answer: Answer, verdict: Verdict) -> web.Response:
        if self._referee is not None:
            self._referee.response(route.method, route.template, answer.status, answer.body)
        now = self._world.clock.now()
        record = RequestRecord(now, route.method, request.path, route.template, answer.status, body)
        self.requests.append(record)
        return json_response(answer, verdict.headers)

    async def _call(self, request: web.Request) -> Call:
        body, uploads = await _read(request)
        return Call(self._world, request.match_info, dict(request.query), body, uploads)


def _pattern(template: str) -> str:
    parts = []
    for part in template.split("/"):
        if part.startswith("{"):
            name = part[1:-1]
            part = f"{{{name}{_SEGMENTS.get(name, ':[0-9]+')}}}"
        parts.append(part)
    return "/api/v10" + "/".join(parts)


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    if not request.can_read_body:
        return None, []
    if request.content_type.startswith("multipart/"):
        return await _read_multipart(request)
    raw = await request.read()
    if not raw:
        return None, []
    try:
        return orjson.loads(raw), []
    except orjson.JSONDecodeError as error:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from error


async def _read_multipart(request: web.Request) -> tuple[Any, list[Upload]]:
    body: Any = None
    uploads: list[Upload] = []
    reader = await request.multipart()
    async for part in reader:
        if not isinstance(part, BodyPartReader):
            continue
        raw = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = orjson.loads(raw)
        elif part.name is not None and part.name.startswith("files["):
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads.append(Upload(part.name[6:-1], part.filename or "file", kind, raw))
    return body, uploads


def json_response(answer: Answer, headers: dict[str, str] | None = None) -> web.Response:
    """Write an answer; the content type is bare because clients compare it literally."""
    everything = {"Via": "1.1 sandbox"} | (headers or {})
    if answer.body is None:
        return web.Response(status=answer.status, headers=everything)
    everything["Content-Type"] = "application/json"
    return web.Response(status=answer.status, headers=everything, body=orjson.dumps(answer.body))


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
