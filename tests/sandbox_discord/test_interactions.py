import asyncio
import io
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import app_commands

from sandbox.clock import ManualClock
from sandbox.discord import Channel, DiscordEmulator, Person, Reply
from sandbox.discord.events import EphemeralReply, Event, InteractionAnswered, InteractionStarted
from tests.sandbox_discord.harness import Api, make_bot, running

Interaction = discord.Interaction


class Panel(discord.ui.View):
    @discord.ui.button(label="Update", emoji="🔁")
    async def update(self, interaction: Interaction, _: Any) -> None:
        await interaction.response.edit_message(content="updated")

    @discord.ui.button(label="Later")
    async def later(self, interaction: Interaction, _: Any) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="updated later")

    @discord.ui.button(label="Thinking")
    async def thinking(self, interaction: Interaction, _: Any) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send("thought")

    @discord.ui.button(label="Off", disabled=True)
    async def off(self, interaction: Interaction, _: Any) -> None: ...


async def test_a_button_updates_at_once_later_or_after_thinking(
    emulator: DiscordEmulator, orders: Channel, bob: Person
) -> None:
    bot = make_bot()

    @bot.tree.command(description="Show the panel")
    async def panel(interaction: Interaction) -> None:
        await interaction.response.send_message("panel", view=Panel())

    async with running(emulator, bot):
        shown = await bob.slash(orders, "panel")
        updated = await bob.click(shown, "Update")
        assert (updated.kind, shown.text) == ("update", "updated")
        later = await bob.click(shown, "Later")
        assert later.kind == "deferred_update"
        await later.finished()
        assert shown.text == "updated later"
        thinking = await bob.click(shown, "Thinking")
        assert (thinking.kind, thinking.ephemeral) == ("deferred", True)
        await thinking.finished()
        assert (thinking.text, thinking.followups) == ("thought", [])


async def test_a_deferred_answer_brings_its_file_and_followups(
    emulator: DiscordEmulator, orders: Channel, bob: Person
) -> None:
    bot = make_bot()

    @bot.tree.command(description="Answer late")
    async def slow(interaction: Interaction) -> None:
        await interaction.response.defer()
        picture = discord.File(io.BytesIO(b"PNG"), "chart.png", description="a chart")
        embed = discord.Embed(title="Chart").set_image(url="attachment://chart.png")
        await interaction.edit_original_response(embed=embed, attachments=[picture])
        more = await interaction.followup.send("and more", wait=True)
        await more.edit(content="and much more")

    async with running(emulator, bot):
        late = await (await bob.slash(orders, "slow")).finished()
        assert late.text == "Chart"
        assert late.message is not None
        assert late.message.attachments[0].bytes == b"PNG"
        assert late.message.embeds[0]["image"]["url"] == late.message.attachments[0].url
        await emulator.wait_until(lambda: [m.text for m in late.followups] == ["and much more"])


