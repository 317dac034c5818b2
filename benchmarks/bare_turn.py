"""The yardstick for turns: a webhook is kept, the model is asked once, its answer is kept and sent, and nothing else.

No order, no locks, no gates, no budget, no trace, no staff, no second process; killed, it forgets whom it owed an
answer. What it needs is what the clients, PostgreSQL and the emulators cost on this machine.
"""

import asyncio
import hashlib
import hmac
import os
from typing import Any

import aiohttp
import asyncpg
import orjson
import uvloop
from aiohttp import web
from openai import AsyncOpenAI

from agent.models.posting import post

SCHEMA = """
CREATE SCHEMA bare;
CREATE TABLE bare.messages (
    id text PRIMARY KEY, position bigint GENERATED ALWAYS AS IDENTITY, person text NOT NULL, role text NOT NULL,
    body text NOT NULL, state text NOT NULL);
CREATE INDEX ON bare.messages (person, position DESC);
"""
_KEEP = "INSERT INTO bare.messages (id, person, role, body, state) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
_LAST = "SELECT role, body FROM bare.messages WHERE person = $1 ORDER BY position DESC LIMIT 30"
_SENT = "UPDATE bare.messages SET state = $2, id = $3 WHERE id = $1"
_STATUS = "UPDATE bare.messages SET state = $2 WHERE id = ANY($1)"
_SYSTEM = "You answer customers of a shop. Be brief."


class BareTurns:
    """Answers whoever writes."""

    def __init__(self, pool: Any, graph: aiohttp.ClientSession, model: AsyncOpenAI) -> None:
        self._pool = pool
        self._graph = graph
        self._model = model
        self._tasks: set[asyncio.Task[None]] = set()

    async def receive(self, request: web.Request) -> web.Response:
        """Keep what came, and begin to answer."""
        raw = await request.read()
        want = "sha256=" + hmac.new(os.environ["BARE_SECRET"].encode(), raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(want, request.headers.get("X-Hub-Signature-256", "")):
            return web.Response(status=403)
        for entry in orjson.loads(raw)["entry"]:
            for change in entry["changes"]:
                await self._take(change["value"])
        return web.Response()

    async def verify(self, request: web.Request) -> web.Response:
        """Echo the challenge."""
        return web.Response(text=request.query["hub.challenge"])

    async def _take(self, value: dict[str, Any]) -> None:
        for status in value.get("statuses", ()):
            await self._pool.execute(_STATUS, [status["id"]], status["status"])
        for message in value.get("messages", ()):
            await self._pool.execute(_KEEP, message["id"], message["from"], "user", message["text"]["body"], "received")
            task = asyncio.create_task(self._answer(message["from"], message["id"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, person: str, message_id: str) -> None:
        rows = await self._pool.fetch(_LAST, person)
        messages = [{"role": "system", "content": _SYSTEM}]
        messages += [{"role": row["role"], "content": row["body"]} for row in reversed(rows)]
        body = {"model": os.environ["BARE_MODEL"], "messages": messages}
        answered = await post(self._model, "/chat/completions", body, 30)
        text, own_id = answered["choices"][0]["message"]["content"], f"answer:{message_id}"
        await self._pool.execute(_KEEP, own_id, person, "assistant", text, "queued")
        content = {"messaging_product": "whatsapp", "to": person, "type": "text", "text": {"body": text}}
        async with self._graph.post(os.environ["BARE_GRAPH"], json=content) as sent:
            wamid = (await sent.json())["messages"][0]["id"]
        await self._pool.execute(_SENT, own_id, "sent", wamid)


async def _serve() -> None:
    model = AsyncOpenAI(base_url=os.environ["BARE_OPENAI"], api_key=os.environ["BARE_KEY"], max_retries=0)
    headers = {"Authorization": f"Bearer {os.environ['BARE_TOKEN']}"}
    async with (
        asyncpg.create_pool(os.environ["BARE_DSN"]) as pool,
        aiohttp.ClientSession(headers=headers) as graph,
    ):
        turns = BareTurns(pool, graph, model)
        app = web.Application()
        app.add_routes([web.get("/webhook", turns.verify), web.post("/webhook", turns.receive)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["BARE_PORT"])).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve())
