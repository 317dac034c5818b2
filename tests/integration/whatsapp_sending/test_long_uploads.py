"""A file that takes long to hand over: it may, and nobody takes its sending for dead meanwhile."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from channels.whatsapp.meta.graph import GraphClient
from domain.channels.dto import Credentials
from domain.conversations.dto import Outgoing
from domain.kernel.errors import TransientFailure
from domain.kernel.ids import uuid7
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.ports import ByChannel
from domain.outbox.service import OutboxService
from tests.integration.whatsapp_sending.harness import Sending

CREDENTIALS = Credentials(uuid7(), "1065", None, 80, is_active=True, access_token="token", app_key=b"")
FILE_BYTES = 24 * 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"id":"m-1"}'
Reader = Callable[[asyncio.StreamReader], Awaitable[bool]]


@asynccontextmanager
async def _server(reads: Reader) -> AsyncIterator[str]:
    """A server that reads a request in its own way and then answers; its origin."""

    over, served = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reads(reader):
            writer.write(ANSWER)
            writer.close()
            await writer.wait_closed()
        else:
            await over.wait()
            writer.transport.abort()
        served.set()

    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)  # what is not read shows at the sender
    server = await asyncio.start_server(serve, sock=listening)
    async with server:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        await served.wait()
        await asyncio.sleep(0.05)  # the other side learns of it


async def _slowly(reader: asyncio.StreamReader) -> bool:
    read_bytes = 0
    while read_bytes < FILE_BYTES:
        read_bytes += len(await reader.read(512 * 1024))
        await asyncio.sleep(0.01)
    return True


async def _not_to_the_end(reader: asyncio.StreamReader) -> bool:
    await reader.read(512 * 1024)
    return False


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(os.urandom(1024) * (FILE_BYTES // 1024))
    return path


async def test_it_takes_longer_than_a_call_and_says_all_the_while_that_it_lives(film: Path) -> None:
    said: list[float] = []

    async def alive() -> None:
        said.append(asyncio.get_running_loop().time())

    async with _server(_slowly) as origin:
        graph = GraphClient.open(origin, "v26.0", timeout_s=0.3)
        begun = asyncio.get_running_loop().time()
        assert await graph.upload(CREDENTIALS, film, "video/mp4", "film.mp4", alive) == "m-1"
        took_s = asyncio.get_running_loop().time() - begun
        await graph.close()
    assert took_s > 0.45
    assert len(said) >= 3


async def test_one_whose_pieces_stand_still_ends_within_the_time_of_a_call(film: Path) -> None:
    async def alive() -> None:
        raise AssertionError("nothing moved for that long")

    async with _server(_not_to_the_end) as origin:
        graph = GraphClient.open(origin, "v26.0", timeout_s=0.5)
        async with asyncio.timeout(5):
            with pytest.raises(TransientFailure):
                await graph.upload(CREDENTIALS, film, "video/mp4", "film.mp4", alive)
        await graph.close()


async def test_a_slow_upload_and_a_slow_answer_are_one_attempt_that_nobody_else_takes_over(sending: Sending) -> None:
    chat = await sending.chat()
    (sending.data_dir / "proof.png").write_bytes(PNG)
    await sending.say(chat, Outgoing(media_path="proof.png", media_mime="image/png"))
    uploading = sending.whatsapp.faults.slow("media.upload", 0.4)
    answering = sending.whatsapp.faults.slow("messages", 0.4)
    delivery = asyncio.ensure_future(sending.deliver(chat))
    for fault in (uploading, answering):
        async with asyncio.timeout(10):
            while not fault.caught_count:
                assert not delivery.done()
                await asyncio.sleep(0.01)
        sending.clock.advance(timedelta(seconds=20))  # 40 in all; the lease is 30
        assert await sending.outbox.due_lanes() == []
        assert await sending.deliver(chat) == 0, "the other process leaves it alone"
    assert await delivery == 1
    assert await sending.states(chat) == [("sent", None)]
    assert sending.whatsapp.counts["messages"] == 1


class _Slow:
    """A sender that is at work for forty seconds of the house's clock."""

    def __init__(self, sending: Sending, *, says_so: bool) -> None:
        self.sending, self.says_so = sending, says_so
        self.found: list[int] = []

    async def send(self, message: Outbound) -> Receipt:
        for _ in range(4):
            self.sending.clock.advance(timedelta(seconds=10))
            if self.says_so:
                await message.renew()
            self.found.append(len(await self.sending.outbox.due_lanes()))
        return Receipt(1, 1, ref="wamid.1")

    async def reconcile(self, message: Outbound) -> Receipt | None:
        raise AssertionError("it was never unknown")


@pytest.mark.parametrize("says_so", [True, False])
async def test_only_an_attempt_that_says_so_keeps_its_lease(sending: Sending, says_so: bool) -> None:
    chat, slow = await sending.chat(), _Slow(sending, says_so=says_so)
    await sending.say(chat, "hello")
    outbox = OutboxService(sending.db, sending.clock, ByChannel({"whatsapp": slow}), listener=sending.listener)
    assert await outbox.deliver_lane(sending.shop.tenant.id, chat.lane, "job") == 1
    assert slow.found == ([0, 0, 0, 0] if says_so else [0, 0, 0, 1])
