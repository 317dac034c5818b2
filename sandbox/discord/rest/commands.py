"""Registering commands."""

from __future__ import annotations

from sandbox.discord.errors import missing_access
from sandbox.discord.rest.routing import Answer, Call, Routes

routes = Routes()
_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


def _scope(call: Call) -> int | None:
    if call.number("application_id") != call.world.application_id:
        raise missing_access()
    if "guild_id" not in call.params:
        return None
    return call.guild().id


@routes.add("GET", _GLOBAL)
@routes.add("GET", _GUILD)
def list_commands(call: Call) -> Answer:
    """List the commands of one scope."""
    return Answer(200, call.world.commands.listed(_scope(call)))


@routes.add("PUT", _GLOBAL)
@routes.add("PUT", _GUILD)
def replace_commands(call: Call) -> Answer:
    """Replace all commands of one scope."""
    return Answer(200, call.world.commands.replace(_scope(call), list(call.body or [])))


@routes.add("POST", _GLOBAL)
@routes.add("POST", _GUILD)
def upsert_command(call: Call) -> Answer:
    """Create a command or replace its namesake."""
    command, is_new = call.world.commands.upsert(_scope(call), call.form)
    return Answer(201 if is_new else 200, command)


@routes.add("GET", _GLOBAL + "/{command_id}")
@routes.add("GET", _GUILD + "/{command_id}")
def get_command(call: Call) -> Answer:
    """Return one command."""
    return Answer(200, call.world.commands.get(_scope(call), call.number("command_id")))


@routes.add("PATCH", _GLOBAL + "/{command_id}")
@routes.add("PATCH", _GUILD + "/{command_id}")
def change_command(call: Call) -> Answer:
    """Change one command."""
    return Answer(200, call.world.commands.change(_scope(call), call.number("command_id"), call.form))


@routes.add("DELETE", _GLOBAL + "/{command_id}")
@routes.add("DELETE", _GUILD + "/{command_id}")
def delete_command(call: Call) -> Answer:
    """Delete one command."""
    call.world.commands.remove(_scope(call), call.number("command_id"))
    return Answer(204)
