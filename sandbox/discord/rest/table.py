"""Every route that is served."""

from sandbox.discord.rest import (
    applications,
    channels,
    commands,
    guilds,
    interactions,
    messages,
    reactions,
    threads,
    webhooks,
)
from sandbox.discord.rest.routing import Route

MODULES = (applications, channels, commands, guilds, interactions, messages, reactions, threads, webhooks)


def all_routes() -> list[Route]:
    """Return the routes of all resources."""
    return [route for module in MODULES for route in module.routes.routes]