async def test_autocomplete_suggests(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    bot = make_bot()

    async def codes(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        game = interaction.namespace.game
        return [app_commands.Choice(name=f"{game} {current}{n}", value=f"{current}{n}") for n in range(3)]

    @bot.tree.command(description="Show an order")
    @app_commands.autocomplete(code=codes)
    async def show(interaction: Interaction, game: str, code: str) -> None:
        await interaction.response.send_message(code)

    async with running(emulator, bot):
        choices = await bob.autocomplete(orders, "show", option="code", value="48", others={"game": "LoL"})
        assert [choice["value"] for choice in choices] == ["480", "481", "482"]
        assert choices[0]["name"] == "LoL 480"


async def test_an_ack_after_three_seconds_is_unknown(clock: ManualClock) -> None:
    async with DiscordEmulator(clock=clock) as emulator:
        alice = emulator.add_person("alice")
        orders = emulator.add_guild("Nova Boost", owner=alice).add_channel("orders")
        bot = make_bot()
        codes: list[int] = []
        goes_on = asyncio.Event()

        @bot.tree.command(description="Answers too late")
        async def late(interaction: Interaction) -> None:
            await goes_on.wait()
            try:
                await interaction.response.send_message("too late")
            except discord.NotFound as error:
                codes.append(error.code)

        async with running(emulator, bot):
            asked = asyncio.create_task(alice.slash(orders, "late"))
            await asyncio.sleep(0.05)
            clock.advance(timedelta(seconds=3.1))
            reply = await asked
            assert reply.failed
            assert reply.kind is None
            assert reply.text == "The application did not respond"
            goes_on.set()
            await emulator.wait_until(lambda: codes == [10062])


async def test_a_token_dies_after_fifteen_minutes(clock: ManualClock) -> None:
    async with DiscordEmulator(clock=clock) as emulator:
        alice = emulator.add_person("alice")
        orders = emulator.add_guild("Nova Boost", owner=alice).add_channel("orders")
        bot = make_bot()
        codes: list[int] = []
        goes_on = asyncio.Event()

        @bot.tree.command(description="Works long")
        async def work(interaction: Interaction) -> None:
            await interaction.response.defer()
            await goes_on.wait()
            try:
                await interaction.followup.send("done")
            except discord.HTTPException as error:
                codes.append(error.code)

        async with running(emulator, bot):
            reply = await alice.slash(orders, "work")
            assert reply.kind == "deferred"
            clock.advance(timedelta(minutes=15, seconds=1))
            goes_on.set()
            await emulator.wait_until(lambda: codes == [50027])


async def test_a_second_ack_is_refused(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    bot = make_bot()
    codes: list[int] = []

    @bot.tree.command(description="Is delivered twice")
    async def twice(interaction: Interaction) -> None:
        try:
            await interaction.response.send_message("once")
        except discord.HTTPException as error:
            codes.append(error.code)

    async with running(emulator, bot):
        reply = await bob.slash(orders, "twice")
        emulator.redeliver(reply.interaction.id)
        await emulator.wait_until(lambda: codes == [40060])
        assert [message.text for message in orders.messages] == ["once"]


def command(name: str = "ping") -> dict[str, Any]:
    return {"name": name, "description": "Says pong", "type": 1}


async def used(emulator: DiscordEmulator, api: Api, orders: Channel, person: Person) -> Reply:
    await api("PUT", f"/applications/{emulator.application_id}/commands", [command()])
    return await person.slash(orders, "ping", timeout_s=0.01)


@pytest.mark.parametrize("kind", [6, 7, 8, 1, 10, 77])
async def test_an_answer_that_does_not_fit_a_command_is_refused(
    emulator: DiscordEmulator, api: Api, orders: Channel, bob: Person, kind: int
) -> None:
    interaction = (await used(emulator, api, orders, bob)).interaction
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    status, body, _ = await api("POST", path, {"type": kind, "data": {"content": "x"}})
    assert (status, body["code"]) == (400, 50035)
    _, body, _ = await api("POST", path, {"type": 4, "data": {"content": "x" * 2001}})
    assert list(body["errors"]["data"]) == ["content"]
    assert (await api("POST", path, {"type": 4, "data": {"content": "x"}}))[0] == 204


async def test_an_activity_can_be_launched(emulator: DiscordEmulator, api: Api, orders: Channel, bob: Person) -> None:
    interaction = (await used(emulator, api, orders, bob)).interaction
    path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"
    status, body, _ = await api("POST", path, {"type": 12})
    assert status == 200
    assert body["resource"]["type"] == 12


async def test_unknown_tokens_are_unknown(emulator: DiscordEmulator, api: Api, orders: Channel, bob: Person) -> None:
    interaction = (await used(emulator, api, orders, bob)).interaction
    status, body, _ = await api("POST", f"/interactions/{interaction.id}/wrong/callback", {"type": 5})
    assert (status, body["code"]) == (404, 10062)
    followup = f"/webhooks/{emulator.application_id}/{interaction.token}"
    status, body, _ = await api("POST", followup, {"content": "before the answer"})
    assert (status, body["code"]) == (404, 10015)


async def test_onlookers_are_told_everything(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    bot = make_bot()
    seen: list[Event] = []
    stop = emulator.on_event(seen.append)

    @bot.tree.command(description="Whispers")
    async def whisper(interaction: Interaction, word: str) -> None:
        await interaction.response.send_message(f"psst, {word}", ephemeral=True)

    async with running(emulator, bot):
        reply = await bob.slash(orders, "whisper", {"word": "hello"})
        assert reply.acknowledged_ms is not None
        assert reply.acknowledged_ms < 1000
        stop()
    started = next(event for event in seen if isinstance(event, InteractionStarted))
    assert (started.actor, started.channel, started.text) == ("bob", "orders", "/whisper word:hello")
    whispered = next(event for event in seen if isinstance(event, EphemeralReply))
    assert (whispered.seen_by, whispered.text) == ("bob", "psst, hello")
    assert any(isinstance(event, InteractionAnswered) for event in seen)


async def test_ephemerals_are_for_one_person_only(
    emulator: DiscordEmulator, orders: Channel, alice: Person, bob: Person
) -> None:
    bot = make_bot()

    @bot.tree.command(description="Whispers")
    async def whisper(interaction: Interaction) -> None:
        await interaction.response.send_message("psst", ephemeral=True)

    async with running(emulator, bot):
        reply = await bob.slash(orders, "whisper")
        assert orders.messages == []
        assert [message.text for message in orders.visible_to(bob)] == ["psst"]
        assert orders.visible_to(alice) == []
        assert reply.message is not None
        channel = bot.get_channel(orders.id)
        assert isinstance(channel, discord.TextChannel)
        with pytest.raises(discord.NotFound) as refusal:
            await channel.fetch_message(reply.message.id)
        assert refusal.value.code == 10008


async def test_commands_work_in_private(emulator: DiscordEmulator, bob: Person) -> None:
    bot = make_bot()

    @bot.tree.command(description="Says hello")
    async def hello(interaction: Interaction) -> None:
        assert interaction.guild is None
        assert isinstance(interaction.user, discord.User)
        await interaction.response.send_message(f"hello {interaction.user.name}")

    async with running(emulator, bot):
        reply = await bob.slash(bob.direct, "hello")
        assert reply.text == "hello bob"
        assert [message.text for message in bob.inbox] == ["hello bob"]


async def test_context_menus(emulator: DiscordEmulator, orders: Channel, alice: Person, bob: Person) -> None:
    bot = make_bot()

    @bot.tree.context_menu(name="Greet")
    async def greet(interaction: Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"hello {member.name}")

    @bot.tree.context_menu(name="Quote")
    async def quote(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}")

    async with running(emulator, bot):
        assert (await bob.menu(orders, "Greet", alice)).text == "hello alice"
        message = await alice.send(orders, "to be or not")
        assert (await bob.menu(orders, "Quote", message)).text == "> to be or not"
