"""A second client that nobody here wrote: hikari reads every payload strictly, field by field."""

from __future__ import annotations

import hikari

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


def build(token: str, api_url: str) -> hikari.GatewayBot:
    """Return a bot with three commands, not started, that talks to `api_url` instead of Discord."""
    bot = hikari.GatewayBot(
        token,
        banner=None,
        logs=None,
        suppress_optimization_warning=True,
        rest_url=api_url,
        intents=hikari.Intents.ALL_UNPRIVILEGED | hikari.Intents.MESSAGE_CONTENT | hikari.Intents.GUILD_MEMBERS,
    )
    bot.event_manager.subscribe(hikari.StartingEvent, _register)
    bot.event_manager.subscribe(hikari.CommandInteractionCreateEvent, _on_command)
    bot.event_manager.subscribe(hikari.ComponentInteractionCreateEvent, _on_component)
    return bot


async def _register(event: hikari.StartingEvent) -> None:
    assert isinstance(event.app, hikari.GatewayBot)
    rest = event.app.rest
    ping = rest.slash_command_builder("ping", "Says pong")
    ping.add_option(hikari.CommandOption(type=hikari.OptionType.STRING, name="word", description="What to say"))
    report = rest.slash_command_builder("report", "Answers late with a file")
    card = rest.slash_command_builder("card", "Posts a card")
    application = await rest.fetch_application()
    commands = await rest.set_application_commands(application.id, [ping, report, card])
    assert [command.name for command in commands] == ["ping", "report", "card"]


async def _on_command(event: hikari.CommandInteractionCreateEvent) -> None:
    interaction = event.interaction
    if interaction.command_name == "ping":
        word = interaction.options[0].value if interaction.options else "pong"
        await interaction.create_initial_response(
            hikari.ResponseType.MESSAGE_CREATE, str(word), flags=hikari.MessageFlag.EPHEMERAL
        )
    elif interaction.command_name == "report":
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
        await interaction.edit_initial_response("The report", attachment=hikari.Bytes(PICTURE, "report.png"))
    else:
        row = hikari.impl.MessageActionRowBuilder()
        row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "claim", label="Claim")
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "Order 4821", component=row)


async def _on_component(event: hikari.ComponentInteractionCreateEvent) -> None:
    interaction = event.interaction
    await interaction.create_initial_response(
        hikari.ResponseType.MESSAGE_UPDATE, f"Claimed by {interaction.user.username}", components=[]
    )
