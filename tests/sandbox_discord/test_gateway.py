import asyncio
import json
import zlib
from typing import Any

import aiohttp
import discord
import pytest
import zstandard
from discord.ext import commands

from sandbox.discord import Channel, DiscordEmulator, Guild, Person
from tests.sandbox_discord.harness import make_bot, point_discord_at, running


class Line:
    """A gateway connection by hand."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, compress: str) -> None:
        self.socket = socket
        self.compress = compress
        self._zlib = zlib.decompressobj()
        self._zstd = zstandard.ZstdDecompressor().decompressobj()

    async def receive(self) -> dict[str, Any]:
        frame = await self.socket.receive(timeout=2)
        if frame.type is aiohttp.WSMsgType.TEXT:
            assert not self.compress
            return dict(json.loads(frame.data))
        assert frame.type is aiohttp.WSMsgType.BINARY, frame
        stream = self._zlib if self.compress == "zlib-stream" else self._zstd
        return dict(json.loads(stream.decompress(frame.data)))

    async def until(self, name: str) -> dict[str, Any]:
        while True:
            message = await self.receive()
            if message["t"] == name:
                return message

    async def close_code(self) -> int | None:
        while not self.socket.closed:
            frame = await self.socket.receive(timeout=2)
            if frame.type is aiohttp.WSMsgType.CLOSE:
                break
        return self.socket.close_code


async def connect(emulator: DiscordEmulator, session: aiohttp.ClientSession, compress: str = "") -> Line:
    query = f"?v=10&encoding=json&compress={compress}" if compress else "?v=10&encoding=json"
    url = emulator.origin.replace("http", "ws") + "/gateway/" + query
    line = Line(await session.ws_connect(url, max_msg_size=0), compress)
    hello = await line.receive()
    assert hello["op"] == 10
    return line


def identify(emulator: DiscordEmulator, **changes: Any) -> dict[str, Any]:
    data = {"token": emulator.token, "intents": discord.Intents.all().value, "properties": {}}
    return {"op": 2, "d": data | changes}


@pytest.mark.parametrize("compress", ["", "zlib-stream", "zstd-stream"])
async def test_every_transport_compression_is_spoken(emulator: DiscordEmulator, guild: Guild, compress: str) -> None:
    async with aiohttp.ClientSession() as session:
        line = await connect(emulator, session, compress)
        await line.socket.send_json(identify(emulator))
        ready = await line.until("READY")
        assert ready["d"]["guilds"] == [{"id": str(guild.id), "unavailable": True}]
        created = await line.until("GUILD_CREATE")
        assert created["d"]["name"] == "Nova Boost"
        await line.socket.send_json({"op": 1, "d": created["s"]})
        assert (await line.receive())["op"] == 11


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "nonsense"}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"intents": 1 << 30}, 4013),
        ({"intents": 1 << 15}, 4014),
    ],
)
async def test_a_wrong_identify_is_refused_with_its_code(changes: dict[str, Any], code: int) -> None:
    async with DiscordEmulator(granted_intents=0) as emulator, aiohttp.ClientSession() as session:
        line = await connect(emulator, session)
        await line.socket.send_json(identify(emulator, **{"intents": 1} | changes))
        assert await line.close_code() == code


async def test_identifying_twice_is_refused(emulator: DiscordEmulator) -> None:
    async with aiohttp.ClientSession() as session:
        line = await connect(emulator, session)
        await line.socket.send_json(identify(emulator))
        await line.socket.send_json(identify(emulator))
        assert await line.close_code() == 4005


@pytest.mark.parametrize(("message", "code"), [({"op": 3, "d": {}}, 4003), ({"op": 99, "d": None}, 4001)])
async def test_speaking_out_of_turn_is_refused(emulator: DiscordEmulator, message: dict[str, Any], code: int) -> None:
    async with aiohttp.ClientSession() as session:
        line = await connect(emulator, session)
        await line.socket.send_json(message)
        assert await line.close_code() == code


async def test_what_is_not_json_is_refused(emulator: DiscordEmulator) -> None:
    async with aiohttp.ClientSession() as session:
        line = await connect(emulator, session)
        await line.socket.send_str("{")
        assert await line.close_code() == 4002


async def test_a_silent_connection_is_hung_up_on() -> None:
    async with DiscordEmulator(heartbeat_interval_ms=50) as emulator, aiohttp.ClientSession() as session:
        line = await connect(emulator, session)
        assert await line.close_code() == 4009


async def test_a_resume_replays_what_was_missed(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    async with aiohttp.ClientSession() as session:
        line = await connect(emulator, session)
        await line.socket.send_json(identify(emulator))
        ready = await line.until("READY")
        seen = await line.until("GUILD_CREATE")
        await line.socket.close()
        for number in range(3):
            await bob.send(orders, f"message {number}")
        again = await connect(emulator, session)
        resume = {"token": emulator.token, "session_id": ready["d"]["session_id"], "seq": seen["s"]}
        await again.socket.send_json({"op": 6, "d": resume})
        texts = [(await again.until("MESSAGE_CREATE"))["d"]["content"] for _ in range(3)]
        assert texts == ["message 0", "message 1", "message 2"]
        assert (await again.receive())["t"] == "RESUMED"


async def test_a_resume_too_far_back_is_invalid(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    async with aiohttp.ClientSession() as session:
        line = await connect(emulator, session)
        await line.socket.send_json(identify(emulator))
        ready = await line.until("READY")
        await line.socket.close()
        for number in range(1001):
            await bob.send(orders, str(number))
        again = await connect(emulator, session)
        resume = {"token": emulator.token, "session_id": ready["d"]["session_id"], "seq": ready["s"]}
        await again.socket.send_json({"op": 6, "d": resume})
        answer = await again.receive()
        assert (answer["op"], answer["d"]) == (9, False)


async def test_a_lost_connection_is_resumed_by_the_client(
    emulator: DiscordEmulator, orders: Channel, bob: Person
) -> None:
    bot = make_bot()
    heard: list[str] = []
    events: list[str] = []

    @bot.event
    async def on_message(message: discord.Message) -> None:
        heard.append(message.content)

    @bot.event
    async def on_resumed() -> None:
        events.append("resumed")

    async with running(emulator, bot):
        await bob.send(orders, "before")
        emulator.gateway.cut()
        await bob.send(orders, "while away")
        await emulator.wait_until(lambda: events == ["resumed"], 5)
        await bob.send(orders, "after")
        await emulator.wait_until(lambda: len(heard) == 3)
        assert heard == ["before", "while away", "after"]


@pytest.mark.parametrize("kind", [commands.Bot, commands.AutoShardedBot])
async def test_reconnect_makes_the_client_resume(emulator: DiscordEmulator, kind: type[commands.Bot]) -> None:
    bot = make_bot(kind)
    events: list[str] = []

    @bot.event
    async def on_resumed() -> None:
        events.append("resumed")

    @bot.event
    async def on_shard_resumed(shard_id: int) -> None:
        events.append("resumed")

    async with running(emulator, bot):
        emulator.gateway.ask_reconnect()
        await emulator.wait_until(lambda: "resumed" in events, 5)


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalid_session_is_resumed_or_identified_anew(
    emulator: DiscordEmulator, guild: Guild, resumable: bool
) -> None:
    bot = make_bot()
    async with running(emulator, bot):
        before = emulator.gateway.hub.sessions[0].id
        emulator.gateway.invalidate(resumable=resumable)

        def back() -> bool:
            now = emulator.gateway.hub.sessions
            return bool(now and now[-1].line is not None and (now[-1].id == before) is resumable)

        await asyncio.sleep(0.05)
        await emulator.wait_until(back, 8)


async def test_a_zombie_connection_is_noticed_by_the_client() -> None:
    async with DiscordEmulator(heartbeat_interval_ms=150) as emulator:
        bot = make_bot(heartbeat_timeout=0.3)
        async with running(emulator, bot):
            emulator.gateway.answer_heartbeats(False)
            await emulator.wait_until(lambda: not emulator.gateway.connected_shards, 5)
            emulator.gateway.answer_heartbeats(True)
            await emulator.wait_until(lambda: bool(emulator.gateway.connected_shards), 5)


async def test_content_is_blank_without_its_intent(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    bot = make_bot(intents=discord.Intents.default())
    heard: list[str] = []

    @bot.event
    async def on_message(message: discord.Message) -> None:
        heard.append(message.content)

    async with running(emulator, bot):
        await bob.send(orders, "secret")
        await bob.send(orders, f"<@{emulator.bot_id}> hello")
        await bob.send(bob.direct, "in private")
        await emulator.wait_until(lambda: len(heard) == 3)
        assert heard == ["", f"<@{emulator.bot_id}> hello", "in private"]


async def test_events_without_their_intent_are_not_sent(
    emulator: DiscordEmulator, guild: Guild, orders: Channel, bob: Person
) -> None:
    bot = make_bot(intents=discord.Intents(guilds=True, guild_messages=True))
    seen: list[str] = []

    @bot.event
    async def on_socket_event_type(name: str) -> None:
        seen.append(name)

    async with running(emulator, bot):
        guild.join(emulator.add_person("carol"))
        message = await bob.send(orders, "hello")
        await bob.react(message, "👍")
        await bob.send(orders, "bye")
        await emulator.wait_until(lambda: seen.count("MESSAGE_CREATE") == 2)
        assert "GUILD_MEMBER_ADD" not in seen
        assert "MESSAGE_REACTION_ADD" not in seen


async def test_members_come_in_chunks_of_a_thousand(emulator: DiscordEmulator, guild: Guild) -> None:
    for number in range(1500):
        guild.admit(emulator.add_person(f"member{number}"))
    intents = discord.Intents(guilds=True, members=True)
    bot = make_bot(intents=intents, chunk_guilds_at_startup=False)
    async with running(emulator, bot):
        theirs = bot.get_guild(guild.id)
        assert theirs is not None
        members = await theirs.chunk()
        assert len(members) == 1503
        assert (await theirs.query_members("member149"))[0].name == "member149"
        found = await theirs.query_members(user_ids=[emulator.bot_id], cache=False)
        assert [member.id for member in found] == [emulator.bot_id]


async def test_guilds_are_spread_over_shards(emulator: DiscordEmulator, alice: Person) -> None:
    guilds = [emulator.add_guild(f"guild {number}", owner=alice) for number in range(6)]
    bot = make_bot(commands.AutoShardedBot, shard_count=3)

    @bot.tree.command(description="Say which shard")
    async def shard(interaction: discord.Interaction) -> None:
        assert interaction.guild is not None
        await interaction.response.send_message(str(interaction.guild.shard_id))

    async with running(emulator, bot):
        assert len(bot.guilds) == 6
        assert emulator.gateway.connected_shards == {0, 1, 2}
        for guild in guilds:
            reply = await alice.slash(guild.add_channel("general"), "shard")
            assert reply.text == str((guild.id >> 22) % 3)


async def test_login_with_a_wrong_token_fails(emulator: DiscordEmulator) -> None:
    bot = make_bot()
    with point_discord_at(emulator.origin), pytest.raises(discord.LoginFailure):
        await bot.login("nonsense")
    await bot.close()


async def test_a_missing_privileged_intent_is_told_to_the_client() -> None:
    async with DiscordEmulator(granted_intents=0) as emulator:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with running(emulator, make_bot()):
                pass
