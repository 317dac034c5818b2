from typing import Any, Literal

import discord
import pytest
from discord import app_commands

from sandbox.discord import Channel, ClientRefusal, DiscordEmulator, Guild, Person, Reply
from tests.sandbox_discord.harness import make_bot, running

Interaction = discord.Interaction


class Spanish(app_commands.Translator):
    async def translate(self, string: app_commands.locale_str, locale: discord.Locale, context: Any) -> str | None:
        words = {"order": "pedido", "new": "nuevo", "game": "juego"}
        return words.get(string.message) if locale is discord.Locale.spain_spanish else None


def shop() -> Any:
    bot = make_bot()
    group = app_commands.Group(name="order", description="Orders")

    @group.command(name="new", description="Open an order")
    async def new(
        interaction: Interaction,
        game: Literal["LoL", "Dota"],
        hours: app_commands.Range[int, 1, 10] = 1,
        note: app_commands.Range[str, 2, 5] = "none",
        who: discord.Member | None = None,
        role: discord.Role | None = None,
        where: discord.TextChannel | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        size = len(await file.read()) if file else 0
        await interaction.response.send_message(f"{game} {hours} {note} {who} {role} {where} {size}")

    @bot.tree.command(description="For managers")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def close(interaction: Interaction) -> None:
        await interaction.response.send_message("closed")

    bot.tree.add_command(group)
    return bot


@pytest.mark.parametrize(
    ("words", "options", "match"),
    [
        ("nothing", {}, "no command"),
        ("order", {}, "needs a subcommand"),
        ("order old", {}, "no subcommand"),
        ("order new", {}, "required"),
        ("order new", {"game": "Chess"}, "not one of"),
        ("order new", {"game": "LoL", "colour": "red"}, "no such options"),
        ("order new", {"game": "LoL", "hours": 11}, "not within"),
        ("order new", {"game": "LoL", "hours": "two"}, "whole number"),
        ("order new", {"game": "LoL", "note": "x"}, "characters"),
        ("order new", {"game": "LoL", "who": "bob"}, "pick a user"),
        ("close", {}, "hidden"),
    ],
)
async def test_the_client_refuses(
    emulator: DiscordEmulator, orders: Channel, bob: Person, words: str, options: dict[str, Any], match: str
) -> None:
    async with running(emulator, shop()):
        with pytest.raises(ClientRefusal, match=match):
            await bob.slash(orders, words, options)


async def test_every_type_of_option_arrives(
    emulator: DiscordEmulator, guild: Guild, orders: Channel, alice: Person, bob: Person
) -> None:
    booster = guild.add_role("Booster")
    bot = shop()
    async with running(emulator, bot, sync=False):
        await bot.tree.set_translator(Spanish())
        await bot.tree.sync()
        options = {"game": "LoL", "hours": 2, "note": "abc", "who": bob, "role": booster}
        reply = await bob.slash(orders, "order new", options | {"where": orders, "file": ("a", b"12")})
        assert reply.text == "LoL 2 abc bob Booster orders 2"
        assert (await alice.slash(orders, "pedido nuevo", {"juego": "Dota"})).text.startswith("Dota 1")
        with pytest.raises(ClientRefusal):
            await bob.slash(orders, "pedido nuevo", {"juego": "Dota"})
        assert (await alice.slash(orders, "close")).text == "closed"
        with pytest.raises(ClientRefusal, match="this kind of channel"):
            await alice.slash(alice.direct, "close")


async def test_hidden_channels_and_foreign_messages_are_out_of_reach(
    emulator: DiscordEmulator, guild: Guild, orders: Channel, alice: Person, bob: Person
) -> None:
    bot = make_bot()

    class Panel(discord.ui.View):
        @discord.ui.button(label="Go")
        async def go(self, interaction: Interaction, _: Any) -> None:
            await interaction.response.edit_message(content="gone")

        @discord.ui.button(label="Off", disabled=True)
        async def off(self, interaction: Interaction, _: Any) -> None: ...

    @bot.tree.command(description="Whispers")
    async def whisper(interaction: Interaction) -> None:
        await interaction.response.send_message("psst", ephemeral=True, view=Panel())

    async with running(emulator, bot):
        reply = await bob.slash(orders, "whisper")
        for act, match in (
            (lambda: alice.click(reply, "Go"), "ephemeral"),
            (lambda: bob.click(reply, "Off"), "disabled"),
            (lambda: bob.click(reply, "Stop"), "no button"),
            (lambda: bob.submit(reply, {}), "no modal"),
            (lambda: bob.send(orders, ""), "empty"),
        ):
            with pytest.raises(ClientRefusal, match=match):
                await act()
        assert (await bob.click(reply, "Go")).text == "gone"
        assert reply.message is not None
        await bob.delete(reply.message)
        with pytest.raises(ClientRefusal, match="deleted"):
            await bob.click(reply, "Go")
        staff = guild.add_channel("staff", visible_to=[alice])
        with pytest.raises(ClientRefusal, match="cannot see"):
            await bob.slash(staff, "whisper")


class Form(discord.ui.Modal, title="Order"):
    name: Any = discord.ui.Label(text="Name", component=discord.ui.TextInput(min_length=2, max_length=5))
    game: Any = discord.ui.Label(
        text="Game",
        component=discord.ui.Select(options=[discord.SelectOption(label="League", value="lol")]),
    )
    who: Any = discord.ui.Label(text="Who", component=discord.ui.UserSelect(required=False))
    rank: Any = discord.ui.Label(
        text="Rank",
        component=discord.ui.RadioGroup(
            options=[discord.RadioGroupOption(label=n, value=n.lower()) for n in ("Gold", "Iron")]
        ),
    )
    proof: Any = discord.ui.Label(text="Proof", component=discord.ui.FileUpload(required=False))

    async def on_submit(self, interaction: Interaction) -> None:
        files = self.proof.component.values
        proof = await files[0].read() if files else b""
        people = [str(user) for user in self.who.component.values]
        parts = (self.name.component.value, self.game.component.values, people)
        await interaction.response.send_message(f"{parts} {self.rank.component.value} {proof!r}")


class Checks(discord.ui.Modal, title="Checks"):
    extras: Any = discord.ui.Label(
        text="Extras",
        component=discord.ui.CheckboxGroup(
            options=[discord.CheckboxGroupOption(label=n, value=n) for n in "abc"], max_values=2
        ),
    )
    sure: Any = discord.ui.Label(text="Sure", component=discord.ui.Checkbox())
    news: Any = discord.ui.Label(text="News", component=discord.ui.Checkbox(default=True))

    async def on_submit(self, interaction: Interaction) -> None:
        await interaction.response.edit_message(
            content=f"{self.extras.component.values} {self.sure.component.value} {self.news.component.value}", view=None
        )


class Menu(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.select(
        custom_id="pick",
        placeholder="Pick",
        max_values=2,
        options=[discord.SelectOption(label=n.upper(), value=n) for n in "abc"],
    )
    async def pick(self, interaction: Interaction, select: discord.ui.Select[Any]) -> None:
        await interaction.response.send_message(",".join(select.values))

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who")
    async def who(self, interaction: Interaction, select: discord.ui.UserSelect[Any]) -> None:
        await interaction.response.send_message(f"{select.values[0]}")

    @discord.ui.select(cls=discord.ui.ChannelSelect, custom_id="where", channel_types=[discord.ChannelType.forum])
    async def where(self, interaction: Interaction, select: discord.ui.ChannelSelect[Any]) -> None:
        await interaction.response.send_message(f"{select.values[0].name}")

    @discord.ui.button(label="Checks", custom_id="checks")
    async def checks(self, interaction: Interaction, _: Any) -> None:
        await interaction.response.send_modal(Checks())


def forms() -> Any:
    bot = make_bot()
    bot.setup_hook = lambda: _persist(bot)  # type: ignore[method-assign]  # the library asks for it to be replaced

    @bot.tree.command(description="Ask")
    async def ask(interaction: Interaction) -> None:
        await interaction.response.send_modal(Form())

    @bot.tree.command(description="Menus")
    async def menus(interaction: Interaction) -> None:
        await interaction.response.send_message("menus", view=Menu())

    return bot


async def _persist(bot: Any) -> None:
    bot.add_view(Menu())


async def test_modals_carry_every_kind_of_field(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    async with running(emulator, forms()):
        opened = await bob.slash(orders, "ask")
        good = {"Name": "Ana", "Game": "League", "Rank": "Gold"}
        for bad, match in (
            ({"Name": "A"}, "characters"),
            ({"Name": ""}, "required"),
            ({"Game": "Chess"}, "not among"),
            ({"Rank": None}, "required"),
            ({"Colour": "red"}, "no fields"),
        ):
            with pytest.raises(ClientRefusal, match=match):
                await bob.submit(opened, good | bad)
        reply = await bob.submit(opened, good | {"Who": [bob], "Proof": ("a.txt", b"x")})
        assert reply.text == "('Ana', ['lol'], ['bob']) gold b'x'"


async def test_menus_and_a_modal_that_edits_its_message(
    emulator: DiscordEmulator, guild: Guild, orders: Channel, bob: Person
) -> None:
    forum = guild.add_forum("talk")
    async with running(emulator, forms()):
        shown = await bob.slash(orders, "menus")
        assert (await bob.choose(shown, ["A", "c"], placeholder="Pick")).text == "a,c"
        assert (await bob.choose(shown, [bob], custom_id="who")).text == "bob"
        assert (await bob.choose(shown, [forum], custom_id="where")).text == "talk"
        for values, menu, match in (
            (["a", "b", "c"], "pick", "pick 1 to 2"),
            (["z"], "pick", "not among"),
            ([orders], "where", "types"),
            (["bob"], "who", "pick a user"),
        ):
            with pytest.raises(ClientRefusal, match=match):
                await bob.choose(shown, values, menu)
        opened = await bob.click(shown, "Checks")
        with pytest.raises(ClientRefusal, match="takes 1 to 2"):
            await bob.submit(opened, {"Extras": ["a", "b", "c"]})
        reply = await bob.submit(opened, {"Extras": ["a", "b"], "Sure": True})
        assert reply.kind == "update"
        assert shown.text == "['a', 'b'] True True"


async def test_persistent_views_survive_a_restart(emulator: DiscordEmulator, orders: Channel, bob: Person) -> None:
    async with running(emulator, forms()):
        shown: Reply = await bob.slash(orders, "menus")
    async with running(emulator, forms(), sync=False):
        assert (await bob.choose(shown, ["b"], "pick")).text == "b"
