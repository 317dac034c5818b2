"""Cards, menus and forms of the broad session: one of every kind of component that Guildhall may use."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

Interaction = discord.Interaction[Any]


class Card(ui.View):
    """A message of the old kind with a button and a menu."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="Claim", style=discord.ButtonStyle.success, custom_id="card:claim", emoji="✅")
    async def claim(self, interaction: Interaction, button: ui.Button[Card]) -> None:
        """Edit the card in place."""
        button.disabled = True
        await interaction.response.edit_message(content=f"Claimed by {interaction.user.display_name}", view=self)

    @ui.button(label="Later", style=discord.ButtonStyle.secondary, custom_id="card:later")
    async def later(self, interaction: Interaction, button: ui.Button[Card]) -> None:
        """Acknowledge first and edit afterwards."""
        await interaction.response.defer()
        await interaction.edit_original_response(content="Put off until later.")

    @ui.select(
        placeholder="Stage",
        custom_id="card:stage",
        options=[discord.SelectOption(label="Open", value="open"), discord.SelectOption(label="Done", value="done")],
    )
    async def stage(self, interaction: Interaction, select: ui.Select[Card]) -> None:
        """Say which value was chosen."""
        await interaction.response.send_message(f"Stage is {select.values[0]}", ephemeral=True)


class People(ui.View):
    """Menus that Discord fills itself."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.select(cls=ui.UserSelect, placeholder="Booster", custom_id="people:user")
    async def user(self, interaction: Interaction, select: ui.UserSelect[People]) -> None:
        """Name the person."""
        await interaction.response.send_message(f"Picked {select.values[0].display_name}", ephemeral=True)

    @ui.select(cls=ui.ChannelSelect, placeholder="Where", custom_id="people:channel")
    async def channel(self, interaction: Interaction, select: ui.ChannelSelect[People]) -> None:
        """Name the channel."""
        await interaction.response.send_message(f"In {select.values[0].name}", ephemeral=True)


class Ledger(ui.LayoutView):
    """A message made of components only."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        claim: ui.Button[Ledger] = ui.Button(label="Open", custom_id="ledger:open")
        claim.callback = self.opened  # type: ignore[method-assign]  # the library asks for it to be replaced
        self.container: ui.Container[Ledger] = ui.Container(
            ui.TextDisplay("# Order 4821\nEldoria, 40 → 50"),
            ui.Separator(),
            ui.Section("Payment is due.", accessory=claim),
            ui.MediaGallery(discord.MediaGalleryItem("attachment://chart.png", description="The week")),
            accent_colour=discord.Colour.blurple(),
        )
        self.add_item(self.container)
        row: ui.ActionRow[Ledger] = ui.ActionRow()
        row.add_item(ui.Button(label="Terms", url="https://example.com/terms"))
        self.add_item(row)

    async def opened(self, interaction: Interaction) -> None:
        """Add a line to the container."""
        self.container.add_item(ui.TextDisplay("Opened."))
        await interaction.response.edit_message(view=self)


class Intake(ui.Modal, title="New order"):
    """A form with one of every field that a label can hold."""

    customer: ui.Label[Intake] = ui.Label(
        text="Customer",
        description="As they call themselves",
        component=ui.TextInput(custom_id="customer", max_length=40),
    )
    game: ui.Label[Intake] = ui.Label(
        text="Game",
        component=ui.Select(
            custom_id="game",
            options=[
                discord.SelectOption(label="Eldoria", value="eldoria"),
                discord.SelectOption(label="Rift", value="rift"),
            ],
        ),
    )
    speed: ui.Label[Intake] = ui.Label(
        text="Speed",
        component=ui.RadioGroup(
            custom_id="speed",
            options=[
                discord.RadioGroupOption(label="Normal", value="n"),
                discord.RadioGroupOption(label="Fast", value="f"),
            ],
        ),
    )
    proof: ui.Label[Intake] = ui.Label(
        text="Screenshot", component=ui.FileUpload(custom_id="proof", required=False, max_values=2)
    )
    agreed: ui.Label[Intake] = ui.Label(text="Terms accepted", component=ui.Checkbox(custom_id="agreed"))

    async def on_submit(self, interaction: Interaction) -> None:
        """Repeat what was filled in."""
        fields = (self.customer, self.game, self.speed, self.proof, self.agreed)
        customer, game, speed, proof, agreed = (field.component for field in fields)
        assert isinstance(customer, ui.TextInput)
        assert isinstance(game, ui.Select)
        assert isinstance(speed, ui.RadioGroup)
        assert isinstance(proof, ui.FileUpload)
        assert isinstance(agreed, ui.Checkbox)
        files = ",".join(file.filename for file in proof.values)
        said = f"{customer.value} {game.values[0]} {speed.value} {files or 'nothing'} {agreed.value}"
        await interaction.response.send_message(said, ephemeral=True)
