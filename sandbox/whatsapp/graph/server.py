"""Graph's door: versions, tokens, routes, and what goes wrong with a call."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.faults import Fault
from sandbox.whatsapp.graph import accounts, files
from sandbox.whatsapp.graph.receipts import mark_read
from sandbox.whatsapp.identifiers import digits_of
from sandbox.whatsapp.links import PATH
from sandbox.whatsapp.numbers import AccessToken, Number
from sandbox.whatsapp.sending import accept
from sandbox.whatsapp.state import Account, Json
from sandbox.whatsapp.world import World

_KEPT = 2_000
_VERSIONS = {
    "v20.0": datetime(2026, 9, 24, tzinfo=UTC),
    "v21.0": datetime(2027, 1, 21, tzinfo=UTC),
    "v22.0": datetime(2027, 5, 20, tzinfo=UTC),
    "v23.0": None,
    "v24.0": datetime(2028, 2, 18, tzinfo=UTC),
    "v25.0": datetime(2028, 7, 29, tzinfo=UTC),
    "v26.0": None,
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached Graph; `status` is 0 when it was not answered, `body` the JSON of a message."""

    at: datetime
    method: str
    path: str
    operation: str
    to: str | None
    status: int
    body: Any


@dataclass(slots=True)
class _Asked:
    """A request, understood."""

    request: web.Request
    operation: str
    number: Number | None
    account: Account | None
    object_id: str
    token: AccessToken
    body: Any = None
    to: str | None = None


class GraphServer:
    """Answers what a business asks. `calls` are the latest, oldest first; `counts` counts all by operation."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.calls: deque[Call] = deque(maxlen=_KEPT)
        self.counts: Counter[str] = Counter()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        asked: _Asked | None = None
        try:
            if request.path == PATH:
                token = self._world.authorised(request.headers.get("Authorization"))
                asked = _Asked(request, "media.download", None, None, request.query.get("mid", ""), token)
            else:
                asked = await self._understood(request)
            answer = await self._answered(asked)
        except GraphError as error:
            answer = _json(error.body, error.status)
        self._log(request, asked, answer.status if answer is not None else 0)
        return _cut(request) if answer is None else answer

    async def _understood(self, request: web.Request) -> _Asked:
        world, parts = self._world, request.path.strip("/").split("/")
        self._check_version(parts[0])
        token = world.authorised(request.headers.get("Authorization"))
        object_id, edge = parts[1] if len(parts) > 1 else "", "/".join(parts[2:])
        number, account = world.numbers.get(object_id), world.accounts.get(object_id)
        owner = account if number is None else number.account
        if owner is not None:
            _check_owner(token, owner, object_id, request.method)
        operation = _operation(request.method, number, account, edge)
        if operation is None:
            raise GraphError(2500, f"Unknown path components: /{'/'.join(parts[1:])}")
        asked = _Asked(request, operation, number, account, object_id, token)
        if operation == "messages":
            asked.body = _loaded(await request.read())
            if "status" in asked.body:
                asked.operation = "read"
            to = asked.body.get("to", asked.body.get("recipient"))
            asked.to = (digits_of(to) or to) if isinstance(to, str) else None
        return asked

    def _check_version(self, version: str) -> None:
        if version not in _VERSIONS:
            raise GraphError(2500, f"Unknown path components: /{version}")
        end = _VERSIONS[version]
        if end is not None and self._world.clock.now() >= end:
            raise GraphError(2635, f"{version} is no longer available")

    async def _answered(self, asked: _Asked) -> web.StreamResponse | None:
        faults = self._world.faults
        if faults.is_quiet:
            return await self._served(asked)
        if faults.latency_s:
            await asyncio.sleep(faults.latency_s)
        fault = faults.take(asked.operation, asked.to)
        if fault is None:
            return await self._served(asked)
        if fault.kind == "answer":
            return _injected(fault)
        if fault.kind == "reset":
            return None
        if fault.kind == "lose":
            await self._served(asked)
            return None
        answer = await self._served(asked) if fault.is_served else None
        await (asyncio.sleep(fault.delay_s) if fault.kind == "slow" else fault.released.wait())
        if answer is None and _is_gone(asked.request):
            return None
        return answer if answer is not None else await self._served(asked)

    async def _served(self, asked: _Asked) -> web.StreamResponse:
        world, request = self._world, asked.request
        if asked.operation == "messages":
            assert asked.number is not None
            return await self._send(asked.number, asked.body)
        if asked.operation == "media.download":
            return files.download(world, asked.token.accounts, request)
        if asked.operation == "read":
            assert asked.number is not None
            _check_product(asked.body)
            return _json(mark_read(world, asked.number, asked.body))
        if asked.operation == "media.upload":
            assert asked.number is not None
            return _json(await files.upload(world, asked.number.account, request))
        if asked.operation == "media.info":
            work = files.delete if request.method == "DELETE" else files.describe
            return _json(work(world, asked.token.accounts, asked.object_id))
        return _json(self._about(asked))

    def _about(self, asked: _Asked) -> Json:
        request = asked.request
        if asked.operation == "number":
            assert asked.number is not None
            return accounts.number(asked.number, request.query.get("fields"))
        assert asked.account is not None
        if asked.operation == "templates":
            return accounts.templates(asked.account, request.query, f"{self._world.origin}{request.path}")
        if request.method == "GET":
            app = {"id": asked.account.app.id, "name": "sandbox", "link": ""}
            return {"data": [{"whatsapp_business_api_data": app}] if asked.account.is_subscribed else []}
        asked.account.is_subscribed = request.method == "POST"
        return {"success": True}

    async def _send(self, number: Number, body: Json) -> web.StreamResponse:
        _check_product(body)
        message, answer = accept(self._world, number, body)
        following = self._world.statuses.follow(message)
        if self._world.statuses.are_before_answer:
            await following
        else:
            self._world.timers.spawn(following)
        return _json(answer)

    def _log(self, request: web.Request, asked: _Asked | None, status: int) -> None:
        operation = "unknown" if asked is None else asked.operation
        self.counts[operation] += 1
        body, to = (None, None) if asked is None else (asked.body, asked.to)
        now = self._world.clock.now()
        self.calls.append(Call(now, request.method, request.path, operation, to, status, body))
        self._world.hub.wake()


def _operation(method: str, number: Number | None, account: Account | None, edge: str) -> str | None:
    if number is not None:
        return {("POST", "messages"): "messages", ("POST", "media"): "media.upload", ("GET", ""): "number"}.get(
            (method, edge)
        )
    if account is not None:
        if edge == "message_templates" and method == "GET":
            return "templates"
        return "subscribe" if edge == "subscribed_apps" and method in ("GET", "POST", "DELETE") else None
    return "media.info" if not edge and method in ("GET", "DELETE") else None


def _check_owner(token: AccessToken, owner: Account, object_id: str, method: str) -> None:
    if owner not in token.accounts:
        text = f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist"
        raise GraphError(100, text, subcode=33)


def _check_product(body: Json) -> None:
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")


def _loaded(raw: bytes) -> Json:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise GraphError(100, "The body is not valid JSON") from None
    if not isinstance(body, dict):
        raise GraphError(100, "The body must be a JSON object")
    return body


def _injected(fault: Fault) -> web.Response:
    if fault.body is not None:
        return web.Response(status=fault.status or 500, body=fault.body, headers=fault.headers)
    error = GraphError(fault.code, fault.details, subcode=fault.subcode, status=fault.status)
    return _json(error.body, error.status)


def _json(body: Json, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
