"""What an answer of Graph's means, and what it means that there is none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from channels.whatsapp.meta.errors import PROVIDER, Refused, read_refusal
from domain.kernel.errors import TransientFailure, UnknownOutcome

_ANSWER_LIMIT_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """Graph took a message; `wa_id` is the number as WhatsApp writes it, empty when only a user id is known."""

    wamid: str
    wa_id: str


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at Meta; its address holds for five minutes. `sha256` is hex, empty when unknown."""

    url: str
    mime: str
    sha256: str
    size_bytes: int | None


async def checked(response: aiohttp.ClientResponse, *, may_have_acted: bool) -> dict[str, Any]:
    """The answer, or what it means that there is none: an error without Graph's shape comes from in between."""
    body = _decoded(await _read(response))
    refused = read_refusal(body)
    if refused is not None:
        raise refused
    if response.status < 300 and isinstance(body, dict):
        return body
    if response.status == 429:
        raise TransientFailure(PROVIDER, "http_429", _retry_after_s(response))
    if may_have_acted and (response.status < 300 or response.status >= 500 or response.status == 408):
        raise UnknownOutcome(PROVIDER, f"http_{response.status}")
    raise TransientFailure(PROVIDER, f"http_{response.status}", 30.0)


async def download_refused(response: aiohttp.ClientResponse) -> Exception:
    """What it means that a file is not handed over."""
    refused = read_refusal(_decoded(await _read(response)))
    if refused is not None:
        return refused
    if response.status in (403, 404, 410):
        return Refused(404 if response.status == 410 else response.status)
    return TransientFailure(PROVIDER, f"http_{response.status}")


def read_sent(body: dict[str, Any]) -> Sent | None:
    """What Graph took; None where its answer does not say."""
    match body.get("messages"):
        case [{"id": str() as wamid}, *_] if wamid:
            match body.get("contacts"):
                case [{"wa_id": str() as wa_id}, *_]:
                    return Sent(wamid, wa_id)
            return Sent(wamid, "")
    return None


def read_file(body: dict[str, Any]) -> RemoteFile:
    """Where a file lies."""
    size = body.get("file_size")
    is_size = isinstance(size, (int, str)) and str(size).isdigit()
    url, mime, sha256 = (str(body.get(key) or "") for key in ("url", "mime_type", "sha256"))
    return RemoteFile(url, mime, sha256, int(str(size)) if is_size else None)


@asynccontextmanager
async def failures(*, may_have_acted: bool) -> AsyncIterator[None]:
    """Turn what the client raises into what became of the call: before the request was written, nothing happened."""
    lost = UnknownOutcome if may_have_acted else TransientFailure
    try:
        yield
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as exc:
        raise TransientFailure(PROVIDER, "unreachable") from exc
    except (aiohttp.ClientError, OSError, TimeoutError) as exc:
        raise lost(PROVIDER, type(exc).__name__) from exc


def _retry_after_s(response: aiohttp.ClientResponse) -> float:
    said = response.headers.get("Retry-After", "")
    return min(float(said), 3600.0) if said.isascii() and said.isdigit() else 30.0


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """The answer's bytes; None when it is longer than any answer of Graph's."""
    raw = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        raw += chunk
        if len(raw) > _ANSWER_LIMIT_BYTES:
            return None
    return bytes(raw)


def _decoded(raw: bytes | None) -> object:
    try:
        return orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return None
