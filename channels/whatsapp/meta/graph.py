"""A thin client of Meta's Graph API: the calls the house needs."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from channels.whatsapp.meta.answers import (
    CHUNK_BYTES,
    RemoteFile,
    Sent,
    checked,
    download_refused,
    failures,
    read_file,
    read_sent,
)
from channels.whatsapp.meta.errors import PROVIDER, Refused
from channels.whatsapp.meta.uploading import Moves, tracing
from domain.channels.dto import Credentials
from domain.kernel.errors import TransientFailure, UnknownOutcome

_USER_AGENT = "guildhall/1.0"  # some of Meta's file servers answer 4xx without one
_DOWNLOAD_S = 240.0
_UPLOAD_S = 240.0
_PAGE_COUNT = 100
_ID = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_FILE_HOSTS = ("fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net")


class GraphClient:
    """Calls Graph over one session. Tokens are in no exception and no log line.

    Every call may raise `Refused` (Graph said no), `TransientFailure` (nothing happened) and, where something may have
    happened, `UnknownOutcome`.

    Args:
        session: Made by `open`; closed by `close`.
        origin: Scheme and host.
        version: Such as v26.0.
        timeout_s: How long a call may take, its connecting a third of that.
    """

    def __init__(self, session: aiohttp.ClientSession, origin: str, version: str, timeout_s: float) -> None:
        self._session = session
        self._origin = URL(origin)
        self._version = version
        self._timeout_s = timeout_s

    @classmethod
    def open(cls, origin: str, version: str, timeout_s: float = 15.0) -> "GraphClient":
        """A client with a session of its own; call it inside the running loop, and `close` it."""
        connector = aiohttp.TCPConnector(limit=0)  # the workers bound it; waiting for a connection would eat the time
        headers = {"User-Agent": _USER_AGENT}
        session = aiohttp.ClientSession(connector=connector, headers=headers, trace_configs=[tracing()])
        return cls(session, origin, version, timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def send(self, credentials: Credentials, payload: Mapping[str, Any]) -> Sent:
        """Send a message.

        Raises:
            UnknownOutcome: The request was written and no readable answer came.
        """
        path = f"{credentials.phone_number_id}/messages"
        body = await self._call("POST", path, credentials, may_have_acted=True, json=payload)
        sent = read_sent(body)
        if sent is None:
            raise UnknownOutcome(PROVIDER, "unreadable_answer")
        return sent

    async def mark_read(self, credentials: Credentials, message_id: str, *, is_typing: bool = False) -> None:
        """Mark a received message, and all before it, as read; and show for up to 25 s that we are typing."""
        payload: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
        if is_typing:
            payload["typing_indicator"] = {"type": "text"}
        await self._call("POST", f"{credentials.phone_number_id}/messages", credentials, json=payload)

    async def media_info(self, credentials: Credentials, media_id: str) -> RemoteFile:
        """Where a file lies for the next five minutes."""
        if not _ID.fullmatch(media_id):
            raise Refused(100, "not a media id")
        body = await self._call("GET", media_id, credentials)
        return read_file(body)

    async def download(self, credentials: Credentials, url: str) -> AsyncGenerator[bytes, None]:
        """A file's bytes, piece by piece. The token goes to Meta's own hosts only.

        Raises:
            Refused: Code 404 when the file is gone, 403 when the address does not hold any more or is not Meta's.
        """
        if not self.may_ask(url):
            raise Refused(403, "not an address of Meta's")
        timeout = aiohttp.ClientTimeout(_DOWNLOAD_S, sock_connect=self._connect_s, sock_read=self._timeout_s)
        address = URL(url, encoded=True)  # as Meta signed it
        async with (
            failures(may_have_acted=False),
            self._session.get(address, headers=_bearer(credentials), timeout=timeout, max_redirects=3) as response,
        ):
            if response.status != 200:
                raise await download_refused(response)
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                yield chunk

    async def upload(
        self, credentials: Credentials, path: Path, mime: str, name: str, alive: Callable[[], Awaitable[None]]
    ) -> str:
        """Hand over a file for sending; its id, valid for 30 days.

        It may take as long as its pieces move, each within the time of a call, and four minutes in all; `alive` is
        called while they do, three times in the time of a call, so that nobody takes the sending for dead.
        """
        with path.open("rb") as file:
            form = aiohttp.FormData({"messaging_product": "whatsapp", "type": mime})
            form.add_field("file", file, filename=name or path.name, content_type=mime)
            async with failures(may_have_acted=False), asyncio.timeout(self._timeout_s) as patience:
                moves = Moves(patience, self._timeout_s, alive)
                path_at_graph = f"{credentials.phone_number_id}/media"
                body = await self._call(
                    "POST", path_at_graph, credentials, total_s=_UPLOAD_S, data=form, trace_request_ctx=moves
                )
        media_id = body.get("id")
        if not isinstance(media_id, str) or not media_id:
            raise TransientFailure(PROVIDER, "unreadable_answer")
        return media_id

    async def display_number(self, credentials: Credentials) -> str:
        """The number as people dial it; proves that the token holds for it."""
        path = f"{credentials.phone_number_id}?fields=display_phone_number"
        body = await self._call("GET", path, credentials)
        return str(body.get("display_phone_number") or "")

    async def templates(self, credentials: Credentials) -> AsyncIterator[Mapping[str, Any]]:
        """Every template of the account, over all pages."""
        after = ""
        while True:
            query = {"limit": str(_PAGE_COUNT)} | ({"after": after} if after else {})
            body = await self._call("GET", f"{credentials.waba_id}/message_templates", credentials, params=query)
            for found in body.get("data") or ():
                if isinstance(found, dict):
                    yield found
            paging = body.get("paging") or {}
            after, before = str((paging.get("cursors") or {}).get("after") or ""), after
            if not paging.get("next") or not after or after == before:
                return

    def may_ask(self, url: str) -> bool:
        """Whether a file's address is Meta's (or the configured origin's), so that it may see the token."""
        try:
            parsed = URL(url)
        except ValueError:
            return False
        if parsed.absolute and parsed.origin() == self._origin.origin():
            return True
        host = parsed.host or ""
        return parsed.scheme == "https" and any(host == known or host.endswith(f".{known}") for known in _FILE_HOSTS)

    @property
    def _connect_s(self) -> float:
        return self._timeout_s / 3

    async def _call(
        self,
        method: str,
        path: str,
        credentials: Credentials,
        *,
        may_have_acted: bool = False,
        total_s: float | None = None,
        **request: Any,
    ) -> dict[str, Any]:
        url = self._origin / self._version / path
        timeout = aiohttp.ClientTimeout(total_s or self._timeout_s, connect=self._connect_s)
        async with (
            failures(may_have_acted=may_have_acted),
            self._session.request(
                method, url, headers=_bearer(credentials), timeout=timeout, allow_redirects=False, **request
            ) as response,
        ):
            return await checked(response, may_have_acted=may_have_acted)


def _bearer(credentials: Credentials) -> dict[str, str]:
    token = credentials.access_token
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Refused(190, "not a token")  # it could not even be written into a header
    return {"Authorization": f"Bearer {token}"}
