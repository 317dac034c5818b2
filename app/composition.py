"""The composition root: the only place that knows every room. Builds in order, closes in reverse."""

import asyncio
import signal
from contextlib import AsyncExitStack
from datetime import timedelta
from enum import StrEnum

import structlog

from app.clock import HouseClock
from app.discord_door import DiscordDoor
from app.health import Health
from app.inbound_pump import InboundPump, PumpLimits
from app.job_runner import JobRunner
from app.keys import open_sealer
from app.logging import configure_logging
from app.metrics import HouseMetrics
from app.outbox_pump import OutboxPump
from app.settings import Settings
from app.settings_reader import wrong
from app.stalled import StalledQueueWatch
from app.storage.notes import DatabaseNote
from app.storage.open import open_database, open_dsn
from app.supervising import Supervisor
from app.turn_pump import TurnLimits, TurnPump
from app.web import build_web, serve
from app.whatsapp_door import open_whatsapp, turn_timing
from app.worker import Worker, WorkerLimits
from app.working import Work
from bot.client import GuildhallBot
from bot.config import BotConfig
from bot.origin import point_discord_at
from channels.whatsapp.meta.parse import MetaParser
from channels.whatsapp.splitting import split_outgoing
from domain.i18n.detect import LanguageDetector
from domain.jobs.handlers import HANDLERS, Workshop
from domain.jobs.schedule import CLOCK_JOBS
from domain.kernel.clock import Clock, SystemClock
from domain.kernel.db import Database
from domain.outbox.ports import ByChannel
from domain.outbox.service import OutboxService
from domain.services import Services, build_services

log = structlog.get_logger("guildhall")
_GUILDS_WAIT_S = 0.5  # no member cache to fill: the guilds come in one burst
_POLL_S = 0.25  # how often the pumps look for what another process wrote; an answer waits for it
_JOBS_POLL_S = 1.0  # a job put off for a moment is noticed only when the worker looks
_LANES = 8  # of webhooks' events, at work at once; half of the connections at most


class ProcessRole(StrEnum):
    """What a process does; `guildhall run --only`."""

    WEB = "web"
    BOT = "bot"
    WORKER = "worker"
    CLOCK = "clock"


ALL_ROLES = frozenset(ProcessRole)


