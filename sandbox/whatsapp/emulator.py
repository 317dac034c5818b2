"""WhatsApp itself, on loopback: start it, give it numbers and phones, point a business's server at it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Self

from aiohttp import web

from sandbox.clock import Clock, ManualClock, SystemClock
from sandbox.whatsapp.events import Event
from sandbox.whatsapp.faults import Faults
from sandbox.whatsapp.graph.server import Call, GraphServer
from sandbox.whatsapp.identifiers import digits_of
from sandbox.whatsapp.making import Making
from sandbox.whatsapp.phone import Phone
from sandbox.whatsapp.state import Message
from sandbox.whatsapp.statuses import Statuses
from sandbox.whatsapp.telling import Telling
from sandbox.whatsapp.webhooks import Webhooks
from sandbox.whatsapp.world import World

_TICK_S = 0.02
_MAX_BODY_BYTES = 110 * 1024 * 1024


class WhatsAppEmulator(Making, Telling):
    """An honest WhatsApp with Meta's Cloud API. Enter it as an async context manager.

    `clock` decides windows, limits, expiry and when webhooks are tried again.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.world = World(self.clock)
        self.graph = GraphServer(self.world)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        if isinstance(self.clock, ManualClock):
            self.clock.subscribe(self.world.hub.wake)

    @property
    def origin(self) -> str:
        """Where Graph is, without the version: `{origin}/v26.0/{phone_number_id}/messages`."""
        return self.world.origin

    @property
    def faults(self) -> Faults:
        """What goes wrong with calls."""
        return self.world.faults

    @property
    def webhooks(self) -> Webhooks:
        """How webhooks are delivered."""
        return self.world.webhooks

    @property
    def statuses(self) -> Statuses:
        """What is reported of messages."""
        return self.world.statuses

    @property
    def calls(self) -> deque[Call]:
        """The latest calls to Graph, oldest first."""
        return self.graph.calls

    @property
    def counts(self) -> Counter[str]:
        """All calls to Graph, by operation."""
        return self.graph.counts

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MAX_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self.graph.handle)
        await self.world.webhooks.start()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await self._listen(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.faults.clear()
        await self.world.timers.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.world.timers.stop()
        await self.world.webhooks.stop()

    async def _listen(self, port: int) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await self._site.start()
        self.world.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def go_away(self) -> None:
        """Refuse connections until `come_back`; those that are open end, kept ones as well."""
        if self._site is not None and self._runner is not None and self._runner.server is not None:
            await self._site.stop()
            await self._runner.server.shutdown(timeout=0)
            self._site = None

    async def come_back(self) -> None:
        """Listen again at the same address."""
        await self._listen(int(self.origin.rsplit(":", 1)[1]))

    def break_link(self, link: str) -> None:
        """Let every message with a file at `link` fail afterwards with 131053; other links are taken as fetched."""
        self.world.broken_links.add(link)

    def sent_to(self, phone: Phone | str) -> list[Message]:
        """Everything that a business sent to a phone or a number, refused at once excepted, oldest first."""
        wa_id = phone.wa_id if isinstance(phone, Phone) else digits_of(phone) or phone
        return list(self.world.sent.get(wa_id, ()))

    def on_event(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call `callback` with everything that happens; the returned function stops that."""
        return self.world.hub.on_event(callback)

    async def wait_until(self, predicate: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Return once `predicate` holds; it is tried after everything that happens, and between every 20 ms.

        Raises:
            TimeoutError: it did not hold in time.
        """
        await self.world.hub.wait_until(predicate, timeout_s, tick_s=_TICK_S)

    async def settled(self, timeout_s: float = 30.0) -> None:
        """Wait until everything that is under way has been tried once; what is held back or due later stays."""
        timers, statuses = self.world.timers, self.world.statuses
        await self.wait_until(lambda: timers.running_count == statuses.gathered_count == 0, timeout_s)
