"""What the wire can do to a call of the model, over the client that the house opens."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from agent.models.chat import ChatCompletions
from agent.models.opening import open_client
from agent.models.port import ChatMessage, ModelUnavailable
from agent.models.transcription import Transcriber
from domain.kernel.errors import TransientFailure

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
KEY = "sk-canary-that-nobody-may-read"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANSWER = b'{"choices": [{"message": {"content": "hi"}}]}'


def _answer(body: bytes, more: bytes = b"") -> bytes:
    return HEAD + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def _read(reader: asyncio.StreamReader) -> bytes:
    """One request's head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.partition(b":")[2]))
    return head


def _says(*parts: bytes, has_more: bool = False) -> Answering:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read(reader)
        for part in parts:
            writer.write(part)
        await writer.drain()
        if has_more:
            await asyncio.sleep(60)

    return answer


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closed before a word was read."""


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read(reader)
    writer.transport.abort()


async def _read_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read(reader)
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"400\r\n" + b" " * 1024 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@asynccontextmanager
async def _serving(answering: Answering) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await answering(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=500)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


async def _ask(base_url: str, text: str = "hi", timeout_s: float = 10.0) -> str:
    client = open_client(KEY, base_url, 20)
    try:
        return await _said(ChatCompletions(client, "model"), text, timeout_s)
    finally:
        await client.close()


async def _said(model: ChatCompletions, text: str = "hi", timeout_s: float = 10.0) -> str:
    messages = [ChatMessage("client", text)]
    return (await model.complete("system", messages, [], timeout_s=timeout_s, output_limit_tokens=10)).text


FAULTS: dict[str, tuple[Answering, str]] = {
    "hangs up": (_hang_up, "unreachable"),
    "reset": (_reset, "unreachable"),
    "no HTTP": (_says(b"\x00\xff what?\r\n\r\n"), "unreachable"),
    "endless header": (_says(HEAD + b"X-More: " + b"x" * 100_000 + b"\r\n\r\n"), "unreachable"),
    "cut off": (_says(HEAD + b'Content-Length: 999\r\n\r\n{"choi'), "unreachable"),
    "not compressed": (_says(_answer(b"plain", b"Content-Encoding: gzip\r\n")), "unreachable"),
    "endless nesting": (_says(_answer(b"[" * 200_000)), "garbled"),
    "not UTF-8": (_says(_answer(b'{"choices": "\xff"}')), "garbled"),
    "silent": (_says(has_more=True), "timeout"),
    "silent after the head": (_says(HEAD + b"Content-Length: 9\r\n\r\n", has_more=True), "timeout"),
    "never ends": (_endless, "timeout"),
    "reads nothing": (_read_nothing, "timeout"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_of_the_wire_has_its_word_and_ends_in_time(fault: str) -> None:
    answering, reason = FAULTS[fault]
    text = "x" * 900_000 if answering is _read_nothing else "hi"
    async with _serving(answering) as url:
        began_s = time.monotonic()
        with pytest.raises(ModelUnavailable) as failed:
            await _ask(url, text, 0.5 if reason == "timeout" else 10.0)
        assert time.monotonic() - began_s < 5
    assert failed.value.reason == reason
    assert KEY not in repr(failed.value)


async def test_a_refused_connection_and_a_name_nobody_has_are_unreachable() -> None:
    async with _serving(_hang_up) as url:
        pass
    for gone in (url, "http://nobody.invalid/v1"):
        with pytest.raises(ModelUnavailable, match="unreachable"):
            await _ask(gone)


async def test_a_recording_meets_the_same_wire(tmp_path: Path) -> None:
    recording = tmp_path / "voice.ogg"
    recording.write_bytes(b"OggS" * 500_000)
    for fault, reason in (("no HTTP", "unreachable"), ("reads nothing", "timeout")):
        async with _serving(FAULTS[fault][0]) as url:
            client = open_client(KEY, url, 20)
            with pytest.raises(TransientFailure) as failed:
                await Transcriber(client, "model", timeout_s=0.5).transcribe(recording, "audio/ogg")
            await client.close()
            assert failed.value.code == reason


async def test_calls_that_are_called_off_leave_the_client_to_the_next_one_and_nobody_waits_for_a_place() -> None:
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read(reader)
        await asyncio.sleep(0.5)
        writer.write(_answer(ANSWER))

    async with _serving(late) as url:
        client = open_client(KEY, url, 20)
        model = ChatCompletions(client, "model")
        calls = [asyncio.create_task(_said(model)) for _ in range(150)]
        await asyncio.sleep(0.2)
        for call in calls[:120]:
            call.cancel()
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert [isinstance(one, asyncio.CancelledError) for one in found] == [True] * 120 + [False] * 30
        assert await _said(model) == "hi"
        await client.close()


async def test_the_environments_proxy_is_used_and_left_out_where_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await _read(reader))
        writer.write(_answer(ANSWER))

    async with _serving(proxy) as url:
        for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", url.removesuffix("/v1"))
        assert await _ask("http://model.invalid/v1") == "hi"
        assert asked[0].startswith(b"POST http://model.invalid/v1/chat/completions ")
        monkeypatch.setenv("NO_PROXY", "model.invalid")
        with pytest.raises(ModelUnavailable, match="unreachable"):
            await _ask("http://model.invalid/v1")
