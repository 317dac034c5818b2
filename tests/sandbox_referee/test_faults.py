"""The proxy breaks what it should and nothing else; the process runner leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from sandbox.faults import ProcessError, ProcessUnderTest, TcpProxy


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def _proxied() -> AsyncIterator[TcpProxy]:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with TcpProxy(port=server.sockets[0].getsockname()[1]) as proxy:
        yield proxy
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def _connected(proxy: TcpProxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _ask(proxy: TcpProxy, payload: bytes) -> bytes:
    async with _connected(proxy) as (reader, writer):
        writer.write(payload)
        writer.write_eof()
        return await reader.read()


async def test_bytes_pass_unchanged_through_the_proxy() -> None:
    payload = os.urandom(300_000)
    async with _proxied() as proxy:
        assert await _ask(proxy, payload) == payload
        assert proxy.accepted_count == 1


async def test_a_unix_socket_can_be_the_target() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        server = await asyncio.start_unix_server(_echo, path)
        async with TcpProxy(unix_path=path) as proxy:
            assert await _ask(proxy, b"hello") == b"hello"
        server.close()
        await server.wait_closed()


def test_a_proxy_has_exactly_one_target() -> None:
    with pytest.raises(ValueError, match="one target"):
        TcpProxy()


async def test_cut_resets_open_connections_and_new_ones_work() -> None:
    async with _proxied() as proxy:
        async with _connected(proxy) as (reader, writer):
            writer.write(b"a")
            assert await reader.read(1) == b"a"
            proxy.cut()
            with pytest.raises(ConnectionResetError):
                await reader.readexactly(1)
        assert await _ask(proxy, b"again") == b"again"


async def test_a_refusing_proxy_drops_new_connections_until_it_resumes() -> None:
    async with _proxied() as proxy:
        proxy.cut(refuse=True)
        with pytest.raises(ConnectionResetError):
            await _ask(proxy, b"x")
        proxy.resume()
        assert await _ask(proxy, b"x") == b"x"


async def test_a_paused_proxy_holds_bytes_back_and_loses_none() -> None:
    async with _proxied() as proxy:
        proxy.pause()
        asking = asyncio.create_task(_ask(proxy, b"held"))
        done, _ = await asyncio.wait([asking], timeout=0.1)
        assert not done
        proxy.resume()
        assert await asyncio.wait_for(asking, 30) == b"held"


async def test_latency_delays_both_directions() -> None:
    async with _proxied() as proxy:
        proxy.latency_s = 0.05
        started = asyncio.get_running_loop().time()
        assert await _ask(proxy, b"slow") == b"slow"
        assert asyncio.get_running_loop().time() - started >= 0.1


async def test_closing_the_proxy_ends_what_is_open() -> None:
    async with _proxied() as proxy, _connected(proxy) as (reader, writer):
        writer.write(b"a")
        assert await reader.read(1) == b"a"
        assert proxy.open_count == 1
        await proxy.close()
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        assert proxy.open_count == 0


async def test_nobody_behind_the_proxy_means_a_reset() -> None:
    async with TcpProxy(port=1) as proxy:
        with pytest.raises(ConnectionResetError):
            await _ask(proxy, b"x")


async def test_a_line_is_found_with_what_it_says() -> None:
    script = "import os; print('ready on port', os.environ['PORT']); import time; time.sleep(60)"
    async with ProcessUnderTest(["-c", script], environment={"PORT": "8123"}) as process:
        match = await process.wait_for_line(r"ready on port (\d+)")
        assert match.group(1) == "8123"
        assert process.return_code is None


async def test_lines_of_both_streams_are_read_however_many_there_are() -> None:
    script = "import sys\nfor i in range(20000): print('o', i); print('e', i, file=sys.stderr)"
    async with ProcessUnderTest(["-c", script]) as process:
        found = [process.wait_for_line(f"^{stream} {i}$") for stream in "oe" for i in range(0, 20_000, 1_000)]
        assert len(await asyncio.gather(*found)) == 40
        assert await process.wait() == 0
        assert process.line_count == 40_000
        assert len(process.lines) == 5_000


async def test_waiting_for_a_line_of_a_process_that_ended_fails_with_its_output() -> None:
    async with ProcessUnderTest(["-c", "print('went wrong'); raise SystemExit(3)"]) as process:
        with pytest.raises(ProcessError, match="went wrong"):
            await process.wait_for_line("never")
        assert await process.wait() == 3


async def test_waiting_for_a_line_is_bounded() -> None:
    async with ProcessUnderTest(["-c", "import time; time.sleep(60)"]) as process:
        with pytest.raises(ProcessError, match="within"):
            await process.wait_for_line("never", within_s=0.1)


async def test_only_later_lines_count_after_a_mark() -> None:
    script = "print('tick', flush=True); import time; time.sleep(0.2); print('tick again', flush=True)"
    async with ProcessUnderTest(["-c", script]) as process:
        await process.wait_for_line("tick")
        match = await process.wait_for_line("tick.*", after=process.line_count)
        assert match.group() == "tick again"


async def test_terminate_lets_the_program_say_goodbye() -> None:
    script = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('goodbye'), sys.exit(0)))\n"
        "print('up'); time.sleep(60)"
    )
    async with ProcessUnderTest(["-c", script]) as process:
        await process.wait_for_line("up")
        assert await process.terminate() == 0
        assert process.lines[-1] == "goodbye"


async def test_kill9_takes_the_children_too() -> None:
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('child', child.pid); time.sleep(60)"
    )
    async with ProcessUnderTest(["-c", script]) as process:
        child = int((await process.wait_for_line(r"child (\d+)")).group(1))
        await process.kill9()
        assert process.return_code == -9
        assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" not in status.read_text(encoding="utf-8")
