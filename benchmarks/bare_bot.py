"""The yardstick for interactions: a discord.py bot whose one command answers at once and does nothing else."""

import os

import discord
import yarl
from discord import app_commands, gateway, http


class BareBot(discord.AutoShardedClient):
    """Registers /ping and answers it."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Register the one command."""

        @self.tree.command(name="ping", description="Answers.")
        async def ping(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("pong", ephemeral=True)

        await self.tree.sync()


def main() -> None:
    """Run against the emulator named in the environment."""
    origin = os.environ["BARE_ORIGIN"]
    http.Route.BASE = f"{origin}/api/v10"
    gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{origin.replace('http', 'ws')}/gateway/")
    BareBot().run(os.environ["BARE_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
