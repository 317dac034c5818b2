import io
from typing import Any

import discord
import pytest

from sandbox.discord import Channel, ClientRefusal, DiscordEmulator, Guild, Person
from sandbox.discord import permissions as perm
from tests.sandbox_discord.harness import Api, make_bot, running


async def posted(api: Api, channel: Channel, body: dict[str, Any]) -> tuple[int, Any]:
    status, answer, _ = await api("POST", f"/channels/{channel.id}/messages", body)
    return status, answer


def row(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(buttons)}


def button(custom_id: str, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": custom_id} | more


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


V2 = 1 << 15
BAD = [
    ({"content": "x" * 2001}, "content"),
    ({"embeds": [{"description": "x" * 3500}, {"description": "y" * 2501}]}, "embeds"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    ({"embeds": [{"title": "x" * 257}]}, "embeds"),
    ({"content": "x", "components": [row(button("a"), button("a"))]}, "components"),
    ({"content": "x", "components": [row(button(str(n))) for n in range(6)]}, "components"),
    ({"content": "x", "components": [row(*(button(str(n)) for n in range(6)))]}, "components"),
    ({"content": "x", "components": [row(button("x" * 101))]}, "components"),
    ({"content": "x", "components": [row(button("a", label="x" * 81))]}, "components"),
    ({"content": "x", "components": [text("legacy")]}, "components"),
    ({"content": "x", "flags": V2, "components": [text("new")]}, "content"),
    ({"embeds": [{"title": "x"}], "flags": V2, "components": [text("new")]}, "embeds"),
    ({"flags": V2}, "components"),
    ({"flags": V2, "components": [text("x" * 2001), text("y" * 2000)]}, "components"),
    ({"flags": V2, "components": [text("x")] * 41}, "components"),
    ({"flags": V2, "components": [{"type": 9, "components": [text("x")]}]}, "components"),
    ({"flags": V2, "components": [{"type": 12, "items": []}]}, "components"),
    ({"flags": V2, "components": [{"type": 17, "components": [{"type": 17}]}]}, "components"),
    (
        {"content": "x", "components": [row({"type": 3, "custom_id": "s", "options": []})]},
        "components",
    ),
]


@pytest.mark.parametrize(("body", "field"), BAD)
async def test_a_bad_form_is_refused(api: Api, orders: Channel, body: dict[str, Any], field: str) -> None:
    status, answer = await posted(api, orders, body)
    assert (status, answer["code"]) == (400, 50035)
    assert field in answer["errors"]
    assert orders.messages == []


async def test_an_empty_message_is_refused(api: Api, orders: Channel) -> None:
    status, answer = await posted(api, orders, {"content": ""})
    assert (status, answer["code"]) == (400, 50006)


async def test_what_does_not_exist_is_unknown(
    emulator: DiscordEmulator, api: Api, guild: Guild, orders: Channel
) -> None:
    stranger = emulator.add_person("stranger")
    role = guild.add_role("Booster")
    routes = {
        ("GET", "/channels/1"): 10003,
        ("GET", f"/channels/{orders.id}/messages/1"): 10008,
        ("GET", f"/guilds/{guild.id}/members/{stranger.id}"): 10007,
        ("GET", f"/guilds/{guild.id}/members/1"): 10013,
        ("PUT", f"/guilds/{guild.id}/members/{emulator.bot_id}/roles/1"): 10011,
        ("GET", "/users/1"): 10013,
        ("GET", "/guilds/1"): 10004,
        ("GET", f"/applications/{emulator.application_id}/commands/1"): 10063,
    }
    for (method, path), code in routes.items():
        status, answer, _ = await api(method, path)
        assert (status, answer["code"]) == (404, code), path
    assert role.id in guild.roles


async def test_a_route_nobody_serves_is_loud(emulator: DiscordEmulator, api: Api) -> None:
    status, answer, _ = await api("GET", "/no/such/route")
    assert (status, answer["code"]) == (404, 0)
    assert list(emulator.rest.unknown_routes) == ["GET /api/v10/no/such/route"]


async def test_a_wrong_token_is_unauthorised(api: Api) -> None:
    assert (await api("GET", "/users/@me", token="nonsense"))[0] == 401


async def test_permissions_of_the_bot_are_checked(
    emulator: DiscordEmulator, api: Api, orders: Channel, alice: Person
) -> None:
    bot = emulator.world.bot
    message = await alice.send(orders, "mine")
    status, answer, _ = await api("PATCH", f"/channels/{orders.id}/messages/{message.id}", {"content": "x"})
    assert (status, answer["code"]) == (403, 50005)
    orders.silence(bot)
    status, answer = await posted(api, orders, {"content": "hello"})
    assert (status, answer["code"]) == (403, 50013)
    orders.hide_from(bot)
    status, answer = await posted(api, orders, {"content": "hello"})
    assert (status, answer["code"]) == (403, 50001)


async def test_a_repeated_nonce_posts_nothing(emulator: DiscordEmulator, api: Api, orders: Channel) -> None:
    body = {"content": "once", "nonce": "abc", "enforce_nonce": True}
    first = (await posted(api, orders, body))[1]
    second = (await posted(api, orders, body))[1]
    assert first["id"] == second["id"]
    assert len(orders.messages) == 1
    third = (await posted(api, orders, {"content": "again", "nonce": "abc"}))[1]
    assert third["id"] != first["id"]


async def test_files_travel_both_ways(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    bot = make_bot()
    heard: list[bytes] = []

    @bot.event
    async def on_message(message: discord.Message) -> None:
        if message.author != bot.user:
            heard.append(await message.attachments[0].read())

    async with running(emulator, bot):
        channel = bot.get_channel(orders.id)
        assert isinstance(channel, discord.TextChannel)
        files = [discord.File(io.BytesIO(b"one"), "1.txt"), discord.File(io.BytesIO(b"two"), "2.txt")]
        sent = await channel.send("two files", files=files)
        assert [file.bytes for file in orders.messages[0].attachments] == [b"one", b"two"]
        assert await sent.attachments[1].read() == b"two"
        await sent.edit(attachments=[sent.attachments[1]])
        assert [file.filename for file in orders.messages[0].attachments] == ["2.txt"]
        await bob.send(orders, "mine", files=[("photo.png", b"pixels")])
        await emulator.wait_until(lambda: heard == [b"pixels"])


async def test_files_too_large_are_refused(emulator: DiscordEmulator, orders: Channel) -> None:
    async with running(emulator, make_bot()) as bot:
        channel = bot.get_channel(orders.id)
        assert isinstance(channel, discord.TextChannel)
        big = discord.File(io.BytesIO(bytes(10 * 1024 * 1024 + 1)), "big.bin")
        with pytest.raises(discord.HTTPException) as refusal:
            await channel.send(file=big)
        assert (refusal.value.status, refusal.value.code) == (413, 40005)


async def test_a_bot_talks_in_a_channel(
    emulator: DiscordEmulator, guild: Guild, orders: Channel, alice: Person, bob: Person
) -> None:
    emulator.ratelimits.enabled = False
    async with running(emulator, make_bot(), sync=False) as bot:
        channel = bot.get_channel(orders.id)
        assert isinstance(channel, discord.TextChannel)
        question = await alice.send(orders, "anybody?")
        fetched = await channel.fetch_message(question.id)
        answer = await fetched.reply("me!", allowed_mentions=discord.AllowedMentions.none())
        assert answer.reference is not None
        assert orders.messages[1].reference is question
        await answer.edit(content="I do")
        assert orders.messages[1].edited
        await answer.add_reaction("👍")
        await bob.react(orders.messages[1], "👍")
        await channel.typing()
        again = await channel.fetch_message(answer.id)
        assert [(str(r.emoji), r.count, r.me) for r in again.reactions] == [("👍", 2, True)]
        assert {user.name async for user in again.reactions[0].users()} == {"guildhall", "bob"}
        await again.remove_reaction("👍", discord.Object(bob.id))
        await answer.pin()
        assert [pin.id async for pin in channel.pins()] == [answer.id]
        await answer.unpin()
        assert [m.content async for m in channel.history(limit=10)] == ["I do", "anybody?"]
        assert [m.content async for m in channel.history(after=question_object(question.id))] == ["I do"]
        await answer.delete()
        assert [m.text for m in orders.messages] == ["anybody?"]
        user = await bot.fetch_user(bob.id)
        await user.send("psst")
        assert [m.text for m in bob.inbox] == ["psst"]


def question_object(number: int) -> discord.Object:
    return discord.Object(number)


async def test_components_v2_are_read_and_clicked(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    bot = make_bot()

    class Claim(discord.ui.Button[Any]):
        async def callback(self, interaction: discord.Interaction) -> None:
            await interaction.response.send_message("claimed", ephemeral=True)

    class Card(discord.ui.LayoutView):
        def __init__(self) -> None:
            super().__init__(timeout=None)
            claim = Claim(label="Claim", emoji="✋")
            section: Any = discord.ui.Section("Order **4821**", "LoL, Gold", accessory=claim)
            link: Any = discord.ui.Button(label="Rules", url="https://example.org")
            row: Any = discord.ui.ActionRow(link)
            picture: Any = discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png"))
            parts: Any = (section, discord.ui.Separator(), picture, row)
            self.add_item(discord.ui.Container(*parts, accent_colour=0x00FF00))

    @bot.tree.command(description="Show a card")
    async def card(interaction: discord.Interaction) -> None:
        picture = discord.File(io.BytesIO(b"PNG"), "a.png")
        await interaction.response.send_message(view=Card(), file=picture)

    async with running(emulator, bot):
        shown = await bob.slash(orders, "card")
        assert shown.text == "Order **4821**\nLoL, Gold"
        assert shown.message is not None
        assert [b.label for b in shown.message.buttons] == ["Claim", "Rules"]
        assert (await bob.click(shown, "✋ Claim")).text == "claimed"
        with pytest.raises(ClientRefusal, match="outside"):
            await bob.click(shown, "Rules")


async def test_threads_posts_and_archives(
    emulator: DiscordEmulator, guild: Guild, orders: Channel, bob: Person
) -> None:
    emulator.ratelimits.enabled = False
    forum = guild.add_forum("conversations", tags=["new", "done"])
    async with running(emulator, make_bot(), sync=False) as bot:
        channel, there = bot.get_channel(orders.id), bot.get_channel(forum.id)
        assert isinstance(channel, discord.TextChannel)
        assert isinstance(there, discord.ForumChannel)
        message = await channel.send("start")
        thread = await message.create_thread(name="from a message")
        assert thread.id == message.id
        with pytest.raises(discord.HTTPException) as refusal:
            await channel.create_thread(name="again", message=message)
        assert refusal.value.code == 160004
        private = await channel.create_thread(name="private")
        secret = guild.channels[private.id]
        with pytest.raises(ClientRefusal, match="cannot see"):
            await bob.send(secret, "let me in")
        await private.add_user(discord.Object(bob.id))
        await bob.send(secret, "thanks")
        post = await there.create_thread(name="Ana", content="Hi!", applied_tags=[there.available_tags[0]])
        assert [m.text for m in guild.channels[post.thread.id].messages] == ["Hi!"]
        await post.thread.edit(archived=True, locked=True)
        with pytest.raises(ClientRefusal):
            await bob.send(guild.channels[post.thread.id], "hello?")
        await post.thread.edit(archived=False, locked=False, name="Ana B.")
        await post.thread.edit(archived=True)
        assert [t.name async for t in there.archived_threads()] == ["Ana B."]
        await bob.send(guild.channels[post.thread.id], "wake up")
        info = guild.channels[post.thread.id].thread
        assert info is not None
        assert not info.archived


async def test_roles_and_channels_are_managed(emulator: DiscordEmulator, guild: Guild, bob: Person) -> None:
    emulator.ratelimits.enabled = False
    booster = guild.add_role("Booster")
    async with running(emulator, make_bot(), sync=False) as bot:
        theirs = bot.get_guild(guild.id)
        assert theirs is not None
        member = await theirs.fetch_member(bob.id)
        await member.add_roles(discord.Object(booster.id))
        assert guild.members[bob.id].role_ids == [booster.id]
        guild.take_role(bob, booster)
        cached = theirs.get_member(bob.id)
        await emulator.wait_until(lambda: cached is not None and len(cached.roles) == 1)
        made = await theirs.create_role(name="Seller", colour=discord.Colour(0xFF0000))
        assert guild.roles[made.id].color == 0xFF0000
        await made.delete()
        hidden: dict[Any, discord.PermissionOverwrite] = {
            theirs.default_role: discord.PermissionOverwrite(view_channel=False),
            theirs.me: discord.PermissionOverwrite(view_channel=True),
        }
        channel = await theirs.create_text_channel("staff only", overwrites=hidden)
        assert guild.channels[channel.id].name == "staff-only"
        assert not guild.channels[channel.id].permissions_of(bob) & perm.VIEW_CHANNEL
        await channel.edit(topic="secret")
        await channel.delete()
        assert channel.id not in guild.channels
        hook_home = await theirs.create_text_channel("news")
        hook = await hook_home.create_webhook(name="Herald")
        message = await hook.send("hear ye", username="Crier", wait=True)
        await message.edit(content="hear, hear")
        assert guild.channels[hook_home.id].messages[0].author.username == "Crier"
        await hook.delete()
        managed = theirs.me.roles[-1]
        with pytest.raises(discord.Forbidden) as refusal:
            await member.add_roles(managed)
        assert refusal.value.code == 50013
