"""A bot that uses as much of Discord as Guildhall ever may, so that the referee sees it all."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord
from discord import app_commands

from tests.sandbox_referee.broad_views import Card, Intake, Interaction, Ledger, People

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
_FRENCH = {"order": "commande", "Places an order": "Passe une commande", "game": "jeu", "Eldoria": "Eldoria (FR)"}


class French(app_commands.Translator):
    """Translates what it knows into French."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the French text, where there is one."""
        return _FRENCH.get(string.message) if locale is discord.Locale.french else None


class BroadBot(discord.Client):
    """A client with commands of every kind."""

    def __init__(self) -> None:
        intents = discord.Intents.default()
        intents.message_content = intents.members = True
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none(), guild_ready_timeout=0.2)
        self.has_guilds = asyncio.Event()
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.tree: app_commands.CommandTree[Any] = app_commands.CommandTree(self)
        commands: tuple[Any, ...] = (order, slow, card, people, ledger, form, chart, stock, greet, quote)
        for command in commands:
            self.tree.add_command(command)

    async def on_ready(self) -> None:
        """Let the session begin."""
        self.has_guilds.set()

    async def on_message(self, message: discord.Message) -> None:
        """Remember what was said last in private."""
        if message.guild is None and not message.author.bot:
            self.heard.put_nowait(message.content)

    async def setup_hook(self) -> None:
        """Register everything before the gateway opens."""
        await self.tree.set_translator(French())
        await self.tree.sync()
        self.add_view(Card())
        self.add_view(People())


def picture(name: str = "chart.png") -> discord.File:
    """A file to upload."""
    return discord.File(io.BytesIO(PICTURE), name, description="A chart")


@app_commands.command(name=app_commands.locale_str("order"), description=app_commands.locale_str("Places an order"))
@app_commands.rename(game=app_commands.locale_str("game"))
@app_commands.choices(speed=[app_commands.Choice(name="Normal", value=1), app_commands.Choice(name="Fast", value=2)])
@app_commands.guild_only()
async def order(
    interaction: Interaction,
    game: str,
    levels: app_commands.Range[int, 1, 50],
    speed: app_commands.Choice[int] | None = None,
    booster: discord.Member | None = None,
    where: discord.TextChannel | None = None,
    rate: float = 1.0,
    is_rush: bool = False,
    proof: discord.Attachment | None = None,
    role: discord.Role | None = None,
) -> None:
    """Answer with an embed that only the asker sees."""
    embed = discord.Embed(title=f"{game} +{levels}", description="Placed", colour=0x5865F2)
    embed.add_field(name="Rate", value=f"{rate:.2f}").set_footer(text="4821")
    if booster is not None:
        embed.set_author(name=booster.display_name)
    if proof is not None:
        embed.add_field(name="Proof", value=f"{proof.filename} {len(await proof.read())}")
    await interaction.response.send_message(embed=embed, ephemeral=True)


@order.autocomplete("game")
async def _games(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    names = [name for name in ("Eldoria", "Rift") if current.lower() in name.lower()]
    return [app_commands.Choice(name=app_commands.locale_str(name), value=name.lower()) for name in names]


@app_commands.command()
async def slow(interaction: Interaction) -> None:
    """Answers late, more than once and with a file"""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await interaction.edit_original_response(content="Here it is", attachments=[picture()])
    followup = await interaction.followup.send("And more", file=picture("more.png"), wait=True, ephemeral=True)
    await followup.edit(content="And even more", attachments=followup.attachments)
    gone = await interaction.followup.send("Never mind", wait=True)
    await gone.delete()
    await interaction.original_response()
    await interaction.followup.send("That is all", silent=True)


@app_commands.command()
async def card(interaction: Interaction) -> None:
    """Posts a card with buttons"""
    await interaction.response.send_message("Order 4821", view=Card())


@app_commands.command()
async def people(interaction: Interaction) -> None:
    """Posts menus of people and channels"""
    await interaction.response.send_message("Who?", view=People())


@app_commands.command()
async def ledger(interaction: Interaction) -> None:
    """Posts a message made of components"""
    await interaction.response.send_message(view=Ledger(), file=picture())


@app_commands.command()
async def form(interaction: Interaction) -> None:
    """Opens a form"""
    await interaction.response.send_modal(Intake())


@app_commands.command()
async def chart(interaction: Interaction) -> None:
    """Answers with two files and a mention"""
    await interaction.response.send_message(
        f"For {interaction.user.mention}",
        files=[picture(), picture("second.png")],
        embed=discord.Embed(title="Week", timestamp=discord.utils.utcnow()).set_image(url="attachment://chart.png"),
        allowed_mentions=discord.AllowedMentions(users=True),
    )


stock = app_commands.Group(
    name="stock", description="The shelf", default_permissions=discord.Permissions(manage_guild=True)
)


@stock.command(name="set")
async def stock_set(interaction: Interaction, item: str, count: int) -> None:
    """Counts one item"""
    await interaction.response.send_message(f"{item}: {count}", ephemeral=True, silent=True)


@app_commands.context_menu(name="Greet")
async def greet(interaction: Interaction, member: discord.Member) -> None:
    await interaction.response.send_message(f"Hello {member.display_name}", ephemeral=True)


@app_commands.context_menu(name="Quote")
async def quote(interaction: Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"> {message.content}", ephemeral=True)
