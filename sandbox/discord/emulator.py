"""Discord itself, on loopback: start it, fill it with guilds and people, point a bot at it."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable
from typing import Self

from aiohttp import web

from sandbox.clock import Clock, ManualClock, SystemClock
from sandbox.discord import permissions as perm
from sandbox.discord.cdn import Cdn
from sandbox.discord.events import Event
from sandbox.discord.faults import Faults
from sandbox.discord.gateway.intents import PRIVILEGED
from sandbox.discord.gateway.server import GatewayServer
from sandbox.discord.guild import Guild
from sandbox.discord.people import Person
from sandbox.discord.ports import Referee
from sandbox.discord.ratelimit import RateLimits
from sandbox.discord.rest.server import RestServer
from sandbox.discord.rest.table import all_routes
from sandbox.discord.world import World

_TICK_S = 0.02


class DiscordEmulator:
    """An honest Discord for one bot. Enter it as an async context manager.

    `clock` decides the 3 s and 15 min windows, `referee` sees everything that crosses the wire, and
    `granted_intents` are the privileged intents that the application was approved for.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        referee: Referee | None = None,
        *,
        granted_intents: int = PRIVILEGED,
        heartbeat_interval_ms: int = 41_250,
    ) -> None:
        self.clock = clock or SystemClock()
        self.world = World(self.clock, self._dispatch)
        self.world.granted_intents = granted_intents
        self.token = _token(self.world.bot.id)
        self.faults = Faults()
        self.ratelimits = RateLimits()
        self.gateway = GatewayServer(
            self.world, self.token, granted_intents, referee, self.faults, heartbeat_interval_ms
        )
        self.rest = RestServer(self.world, self.token, self.faults, self.ratelimits, referee)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        if isinstance(self.clock, ManualClock):
            self.clock.subscribe(self.world.hub.wake)

    @property
    def origin(self) -> str:
        """Where everything is: REST under /api/v10, the gateway under /gateway, files under /cdn."""
        return self.world.origin

    @property
    def application_id(self) -> int:
        """The id of the bot's application."""
        return self.world.application_id

    @property
    def bot_id(self) -> int:
        """The id of the bot's user."""
        return self.world.bot.id

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        Cdn(self.world.posting, self.faults).mount(app)
        self.rest.mount(app, all_routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await self._listen(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.close_all()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _listen(self, port: int) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await self._site.start()
        self.world.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def _dispatch(self, name: str, payload: dict[str, object], guild_id: int | None) -> None:
        self.gateway.hub.dispatch(name, payload, guild_id)

    def add_person(self, username: str, *, locale: str = "en-US", display_name: str = "") -> Person:
        """Create a user account."""
        number = self.world.ids.next()
        person = Person(number, username, display_name or username.title(), locale=locale, world=self.world)
        self.world.users[number] = person
        return person

    def add_guild(self, name: str, owner: Person, *, locale: str = "en-US", bot_permissions: int = perm.BOT) -> Guild:
        """Create a guild that the bot is in."""
        return self.world.add_guild(name, owner, locale=locale, bot_permissions=bot_permissions)

    def on_event(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call `callback` with everything that happens; the returned function stops that."""
        return self.world.hub.on_event(callback)

    async def wait_until(self, predicate: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Return once `predicate` holds; it is tried after every event, and between events every 20 ms.

        Raises:
            TimeoutError: it did not hold in time.
        """
        await self.world.hub.wait_until(predicate, timeout_s, tick_s=_TICK_S)

    async def go_away(self) -> None:
        """Vanish: the gateway is cut and connections are refused until `come_back`."""
        self.faults.is_away = True
        if self._site is not None:
            self._port = int(self.origin.rsplit(":", 1)[1])
            await self._site.stop()
        self.gateway.cut()
        await asyncio.sleep(0)

    async def come_back(self) -> None:
        """Listen again at the same address."""
        self.faults.is_away = False
        await self._listen(self._port)

    def redeliver(self, interaction_id: int) -> None:
        """Hand a recent interaction to the bot once more."""
        self.world.interactions.redeliver(interaction_id)


def _token(bot_id: int) -> str:
    first = base64.b64encode(str(bot_id).encode()).decode().rstrip("=")
    return f"{first}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"
