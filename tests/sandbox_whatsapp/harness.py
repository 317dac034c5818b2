"""A business on the other side: a callback address that keeps what it is sent, and a client for Graph."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.whatsapp import Number

Json = dict[str, Any]


class Business:
    """Keeps every webhook; judges signatures by itself, from the raw bytes."""

    def __init__(self, secret: Callable[[], str], verify_token: Callable[[], str]) -> None:
        self._secret, self._verify_token = secret, verify_token
        self.bodies: list[bytes] = []
        self.bad_signatures = 0
        self.status = 200
        self.url = ""
        self.arrived = asyncio.Condition()

    async def handle(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            if request.query.get("hub.verify_token") != self._verify_token():
                return web.Response(status=403)
            return web.Response(text=request.query["hub.challenge"])
        raw = await request.read()
        wanted = hmac.new(self._secret().encode(), raw, hashlib.sha256).hexdigest()
        self.bad_signatures += request.headers.get("X-Hub-Signature-256") != f"sha256={wanted}"
        async with self.arrived:
            self.bodies.append(raw)
            self.arrived.notify_all()
        return web.Response(status=self.status)

    @property
    def posts(self) -> list[Json]:
        return [json.loads(raw) for raw in self.bodies]

    def changes(self) -> Iterator[Json]:
        for post in self.posts:
            for entry in post["entry"]:
                yield from entry["changes"]

    def items(self, key: str) -> list[Json]:
        return [item for change in self.changes() for item in change["value"].get(key, ())]

    def statuses(self, wamid: str) -> list[str]:
        return [item["status"] for item in self.items("statuses") if item["id"] == wamid]

    async def until(self, predicate: Callable[[], bool], timeout_s: float = 30.0) -> None:
        async with asyncio.timeout(timeout_s), self.arrived:
            await self.arrived.wait_for(predicate)


class Graph:
    """A client of one number."""

    def __init__(self, session: aiohttp.ClientSession, origin: str, number: Number, version: str = "v26.0") -> None:
        self.session, self.origin, self.number, self.version = session, origin, number, version

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.number.access_token}"}

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Json]:
        url = f"{self.origin}/{self.version}/{path}"
        async with self.session.request(method, url, headers=self.headers, **more) as answer:
            raw = await answer.read()
            return answer.status, json.loads(raw) if raw else {}

    async def send(self, to: str | None, **content: Any) -> tuple[int, Json]:
        body = {"messaging_product": "whatsapp", **({} if to is None else {"to": to}), **content}
        return await self.call("POST", f"{self.number.phone_number_id}/messages", json=body)

    async def text(self, to: str, body: str = "hello", **more: Any) -> tuple[int, Json]:
        return await self.send(to, type="text", text={"body": body}, **more)

    async def accepted(self, to: str | None, **content: Any) -> str:
        status, answer = await self.send(to, **content)
        assert status == 200, answer
        return str(answer["messages"][0]["id"])


def error_of(answer: tuple[int, Json]) -> tuple[int, int]:
    return answer[0], answer[1]["error"]["code"]
