"""Typing a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.discord.commands import CHAT, MESSAGE, USER
from sandbox.discord.driver.lookup import descend, find_command, goes_by
from sandbox.discord.driver.options import OptionFiller
from sandbox.discord.driver.reply import Reply
from sandbox.discord.driver.session import perform, refuse_unseen
from sandbox.discord.driver.shown import shown
from sandbox.discord.errors import ClientRefusal
from sandbox.discord.interactions import InteractionKind
from sandbox.discord.message_payloads import message_json
from sandbox.discord.messages import Json, Message
from sandbox.discord.state import Channel, User
from sandbox.discord.world import World


async def use_command(
    world: World, user: User, channel: Channel, words: str, options: Mapping[str, Any], timeout_s: float
) -> Reply:
    """Type a command with its subcommands and options and send it."""
    refuse_unseen(user, channel)
    name, *path = words.removeprefix("/").split()
    command = find_command(world, user, channel, name, CHAT)
    nodes, known = descend(command, path, user.locale)
    filler = OptionFiller(world, user, channel)
    data = _command_data(command, nodes, filler.fill(known, options))
    if filler.resolved.json:
        data["resolved"] = filler.resolved.json
    interaction = world.interactions.open(InteractionKind.COMMAND, user, channel)
    interaction.command_name = " ".join([command["name"], *(node["name"] for node in nodes)])
    typed = " ".join(f"{key}:{shown(value)}" for key, value in options.items())
    text = f"/{interaction.command_name} {typed}".strip()
    return await perform(world, interaction, data, timeout_s, "command", text)


def _command_data(command: Json, nodes: list[Json], filled: list[Json]) -> Json:
    for node in reversed(nodes):
        filled = [{"name": node["name"], "type": node["type"], "options": filled}]
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if filled:
        data["options"] = filled
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data


async def suggest(
    world: World,
    user: User,
    channel: Channel,
    words: str,
    option: str,
    value: str,
    others: Mapping[str, Any],
    timeout_s: float,
) -> Reply:
    """Type into an option that suggests values, and return the reply that carries the suggestions."""
    refuse_unseen(user, channel)
    name, *path = words.removeprefix("/").split()
    command = find_command(world, user, channel, name, CHAT)
    nodes, known = descend(command, path, user.locale)
    focused = next((o for o in known if goes_by(o, option, user.locale)), None)
    if focused is None or not focused.get("autocomplete"):
        raise ClientRefusal(f"/{words} has no option {option!r} that suggests values")
    given = [o | {"required": False} for o in known if o is not focused]
    filler = OptionFiller(world, user, channel)
    filled = filler.fill(given, others)
    filled.append({"name": focused["name"], "type": focused["type"], "value": value, "focused": True})
    data = _command_data(command, nodes, filled)
    if filler.resolved.json:
        data["resolved"] = filler.resolved.json
    interaction = world.interactions.open(InteractionKind.AUTOCOMPLETE, user, channel)
    return await perform(world, interaction, data, timeout_s, "autocomplete", f"/{words} {option}:{value}")


async def use_menu(
    world: World, user: User, channel: Channel, name: str, target: User | Message, timeout_s: float
) -> Reply:
    """Pick a command from the context menu of a user or a message."""
    refuse_unseen(user, channel)
    kind = MESSAGE if isinstance(target, Message) else USER
    command = find_command(world, user, channel, name, kind)
    data: Json = {"id": command["id"], "name": command["name"], "type": kind, "target_id": str(target.id)}
    if isinstance(target, Message):
        if target not in channel.visible_to(user):
            raise ClientRefusal("that message is not in this channel")
        data["resolved"] = {"messages": {str(target.id): message_json(target, world.bot.id)}}
    else:
        filler = OptionFiller(world, user, channel)
        filler.resolved.add(target)
        data["resolved"] = filler.resolved.json
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    interaction = world.interactions.open(InteractionKind.COMMAND, user, channel)
    interaction.command_name = command["name"]
    return await perform(world, interaction, data, timeout_s, "menu", command["name"])
