"""The other side of the accept benchmark, in a process of its own: 64 connections, requests built beforehand.

`python -m benchmarks.accept_client PORT PATH SECONDS TAG` posts as fast as it is answered and prints the count.
"""

import asyncio
import hashlib
import hmac
import sys
import time
from functools import partial
from typing import cast

import orjson
import uvloop

SECRET = "the-app-secret-of-the-benchmark"
NUMBER = "1122334455667"
CONNECTIONS = 64
_BUILT_PER_CONNECTION = 2500


def body(own_id: str, sender: str) -> bytes:
    """A text message as Meta sends it, about 700 bytes."""
    contact = {"profile": {"name": "Ana"}, "wa_id": sender, "user_id": f"ES.{sender}"}
    message = {"from": sender, "id": own_id, "timestamp": "1795000000", "type": "text", "text": {"body": "hola " * 20}}
    metadata = {"display_phone_number": "34911222333", "phone_number_id": NUMBER}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": [contact], "messages": [message]}
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def request(path: str, raw: bytes) -> bytes:
    """The request with its signature."""
    signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\n\r\n"
    )
    return head.encode() + raw


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is there; answers are small and come whole."""

    def __init__(self, requests: list[bytes], until: float) -> None:
        self.requests = requests
        self.until = until
        self.done_count = 0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.WriteTransport", transport)  # uvloop's are no subclasses
        self.transport.write(self.requests[0])

    def data_received(self, data: bytes) -> None:
        assert data.startswith(b"HTTP/1.1 200"), data
        self.done_count += 1
        if time.perf_counter() < self.until and self.done_count < len(self.requests):
            self.transport.write(self.requests[self.done_count])
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


async def _play(port: int, path: str, seconds: float, tag: str) -> tuple[int, float]:
    built = [
        [request(path, body(f"wamid.{tag}.{c}.{n}", f"346{c:08}")) for n in range(_BUILT_PER_CONNECTION)]
        for c in range(CONNECTIONS)
    ]
    loop, started = asyncio.get_running_loop(), time.perf_counter()
    connections = []
    for requests in built:
        factory = partial(_Connection, requests, started + seconds)
        _, found = await loop.create_connection(factory, "127.0.0.1", port)
        connections.append(found)
    await asyncio.wait_for(asyncio.gather(*(connection.ended for connection in connections)), seconds + 20)
    return sum(connection.done_count for connection in connections), time.perf_counter() - started


def main() -> None:
    port, path, seconds, tag = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        count, took_s = runner.run(_play(port, path, seconds, tag))
    print(count, took_s)


if __name__ == "__main__":
    main()
