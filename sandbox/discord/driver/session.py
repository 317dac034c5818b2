"""One person's client: starts interactions and waits for the bot's answer."""

from __future__ import annotations

import asyncio

from sandbox.clock import SystemClock
from sandbox.discord import permissions as perm
from sandbox.discord.driver.payload import interaction_json
from sandbox.discord.driver.reply import Reply
from sandbox.discord.errors import ClientRefusal
from sandbox.discord.interactions import ACK_WINDOW, Interaction
from sandbox.discord.messages import Json
from sandbox.discord.state import Channel, User
from sandbox.discord.world import World


def refuse_unseen(user: User, channel: Channel) -> None:
    """Refuse when a person cannot see a channel."""
    if not channel.permissions_of(user) & perm.VIEW_CHANNEL:
        raise ClientRefusal(f"{user.username} cannot see #{channel.name}")


async def perform(
    world: World, interaction: Interaction, data: Json, timeout_s: float, action: str, text: str
) -> Reply:
    """Hand an interaction to the bot and return what came back within its three seconds."""
    user, channel = interaction.user, interaction.channel
    payload = interaction_json(world, interaction, data)
    world.announcer.say_interaction(channel, user.username, action, text, interaction.id)
    world.interactions.send(interaction, payload)
    reply = Reply(world, interaction)
    if isinstance(world.clock, SystemClock):
        timeout_s = min(timeout_s, ACK_WINDOW.total_seconds())

    def settled() -> bool:
        return interaction.callback is not None or world.interactions.is_late(interaction)

    try:
        await world.hub.wait_until(settled, timeout_s)
    except TimeoutError:
        await asyncio.sleep(0)
    if reply.failed:
        world.announcer.say_answer(channel, user.username, "failed", reply.text, interaction.id)
    return reply
