"""The house as a whole: it opens, tells how it is, survives Discord, and closes without losing anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from app.composition import ALL_ROLES, Composition, ProcessRole
from app.errors import StartError
from app.settings import DiscordSettings, Settings, WebSettings, WorkerSettings
from domain.kernel.db import Database
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import NewTenant, Purpose
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from sandbox.discord import Channel, DiscordEmulator, Person
from sandbox.faults import ProcessUnderTest
from tests.integration.app.conftest import KEY, Queue, eventually

pytestmark = pytest.mark.usefixtures("restored_logging")


class World:
    """An emulated Discord with a shop, and the settings of a house in it."""

    def __init__(self, discord: DiscordEmulator, database_url: str) -> None:
        self.discord = discord
        self.olivia: Person = discord.add_person("olivia")
        self.guild = discord.add_guild("Nova Boost", self.olivia)
        self.log: Channel = self.guild.add_channel("log")
        self.settings = Settings(
            database_url=SecretStr(database_url),
            secret_keys=SecretStr(KEY),
            discord=DiscordSettings(token=SecretStr(discord.token), api_origin=discord.origin),
            web=WebSettings(port=0),
            worker=WorkerSettings(heartbeat_s=1.0),
        )

    async def found(self, db: Database, clock: ManualClock) -> Any:
        """A shop in the guild, with its log channel bound; its owner as an actor."""
        tenancy = TenancyService(db, clock)
        new = NewTenant("Nova Boost", self.guild.id, self.olivia.id, "Olivia", "Europe/Madrid", "USD", "en")
        tenant = await tenancy.create(new, "found")
        owner = await tenancy.identify(tenant.id, self.olivia.id, "Olivia", [], "bind", "en")
        await tenancy.bind_channel(owner, Purpose.LOG, self.log.id)
        return owner

    def environment(self) -> dict[str, str]:
        """The same settings for a process of its own."""
        assert self.settings.database_url is not None
        return {
            "DATABASE_URL": self.settings.database_url.get_secret_value(), "GUILDHALL_SECRET_KEYS": KEY,
            "GUILDHALL_DISCORD__TOKEN": self.discord.token, "GUILDHALL_DISCORD__API_ORIGIN": self.discord.origin,
            "GUILDHALL_WEB__PORT": "0", "GUILDHALL_LOG__FORMAT": "json", "GUILDHALL_WORKER__HEARTBEAT_S": "1",
        }  # fmt: skip


@pytest.fixture
async def world(owner_url: str) -> AsyncIterator[World]:
    async with DiscordEmulator() as discord:
        yield World(discord, owner_url)


@asynccontextmanager
async def opened(settings: Settings, roles: frozenset[ProcessRole] = ALL_ROLES) -> AsyncIterator[Composition]:
    """An open house; closed at the end, within ten seconds."""
    house = Composition(settings, roles)
    running = asyncio.create_task(house.run())
    ready = asyncio.create_task(house.ready.wait())
    try:
        await asyncio.wait({running, ready}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        assert ready.done()
        yield house
    finally:
        ready.cancel()
        house.stop()
        async with asyncio.timeout(60):
            await running


async def _get(house: Composition, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{house.web_port}{path}") as answer
    ):  # fmt: skip
        return answer.status, await answer.text()


async def test_an_open_house_answers_people_sends_its_outbox_and_counts(
    world: World, db: Database, clock: ManualClock, queue: Queue
) -> None:
    owner = await world.found(db, clock)
    async with opened(world.settings) as house:
        assert (await _get(house, "/readyz"))[0] == 200
        await world.olivia.slash(world.log, "help")
        async with house.db.tx(owner) as tx:
            await post_notice(
                tx, house.clock, Purpose.LOG, Kind.QUEUE_STALLED, {"oldest_age_s": 400, "waiting_count": 3}
            )
        await eventually(lambda: world.log.messages)
        counted = 'guildhall_interactions_total{command="help",outcome="ok"} 1.0'
        await eventually(lambda: _shows(house, counted))
        await eventually(lambda: _shows(house, 'guildhall_jobs_total{job="outbox.deliver_lane",outcome="done"} 1.0'))
        await eventually(lambda: _shows(house, 'guildhall_outbox_messages{state="queued"} 0.0'))
    assert await queue.value("SELECT array_agg(state) FROM guildhall.outbound_messages") == ["sent"]


@pytest.mark.logs_errors("discord.py says at this level that it reconnects")
async def test_a_cut_gateway_is_seen_and_comes_back_by_itself(world: World) -> None:
    async with opened(world.settings, frozenset({ProcessRole.WEB, ProcessRole.BOT})) as house:
        await world.discord.go_away()
        await eventually(lambda: _is_ready(house, 503))
        await world.discord.come_back()
        await eventually(lambda: _is_ready(house, 200))


async def test_a_house_opens_when_discord_is_away_and_works_once_it_is_back(world: World) -> None:
    await world.discord.go_away()
    house = Composition(world.settings)
    running = asyncio.create_task(house.run())
    await eventually(lambda: hasattr(house, "web_port"))
    await eventually(lambda: _is_ready(house, 503))
    assert not house.ready.is_set()
    await world.discord.come_back()
    async with asyncio.timeout(60):
        await house.ready.wait()
    assert await _is_ready(house, 200)
    house.stop()
    await asyncio.wait_for(running, 60)


async def test_a_house_that_waits_for_discord_closes_at_once(world: World) -> None:
    await world.discord.go_away()
    house = Composition(world.settings)
    running = asyncio.create_task(house.run())
    await eventually(lambda: hasattr(house, "web_port"))
    house.stop()
    await asyncio.wait_for(running, 15)


async def test_a_token_that_discord_refuses_stops_the_start_with_one_line(world: World) -> None:
    discord = DiscordSettings(token=SecretStr("MTIz.canary.canary"), api_origin=world.discord.origin)
    house = Composition(world.settings.model_copy(update={"discord": discord}))
    with pytest.raises(StartError, match=r"^GUILDHALL_DISCORD__TOKEN: Discord refuses this token") as caught:
        await asyncio.wait_for(house.run(), 60)
    assert "canary" not in str(caught.value)


async def test_a_part_that_crashes_brings_the_house_down(world: World) -> None:
    house = Composition(world.settings, frozenset({ProcessRole.WEB, ProcessRole.CLOCK}))

    async def crash(stop: asyncio.Event) -> None:
        raise ZeroDivisionError

    house._parts["broken"] = crash
    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(house.run(), 60)
    assert caught.group_contains(ZeroDivisionError)


async def test_a_worker_of_its_own_sends_without_listening(world: World, db: Database, clock: ManualClock) -> None:
    owner = await world.found(db, clock)
    async with opened(world.settings, frozenset({ProcessRole.WORKER})) as house:
        async with db.tx(owner) as tx:
            await post_notice(tx, clock, Purpose.LOG, Kind.QUEUE_STALLED, {"oldest_age_s": 400, "waiting_count": 3})
        await eventually(lambda: world.log.messages)
        assert house.door is not None
        assert not house.door.is_connected


async def test_sigterm_finishes_what_runs_and_ends_with_zero(
    world: World, db: Database, clock: ManualClock, queue: Queue
) -> None:
    owner = await world.found(db, clock)
    async with ProcessUnderTest(["-m", "app", "run"], environment=world.environment()) as process:
        await process.wait_for_line('"event":"ready"', within_s=60)
        hold = world.discord.faults.hold("POST", "/channels/*/messages")
        async with db.tx(owner) as tx:
            await post_notice(tx, clock, Purpose.LOG, Kind.QUEUE_STALLED, {"oldest_age_s": 400, "waiting_count": 3})
        await eventually(lambda: hold.caught_count)
        ending = asyncio.create_task(process.terminate(within_s=60))
        await asyncio.sleep(0.5)
        assert process.return_code is None, "it waits for the message that is being sent"
        hold.release()
        assert await ending == 0
        assert '"event":"closed"' in process.lines[-1]
        assert world.discord.token not in "\n".join(process.lines)
    assert await queue.value("SELECT array_agg(state) FROM guildhall.outbound_messages") == ["sent"]
    assert len(world.log.messages) == 1
    assert await queue.value("SELECT count(*) FROM guildhall.pgqueuer WHERE entrypoint = 'outbox.deliver_lane'") == 0


async def test_two_processes_share_one_database(world: World, db: Database, clock: ManualClock, queue: Queue) -> None:
    owner = await world.found(db, clock)
    async with (
        ProcessUnderTest(["-m", "app", "run"], environment=world.environment()) as first,
        ProcessUnderTest(
            ["-m", "app", "run", "--only", "worker", "--only", "clock"], environment=world.environment()
        ) as second,
    ):
        await first.wait_for_line('"event":"ready"', within_s=60)
        await second.wait_for_line('"event":"ready"', within_s=60)
        for _ in range(6):
            async with db.tx(owner) as tx:
                params: dict[str, object] = {"oldest_age_s": 400, "waiting_count": 3}
                await post_notice(tx, clock, Purpose.LOG, Kind.QUEUE_STALLED, params)
        sent = "SELECT count(*) FROM guildhall.outbound_messages WHERE state = 'sent'"
        await eventually(lambda: _equals(queue, sent, 6), within_s=60)
        assert await second.terminate() == 0
        assert await first.terminate() == 0
    assert len(world.log.messages) == 6
    assert await queue.value("SELECT count(*) FROM guildhall.outbound_messages") == 6


async def _shows(house: Composition, line: str) -> bool:
    return line in (await _get(house, "/metrics"))[1].splitlines()


async def _is_ready(house: Composition, status: int) -> bool:
    return (await _get(house, "/readyz"))[0] == status


async def _equals(queue: Queue, sql: str, value: object) -> bool:
    return bool(await queue.value(sql) == value)
