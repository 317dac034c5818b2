"""What happens in the broad session: each act uses one part of Discord and checks that it worked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord
import pytest

from sandbox.discord import DiscordEmulator
from sandbox.discord.guild import Guild
from sandbox.discord.people import Person
from sandbox.discord.state import Channel
from tests.sandbox_referee.broad_bot import PICTURE, BroadBot, picture


@dataclass
class Stage:
    """Everybody and everything that takes part."""

    emulator: DiscordEmulator
    bot: BroadBot
    guild: Guild
    orders: Channel
    forum: Channel
    owner: Person
    ana: Person

    @property
    def seen_orders(self) -> discord.TextChannel:
        """The orders channel as the bot sees it."""
        channel = self.bot.get_channel(self.orders.id)
        assert isinstance(channel, discord.TextChannel)
        return channel


Act = Callable[[Stage], Awaitable[None]]


async def slash_with_every_kind_of_option(stage: Stage) -> None:
    role = stage.guild.add_role("Booster")
    options = {
        "game": "eldoria", "levels": 10, "speed": "Fast", "booster": stage.owner, "where": stage.orders,
        "rate": 1.5, "is_rush": True, "proof": ("proof.png", PICTURE), "role": role,
    }  # fmt: skip
    reply = await stage.ana.slash(stage.orders, "order", options)
    assert reply.ephemeral
    assert "eldoria +10" in reply.text
    assert f"proof.png {len(PICTURE)}" in reply.text


async def autocomplete_in_two_languages(stage: Stage) -> None:
    assert [c["value"] for c in await stage.ana.autocomplete(stage.orders, "order", "game", "eld")] == ["eldoria"]
    french = stage.emulator.add_person("luc", locale="fr")
    stage.guild.join(french)
    choices = await french.autocomplete(stage.orders, "commande", "jeu", "eld")
    assert choices[0]["value"] == "eldoria"


async def defer_edit_and_follow_up_with_files(stage: Stage) -> None:
    reply = await stage.ana.slash(stage.orders, "slow")
    await stage.emulator.wait_until(lambda: [m.text for m in reply.followups][1:] == ["That is all"])
    assert reply.text == "Here it is"
    assert reply.message is not None
    assert reply.message.attachments[0].filename == "chart.png"
    assert reply.followups[0].text == "And even more"


async def press_and_choose_on_a_card(stage: Stage) -> None:
    reply = await stage.ana.slash(stage.orders, "card")
    assert (await stage.ana.choose(reply, ["Done"])).text == "Stage is done"
    assert (await stage.ana.click(reply, "Claim")).text == "Claimed by Ana"
    later = await stage.ana.slash(stage.orders, "card")
    pressed = await stage.ana.click(later, "Later")
    await stage.emulator.wait_until(lambda: pressed.text == "Put off until later.")


async def choose_people_and_channels(stage: Stage) -> None:
    reply = await stage.ana.slash(stage.orders, "people")
    assert (await stage.ana.choose(reply, [stage.owner], "people:user")).text == "Picked Olga"
    assert (await stage.ana.choose(reply, [stage.orders], "people:channel")).text == "In orders"


async def press_inside_components_v2(stage: Stage) -> None:
    reply = await stage.ana.slash(stage.orders, "ledger")
    assert "Payment is due." in reply.text
    assert "Opened." in (await stage.ana.click(reply, "Open")).text


async def fill_in_a_modal(stage: Stage) -> None:
    opened = await stage.ana.slash(stage.orders, "form")
    values = {
        "Customer": "Mia", "Game": ["Rift"], "Speed": "Fast", "Screenshot": ("s.png", PICTURE), "Terms accepted": True,
    }  # fmt: skip
    reply = await stage.ana.submit(opened, values)
    assert reply.text == "Mia rift f s.png True"


async def answer_with_several_files(stage: Stage) -> None:
    reply = await stage.ana.slash(stage.orders, "chart")
    assert reply.message is not None
    assert [file.filename for file in reply.message.attachments] == ["chart.png", "second.png"]


async def use_groups_and_context_menus(stage: Stage) -> None:
    reply = await stage.owner.slash(stage.orders, "stock set", {"item": "Keys", "count": 3})
    assert reply.text == "Keys: 3"
    assert (await stage.ana.menu(stage.orders, "Greet", stage.owner)).text == "Hello Olga"
    said = await stage.ana.send(stage.orders, "wise words")
    assert (await stage.ana.menu(stage.orders, "Quote", said)).text == "> wise words"


async def send_edit_and_delete_messages(stage: Stage) -> None:
    channel = stage.seen_orders
    sent = await channel.send("first", nonce="n-1", embed=discord.Embed(title="One"))
    await sent.edit(content="second", embeds=sent.embeds, attachments=[picture()])
    await sent.add_reaction("👍")
    await sent.pin()
    await sent.remove_reaction("👍", channel.guild.me)
    assert sent.id in [message.id async for message in channel.history(limit=5)]
    assert (await channel.fetch_message(sent.id)).content == "second"
    pinged = discord.AllowedMentions(
        users=[discord.Object(stage.ana.id)], roles=[discord.Object(next(iter(stage.guild.roles)))]
    )
    reply = await sent.reply("third", allowed_mentions=pinged)
    async with channel.typing():
        await reply.delete()
    await sent.unpin()


async def write_to_a_person_directly(stage: Stage) -> None:
    user = await stage.bot.fetch_user(stage.ana.id)
    message = await user.send("Your order is done.", file=picture())
    await message.edit(content="Your order is paid.")
    assert [m.text for m in stage.ana.inbox] == ["Your order is paid."]
    await stage.ana.send(stage.ana.direct, "thanks")
    assert await asyncio.wait_for(stage.bot.heard.get(), 60) == "thanks"


async def open_threads_and_posts(stage: Stage) -> None:
    channel = stage.seen_orders
    private = await channel.create_thread(name="order-4821", type=discord.ChannelType.private_thread)
    await private.add_user(discord.Object(stage.ana.id))
    await private.send("between us")
    message = await channel.send("talk here")
    public = await message.create_thread(name="talk", auto_archive_duration=60)
    await public.edit(archived=True, locked=True)
    forum = stage.bot.get_channel(stage.forum.id)
    assert isinstance(forum, discord.ForumChannel)
    post = await forum.create_thread(
        name="Mia", content="A new contact", applied_tags=[forum.available_tags[0]], file=picture()
    )
    await post.thread.edit(name="Mia Wong")
    written = await post.thread.send("note")
    assert written.channel.id == post.thread.id


async def manage_channels_and_roles(stage: Stage) -> None:
    guild = stage.bot.get_guild(stage.guild.id)
    assert guild is not None
    channel = await guild.create_text_channel("bookings", topic="Who comes when")
    await channel.edit(topic="Nobody", slowmode_delay=5)
    role = await guild.create_role(name="Seller", colour=discord.Colour.green())
    await channel.set_permissions(role, send_messages=False)
    member = await guild.fetch_member(stage.ana.id)
    await member.add_roles(role)
    await member.remove_roles(role)
    await member.edit(nick="Anita")
    await channel.delete()
    await role.delete()


async def post_through_a_webhook(stage: Stage) -> None:
    webhook = await stage.seen_orders.create_webhook(name="Mirror")
    sent = await webhook.send("from outside", username="Mia", wait=True, file=picture())
    await sent.edit(content="from far outside")
    await sent.delete()
    await webhook.delete()


async def sync_one_guild_and_look_things_up(stage: Stage) -> None:
    guild = stage.bot.get_guild(stage.guild.id)
    assert guild is not None
    stage.bot.tree.copy_global_to(guild=guild)
    assert len(await stage.bot.tree.sync(guild=guild)) == len(await stage.bot.tree.fetch_commands())
    assert (await stage.bot.fetch_guild(guild.id)).name == "Shop"
    assert len(await guild.fetch_channels()) == 2
    assert await guild.fetch_roles()
    assert (await stage.bot.fetch_channel(stage.forum.id)).id == stage.forum.id
    assert {m.name for m in await guild.chunk()} >= {"olga", "ana"}
    with pytest.raises(discord.NotFound):
        await stage.seen_orders.fetch_message(1)


ACTS: tuple[Act, ...] = (
    slash_with_every_kind_of_option,
    autocomplete_in_two_languages,
    defer_edit_and_follow_up_with_files,
    press_and_choose_on_a_card,
    choose_people_and_channels,
    press_inside_components_v2,
    fill_in_a_modal,
    answer_with_several_files,
    use_groups_and_context_menus,
    send_edit_and_delete_messages,
    write_to_a_person_directly,
    open_threads_and_posts,
    manage_channels_and_roles,
    post_through_a_webhook,
    sync_one_guild_and_look_things_up,
)
