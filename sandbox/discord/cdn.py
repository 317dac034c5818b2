"""Serves the files of messages."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord.faults import Faults
from sandbox.discord.posting import Posting


class Cdn:
    """GET a file by the address that its attachment says."""

    def __init__(self, posting: Posting, faults: Faults) -> None:
        self._posting = posting
        self._faults = faults

    def mount(self, app: web.Application) -> None:
        """Serve /cdn."""
        app.router.add_get("/cdn/{kind}/{channel_id:[0-9]+}/{file_id:[0-9]+}/{name}", self._get)

    async def _get(self, request: web.Request) -> web.Response:
        fault = self._faults.take(request.method, request.path)
        if fault is not None:
            return web.Response(status=fault.status)
        file = self._posting.files.get(int(request.match_info["file_id"]))
        if file is None or file.filename != request.match_info["name"]:
            return web.Response(status=404)
        return web.Response(body=file.bytes, headers={"Content-Type": file.content_type})