class Composition:
    """One house: `guildhall run`, the sandbox and the tests all open this one.

    Args:
        settings: The settings.
        roles: What this process does.
        clock: The time; the machine's unless one is given.

    Attributes:
        ready: Set when everything that `roles` asks for is connected and working.
        services, outbox, db, dsn, house_clock, door, web_port: Usable from `ready` until the end.
    """

    services: Services
    outbox: OutboxService
    db: Database
    dsn: str
    house_clock: HouseClock
    web_port: int

    def __init__(
        self, settings: Settings, roles: frozenset[ProcessRole] = ALL_ROLES, *, clock: Clock | None = None
    ) -> None:
        self.settings = settings
        self.roles = roles
        self.clock: Clock = clock or SystemClock()
        self.metrics = HouseMetrics()
        self.door: DiscordDoor | None = None
        self._work: Work | None = None
        self._pump: InboundPump | None = None
        self._worker_finished = asyncio.Event()
        self._supervisor = Supervisor()
        self._parts, self._stop, self.ready = self._supervisor.parts, self._supervisor.stop, self._supervisor.ready

    def stop(self) -> None:
        """Begin to close: nothing new is taken, what runs is finished, `run` returns."""
        self._stop.set()

    async def run(self, *, handles_signals: bool = False) -> None:
        """Open the house, keep it open until `stop` (or SIGTERM, SIGINT), and close it in reverse.

        Raises:
            StartError: Something is missing, wrong or cannot be reached; one clear line.
            BaseExceptionGroup: A part crashed. The process must end and be started again.
        """
        configure_logging(self.settings.log, self.settings.secrets())
        async with AsyncExitStack() as stack:
            if handles_signals:
                self._handle_signals(stack)
            await self._open(stack)
            await self._supervisor.run(self._readiness(), lambda: log.info("ready", roles=sorted(self.roles)))
            log.info("closing")
        log.info("closed")

    def _handle_signals(self, stack: AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
            stack.callback(loop.remove_signal_handler, number)

    async def _open(self, stack: AsyncExitStack) -> None:
        settings = self.settings
        if self.roles & {ProcessRole.BOT, ProcessRole.WORKER} and settings.discord.token is None:
            raise wrong("GUILDHALL_DISCORD__TOKEN", "missing; the bot and the worker need it to reach Discord")
        sealer = open_sealer(settings)
        self.dsn = await open_dsn(settings, stack)
        self.db = await open_database(self.dsn, settings.database.max_connections, stack)
        detector = LanguageDetector()
        self.services = build_services(
            self.db, self.clock, sealer, parser=MetaParser(), detector=detector, timing=turn_timing(settings),
            splitter=split_outgoing,
        )  # fmt: skip
        self._prepare_discord(stack)
        await self._prepare_web(stack)
        await self._prepare_worker(detector, stack)
        watch = StalledQueueWatch(self.db, self.clock)
        self.house_clock = HouseClock(self.db, self.clock, CLOCK_JOBS, watch)
        if ProcessRole.CLOCK in self.roles:
            self._parts["clock"] = self.house_clock.run

    def _prepare_discord(self, stack: AsyncExitStack) -> None:
        token = self.settings.discord.token
        if token is None or not self.roles & {ProcessRole.BOT, ProcessRole.WORKER}:
            return
        listens = ProcessRole.BOT in self.roles
        origin = self.settings.discord.api_origin
        stack.enter_context(point_discord_at(origin))
        config = BotConfig(
            api_origin=origin, syncs_commands=listens, guild_ready_timeout_s=_GUILDS_WAIT_S,
            data_dir=self.settings.data_dir, webhook_origin=self.settings.web.public_origin or "",
        )  # fmt: skip
        note = DatabaseNote(self.db, "discord.commands")
        if ProcessRole.WORKER not in self.roles:
            self._worker_finished.set()
        self.door = DiscordDoor(
            lambda: GuildhallBot(self.services, config, note, self.metrics),
            token.get_secret_value(),
            listens=listens,
            keep_open_until=self._worker_finished,
            send_timeout_s=self.settings.worker.lease_s * 2 / 3,
        )
        self._parts["discord"] = self.door.run

    async def _prepare_web(self, stack: AsyncExitStack) -> None:
        if ProcessRole.WEB not in self.roles:
            return
        door = self.door if ProcessRole.BOT in self.roles else None
        gateway = (lambda: door.is_connected) if door is not None else None
        health = Health(self.db, self.clock, gateway, self._stop.is_set)
        pages = build_web(health, self.metrics, self.services.channels, self.clock)
        self.web_port = await stack.enter_async_context(serve(pages, self.settings.web))
        log.info("web server listening", host=self.settings.web.host, port=self.web_port)

    async def _prepare_worker(self, detector: LanguageDetector, stack: AsyncExitStack) -> None:
        if ProcessRole.WORKER not in self.roles:
            return
        assert self.door is not None, "a worker has a way to Discord"
        options, services = self.settings.worker, self.services
        whatsapp = await open_whatsapp(self.settings, services, detector, stack)
        sender = ByChannel({"discord": self.door, "whatsapp": whatsapp.sender})
        lease = timedelta(seconds=options.lease_s)
        self.outbox = OutboxService(self.db, self.clock, sender, lease, services.conversations)
        workshop = Workshop(services, whatsapp.media, whatsapp.templates)
        runner = JobRunner(workshop, HANDLERS, options.max_attempts, self.metrics)
        limits = WorkerLimits(heartbeat_s=options.heartbeat_s, poll_s=min(_JOBS_POLL_S, options.heartbeat_s / 2))
        turn_limits = TurnLimits(poll_s=_POLL_S, drain_s=limits.drain_s)
        self._work = Work(
            Worker(self.dsn, runner, list(HANDLERS), limits),
            TurnPump(self.db, services.conversations, whatsapp.turns, self.clock, self.metrics, turn_limits),
            OutboxPump(self.db, self.outbox, self.metrics, _POLL_S, limits.drain_s),
            self._worker_finished,
        )
        self._parts["worker"] = self._work.run
        at_once = min(_LANES, max(1, self.settings.database.max_connections // 2))
        self._pump = InboundPump(services.channels, services.intake, PumpLimits(at_once, _POLL_S))
        self._parts["inbound"] = self._pump.run

    def _readiness(self) -> list[asyncio.Event]:
        parts = (self._work.jobs if self._work is not None else None, self._pump, self.door)
        return [part.ready for part in parts if part is not None]


async def run(settings: Settings, roles: frozenset[ProcessRole] = ALL_ROLES, *, clock: Clock | None = None) -> None:
    """Open the house as a process of its own: until SIGTERM or SIGINT."""
    await Composition(settings, roles, clock=clock).run(handles_signals=True)
