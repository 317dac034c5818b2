import discord
import pytest
from discord.ext import commands

from sandbox.discord import Channel, ClientRefusal, DiscordEmulator, Person
from tests.sandbox_discord.harness import make_bot, running


class Name(discord.ui.Modal, title="Your order"):
    game: discord.ui.Label[discord.ui.Modal] = discord.ui.Label(
        text="Game", component=discord.ui.TextInput(max_length=10)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert isinstance(self.game.component, discord.ui.TextInput)
        await interaction.response.send_message(f"ordered {self.game.component.value}", ephemeral=True)


class Card(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Order", custom_id="card:order")
    async def order(self, interaction: discord.Interaction, _: discord.ui.Button[discord.ui.View]) -> None:
        await interaction.response.send_modal(Name())

    @discord.ui.button(label="Done", custom_id="card:done")
    async def done(self, interaction: discord.Interaction, _: discord.ui.Button[discord.ui.View]) -> None:
        await interaction.response.edit_message(content="done", view=None)


def order_bot(kind: type[commands.Bot] = commands.Bot) -> commands.Bot:
    bot = make_bot(kind)

    @bot.tree.command(name="card", description="Show the card")
    async def card(interaction: discord.Interaction, game: str) -> None:
        await interaction.response.send_message(f"card of {game} in {interaction.locale}", view=Card())

    return bot


@pytest.mark.parametrize("kind", [commands.Bot, commands.AutoShardedBot])
async def test_slash_button_modal(
    emulator: DiscordEmulator, orders: Channel, alice: Person, kind: type[commands.Bot]
) -> None:
    async with running(emulator, order_bot(kind)):
        reply = await alice.slash(orders, "card", {"game": "LoL"})
        assert reply.kind == "message"
        assert reply.text == "card of LoL in es-ES"
        opened = await alice.click(reply, label="Order")
        assert opened.kind == "modal"
        assert opened.modal is not None
        assert opened.modal.title == "Your order"
        with pytest.raises(ClientRefusal, match="characters"):
            await alice.submit(opened, {"Game": "x" * 11})
        answer = await alice.submit(opened, {"Game": "Dota"})
        assert answer.ephemeral
        assert answer.text == "ordered Dota"
        done = await alice.click(reply, label="Done")
        assert done.kind == "update"
        assert orders.messages[0].text == "done"
        assert orders.messages[0].buttons == []
