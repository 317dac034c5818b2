"""Database, services, emulated Discord and the real client over sockets: what every test of the door needs."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bot.client import GuildhallBot
from bot.config import BotConfig
from bot.origin import point_discord_at
from bot.sender import DiscordSender
from channels.whatsapp.splitting import split_outgoing
from domain.conversations.ports import InboundParser
from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.roles import Role
from domain.kernel.sealing import Sealer
from domain.outbox.service import OutboxService
from domain.services import Services, build_services
from domain.tenancy.dto import NewTenant, Purpose
from sandbox.clock import ManualClock
from sandbox.discord import Channel, DiscordEmulator, Guild, Message, Person
from sandbox.discord.driver.reply import Reply
from tests.fixtures.discord_description import house_referee


class MemoryHashes:
    """Remembers the registered commands for as long as it lives, over bots that come and go."""

    def __init__(self) -> None:
        self.saved: str | None = None

    async def load(self) -> str | None:
        return self.saved

    async def save(self, payload_hash: str) -> None:
        self.saved = payload_hash


@dataclass
class Stage:
    """A running bot in an emulated guild whose owner is `olivia`."""

    db: Database
    clock: ManualClock
    services: Services
    emulator: DiscordEmulator
    bot: GuildhallBot
    sender: DiscordSender
    outbox: OutboxService
    hashes: MemoryHashes
    guild: Guild
    lobby: Channel
    olivia: Person

    async def settled(self, reply: Reply) -> Reply:
        """Wait until the bot has done all it does about an interaction; the reply shows its last answer."""
        await self.bot.drain(60)
        return reply

    async def until(self, predicate: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait for something inside the bot, which the emulator cannot see."""
        async with asyncio.timeout(timeout_s):
            while not predicate():  # noqa: ASYNC110 - counters inside the bot have no event to wait for
                await asyncio.sleep(0.01)

    async def tenant_id(self) -> UUID:
        found = await self.services.tenancy.find_by_guild(self.guild.id)
        assert found is not None
        return found

    async def deliver(self) -> None:
        """Send everything that waits in the outbox for Discord, in order."""
        tenant_id = await self.tenant_id()
        sql = """SELECT DISTINCT lane FROM outbound_messages
                 WHERE tenant_id = $1 AND state IN ('queued', 'unknown') AND channel = 'discord'"""
        async with self.db.tx(Actor.system(tenant_id, "test", "deliver")) as tx:
            lanes = [row["lane"] for row in await tx.rows(sql, tenant_id)]
        for lane in lanes:
            await self.outbox.deliver_lane(tenant_id, lane, "deliver")

    async def as_owner(self) -> Actor:
        """The owner as an actor, for arranging a test."""
        tenancy = self.services.tenancy
        return await tenancy.identify(await self.tenant_id(), self.olivia.id, "Olivia", (), "arrange", "en")

    async def join(self, name: str, role: Role, *, locale: str = "en-US") -> Person:
        """A person who joins the guild and works here in a role that a Discord role carries."""
        owner, tenancy = await self.as_owner(), self.services.tenancy
        bound = await tenancy.roles(owner)
        if role not in bound:
            discord_role = self.guild.add_role(role.value.title())
            await tenancy.bind_role(owner, role, discord_role.id)
        else:
            discord_role = self.guild.roles[bound[role]]
        person = self.emulator.add_person(name, locale=locale)
        self.guild.join(person, roles=[discord_role])
        return person


@asynccontextmanager
async def staged(
    db: Database, clock: ManualClock, *, locale: str = "en-US", parser: InboundParser | None = None,
    data_dir: Path | None = None,
) -> AsyncIterator[Stage]:  # fmt: skip
    """A bot in a guild without a shop; the traffic is judged by Discord's description where it is at hand."""
    referee = house_referee()
    services = build_services(db, clock, Sealer([base64.b64encode(bytes(range(32))).decode()]), parser=parser,
                              splitter=split_outgoing)  # fmt: skip
    async with DiscordEmulator(clock, referee) as emulator:
        emulator.ratelimits.enabled = False  # tests that are about them are in e2e and beside the emulator
        olivia = emulator.add_person("olivia", locale=locale)
        guild = emulator.add_guild("Nova Boost", olivia, locale=locale)
        lobby = guild.add_channel("lobby")
        hashes = MemoryHashes()
        async with running_bot(emulator, services, hashes, data_dir) as bot:
            sender = DiscordSender(bot)
            outbox = OutboxService(db, clock, sender, listener=services.conversations)
            yield Stage(db, clock, services, emulator, bot, sender, outbox, hashes, guild, lobby, olivia)
    if referee is not None:
        referee.assert_clean()


@asynccontextmanager
async def running_bot(
    emulator: DiscordEmulator, services: Services, hashes: MemoryHashes, data_dir: Path | None = None
) -> AsyncIterator[GuildhallBot]:
    """The real client, connected; also used to start a second one after the first was stopped."""
    bot = GuildhallBot(services, BotConfig(guild_ready_timeout_s=0.05, data_dir=data_dir), hashes)
    with point_discord_at(emulator.origin):
        async with bot:
            await bot.login(emulator.token)
            connecting = asyncio.create_task(bot.connect())
            await asyncio.wait_for(bot.wait_until_ready(), 60)
            yield bot
        await asyncio.gather(connecting, return_exceptions=True)


async def open_shop(stage: Stage, *, locale: str = "en", zone: str = "Europe/Madrid", currency: str = "USD") -> None:
    """Found the shop without the wizard, with its four channels."""
    new = NewTenant("Nova Boost", stage.guild.id, stage.olivia.id, "Olivia", zone, currency, locale)
    await stage.services.tenancy.create(new, "found")
    owner = await stage.as_owner()
    for purpose in (Purpose.ORDERS, Purpose.LOG, Purpose.PAYROLL, Purpose.CLOSE):
        channel = stage.guild.add_channel(purpose.value)
        await stage.services.tenancy.bind_channel(owner, purpose, channel.id)


def labels(message: Message | None) -> list[str]:
    """The labels of a message's buttons, in order."""
    return [button.label for button in message.buttons] if message else []
