"""Finds the command a person typed, as the command picker of their client shows it."""

from __future__ import annotations

from sandbox.discord import permissions as perm
from sandbox.discord.commands import GROUP, SUBCOMMAND
from sandbox.discord.errors import ClientRefusal
from sandbox.discord.messages import Json
from sandbox.discord.state import Channel, User
from sandbox.discord.world import World


def goes_by(node: Json, name: str, locale: str) -> bool:
    """Tell whether a command, option or choice shows under this name to someone with this locale."""
    return name in (node["name"], (node.get("name_localizations") or {}).get(locale))


def find_command(world: World, user: User, channel: Channel, name: str, kind: int) -> Json:
    """Return the registered command that the picker offers under a name.

    Raises:
        ClientRefusal: it is not registered here, or hidden from this person.
    """
    guild_id = None if channel.guild is None else channel.guild.id
    candidates = [*world.commands.listed(guild_id)] if guild_id is not None else []
    candidates += world.commands.listed(None)
    for command in candidates:
        if command["type"] == kind and goes_by(command, name, user.locale):
            _refuse_hidden(command, user, channel)
            return command
    known = sorted(c["name"] for c in candidates if c["type"] == kind)
    raise ClientRefusal(f"no command {name!r} is registered here; there are {known}")


def _refuse_hidden(command: Json, user: User, channel: Channel) -> None:
    context = 1 if channel.guild is None else 0
    if context not in command.get("contexts", [0]):
        raise ClientRefusal(f"/{command['name']} does not exist in this kind of channel")
    if channel.guild is None:
        return
    bits = channel.permissions_of(user)
    if not bits & perm.USE_COMMANDS:
        raise ClientRefusal(f"{user.username} may not use application commands in #{channel.name}")
    needed = command["default_member_permissions"]
    if needed is None or bits & perm.ADMINISTRATOR:
        return
    if int(needed) == 0 or int(needed) & ~bits:
        raise ClientRefusal(f"/{command['name']} is hidden from {user.username}: it needs {needed}")


def descend(command: Json, path: list[str], locale: str) -> tuple[list[Json], list[Json]]:
    """Follow subcommand names; return the nodes passed and the options of the last one.

    Raises:
        ClientRefusal: a name does not exist, or the path stops before a subcommand.
    """
    nodes: list[Json] = []
    options: list[Json] = command.get("options", [])
    for name in path:
        nested = [o for o in options if o["type"] in (SUBCOMMAND, GROUP) and goes_by(o, name, locale)]
        if not nested:
            raise ClientRefusal(f"/{command['name']} has no subcommand {name!r}")
        nodes.append(nested[0])
        options = nested[0].get("options", [])
    if any(option["type"] in (SUBCOMMAND, GROUP) for option in options):
        names = [option["name"] for option in options]
        raise ClientRefusal(f"/{command['name']} needs a subcommand: {names}")
    return nodes, options
