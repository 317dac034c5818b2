import asyncio
import time
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.discord import Channel, DiscordEmulator, Person
from tests.sandbox_discord.harness import Api, ErrorCatcher, make_bot, running


async def test_buckets_say_what_is_left_and_refuse_the_rest(
    emulator: DiscordEmulator, api: Api, orders: Channel
) -> None:
    emulator.ratelimits.set("POST", "/channels/{channel_id}/messages", 2, 60)
    path = f"/channels/{orders.id}/messages"
    _, _, first = await api("POST", path, {"content": "1"})
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("2", "1")
    assert {"X-RateLimit-Reset", "X-RateLimit-Reset-After", "X-RateLimit-Bucket", "Via"} <= set(first)
    await api("POST", path, {"content": "2"})
    status, body, headers = await api("POST", path, {"content": "3"})
    assert status == 429
    assert body["global"] is False
    assert body["retry_after"] > 50
    assert headers["X-RateLimit-Scope"] == "user"
    assert float(headers["Retry-After"]) == body["retry_after"]
    assert (await api("GET", path))[0] == 200


async def test_the_global_limit_spares_interactions(emulator: DiscordEmulator, api: Api) -> None:
    emulator.ratelimits.set_global(2, 60)
    assert [(await api("GET", "/users/@me"))[0] for _ in range(3)] == [200, 200, 429]
    status, body, headers = await api("GET", "/users/@me")
    assert (status, body["global"]) == (429, True)
    assert headers["X-RateLimit-Global"] == "true"
    assert (await api("POST", "/interactions/1/x/callback", {"type": 4}))[0] == 404


async def test_the_client_waits_and_loses_nothing(emulator: DiscordEmulator, orders: Channel) -> None:
    emulator.ratelimits.set("POST", "/channels/{channel_id}/messages", 3, 0.3)
    async with running(emulator, make_bot(), sync=False) as bot:
        channel = bot.get_channel(orders.id)
        assert isinstance(channel, discord.TextChannel)
        started = time.monotonic()
        await asyncio.gather(*(channel.send(str(number)) for number in range(7)))
        assert len(orders.messages) == 7
        assert time.monotonic() - started > 0.5


@pytest.mark.parametrize(("status", "kind"), [(403, discord.Forbidden), (503, discord.DiscordServerError)])
async def test_any_status_can_be_injected(
    emulator: DiscordEmulator, orders: Channel, status: int, kind: type[discord.HTTPException]
) -> None:
    async with running(emulator, make_bot(), sync=False) as bot:
        channel = bot.get_channel(orders.id)
        assert isinstance(channel, discord.TextChannel)
        emulator.faults.fail("POST", "/channels/*/messages", status, times=1, code=50013)
        with pytest.raises(kind):
            await channel.send("lost")
        await channel.send("arrived")
        emulator.faults.fail("POST", "/channels/*/messages", 429, times=1)
        await channel.send("arrived later")
        emulator.faults.fail("GET", "*", 403)
        emulator.faults.clear()
        await channel.fetch_message(orders.messages[0].id)
        assert [message.text for message in orders.messages] == ["arrived", "arrived later"]


async def test_latency_is_felt(emulator: DiscordEmulator, api: Api) -> None:
    emulator.faults.latency_s = 0.1
    started = time.monotonic()
    await api("GET", "/users/@me")
    assert time.monotonic() - started >= 0.1


@pytest.mark.logs_errors("the client logs every failed reconnect")
async def test_discord_goes_away_and_comes_back(
    emulator: DiscordEmulator, orders: Channel, bob: Person, errors: ErrorCatcher
) -> None:
    errors.expected = ("discord.client: Attempting a reconnect",)
    bot = make_bot()
    heard: list[str] = []

    @bot.event
    async def on_message(message: discord.Message) -> None:
        heard.append(message.content)

    async with running(emulator, bot, sync=False):
        channel = bot.get_channel(orders.id)
        assert isinstance(channel, discord.TextChannel)
        await emulator.go_away()
        assert emulator.gateway.connected_shards == set()
        with pytest.raises((aiohttp.ClientError, OSError)):
            await channel.send("nobody there")
        await bob.send(orders, "missed you")
        await emulator.come_back()
        await emulator.wait_until(lambda: heard == ["missed you"], 15)
        await channel.send("back")


COMMAND: dict[str, Any] = {"name": "ping", "description": "Says pong"}
STRING = {"type": 3, "name": "a", "description": "x"}
BAD_COMMANDS = [
    [COMMAND | {"name": "Ping"}],
    [COMMAND | {"name": "x" * 33}],
    [COMMAND | {"description": ""}],
    [COMMAND | {"description": "x" * 101}],
    [COMMAND, COMMAND],
    [COMMAND | {"options": [STRING, STRING]}],
    [COMMAND | {"options": [STRING, STRING | {"name": "b", "required": True}]}],
    [COMMAND | {"options": [STRING | {"choices": [{"name": "x", "value": "x"}] * 26}]}],
    [COMMAND | {"options": [STRING | {"name": f"o{n}"} for n in range(26)]}],
]


@pytest.mark.parametrize("commands", BAD_COMMANDS)
async def test_bad_commands_are_refused(emulator: DiscordEmulator, api: Api, commands: list[dict[str, Any]]) -> None:
    status, body, _ = await api("PUT", f"/applications/{emulator.application_id}/commands", commands)
    assert (status, body["code"]) == (400, 50035)


async def test_commands_are_counted_and_keep_their_ids(emulator: DiscordEmulator, api: Api) -> None:
    path = f"/applications/{emulator.application_id}/commands"
    many = [COMMAND | {"name": f"ping{number}"} for number in range(101)]
    status, body, _ = await api("PUT", path, many)
    assert (status, body["code"]) == (400, 30032)
    first = (await api("PUT", path, [COMMAND]))[1][0]
    again = (await api("PUT", path, [COMMAND | {"description": "Other"}]))[1][0]
    assert first["id"] == again["id"]
    assert (await api("POST", path, COMMAND))[0] == 200
    assert (await api("POST", path, COMMAND | {"name": "pong"}))[0] == 201
    assert (await api("PATCH", f"{path}/{first['id']}", {"description": "New"}))[1]["description"] == "New"
    assert (await api("DELETE", f"{path}/{first['id']}"))[0] == 204
    assert [command["name"] for command in (await api("GET", path))[1]] == ["pong"]
