"""Guilds, members and roles."""

from __future__ import annotations

from sandbox.discord import permissions as perm
from sandbox.discord.errors import ApiError, invalid_form, missing_permissions, unknown
from sandbox.discord.guild import Guild
from sandbox.discord.messages import Json
from sandbox.discord.payloads import guild_json, member_json, role_json
from sandbox.discord.rest.routing import Answer, Call, Routes
from sandbox.discord.state import Member, Role

routes = Routes()
_GUILD = "/guilds/{guild_id}"
_MEMBER = _GUILD + "/members/{user_id}"
_ROLES = _GUILD + "/roles"
_MAX_ROLES = 250


@routes.add("GET", _GUILD)
def get_guild(call: Call) -> Answer:
    """Return a guild, with counts when asked."""
    guild = call.guild()
    payload = guild_json(guild)
    if call.query.get("with_counts") in ("1", "true", "True"):
        payload["approximate_member_count"] = len(guild.members)
        payload["approximate_presence_count"] = len(guild.members)
    return Answer(200, payload)


@routes.add("GET", "/users/@me/guilds")
def list_guilds(call: Call) -> Answer:
    """List the guilds the bot is in, in order of id."""
    after = int(call.query.get("after", 0))
    limit = int(call.query.get("limit", 200))
    guilds = [g for g in sorted(call.world.guilds.values(), key=lambda g: g.id) if g.id > after]
    body: list[Json] = [
        {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "banner": None,
            "owner": False,
            "permissions": str(perm.base_permissions(guild, call.world.bot.id)),
            "features": [],
        }
        for guild in guilds[:limit]
    ]
    return Answer(200, body)


@routes.add("GET", _GUILD + "/members")
def list_members(call: Call) -> Answer:
    """List members in order of id; needs the privileged members intent."""
    limit, after = int(call.query.get("limit", 1)), int(call.query.get("after", 0))
    if not 1 <= limit <= 1000:
        raise invalid_form("limit", "NUMBER_TYPE_RANGE", "int value should be between 1 and 1000.")
    members = sorted(call.guild().members.items())
    return Answer(200, [member_json(member) for number, member in members if number > after][:limit])


@routes.add("GET", _GUILD + "/members/search")
def search_members(call: Call) -> Answer:
    """List members whose name or nick begins with the query."""
    query = call.query.get("query", "").casefold()
    limit = int(call.query.get("limit", 1))
    found = [
        member
        for member in call.guild().members.values()
        if any(name.casefold().startswith(query) for name in (member.user.username, member.nick or ""))
    ]
    return Answer(200, [member_json(member) for member in found[:limit]])


def _member(call: Call, guild: Guild) -> Member:
    member = guild.members.get(call.number("user_id"))
    if member is not None:
        return member
    raise unknown("Member" if call.number("user_id") in call.world.users else "User")


@routes.add("GET", _MEMBER)
def get_member(call: Call) -> Answer:
    """Return a member: 10007 for a stranger, 10013 for nobody."""
    return Answer(200, member_json(_member(call, call.guild())))


@routes.add("PATCH", _MEMBER)
def change_member(call: Call) -> Answer:
    """Change the nick or the roles of a member."""
    guild = call.guild()
    member = _member(call, guild)
    if "roles" in call.form:
        wanted = [_role(guild, int(number)) for number in call.form["roles"] or ()]
        for role in wanted:
            _may_manage(call, guild, role)
        member.role_ids = [role.id for role in wanted]
    if "nick" in call.form:
        member.nick = call.form["nick"] or None
    call.world.announcer.member_changed("GUILD_MEMBER_UPDATE", guild, member, "changed")
    return Answer(200, member_json(member))


@routes.add("PUT", _MEMBER + "/roles/{role_id}")
def give_role(call: Call) -> Answer:
    """Give a member a role below the bot's own highest."""
    guild = call.guild(perm.MANAGE_ROLES)
    member, role = _member(call, guild), _role(guild, call.number("role_id"))
    _may_manage(call, guild, role)
    guild.give_role(member.user, role)
    return Answer(204)


@routes.add("DELETE", _MEMBER + "/roles/{role_id}")
def take_role(call: Call) -> Answer:
    """Take a role from a member."""
    guild = call.guild(perm.MANAGE_ROLES)
    member, role = _member(call, guild), _role(guild, call.number("role_id"))
    _may_manage(call, guild, role)
    guild.take_role(member.user, role)
    return Answer(204)


def _role(guild: Guild, number: int) -> Role:
    role = guild.roles.get(number)
    if role is None:
        raise unknown("Role")
    return role


def _may_manage(call: Call, guild: Guild, role: Role) -> None:
    bits = perm.base_permissions(guild, call.world.bot.id)
    below = role.position < guild.top_position(call.world.bot.id)
    if not bits & perm.MANAGE_ROLES or not below or role.managed:
        raise missing_permissions()


@routes.add("GET", _ROLES)
def list_roles(call: Call) -> Answer:
    """List the roles of a guild."""
    return Answer(200, [role_json(role) for role in call.guild().roles.values()])


@routes.add("GET", _ROLES + "/{role_id}")
def get_role(call: Call) -> Answer:
    """Return one role."""
    return Answer(200, role_json(_role(call.guild(), call.number("role_id"))))


@routes.add("POST", _ROLES)
def create_role(call: Call) -> Answer:
    """Create a role at the bottom."""
    guild = call.guild(perm.MANAGE_ROLES)
    if len(guild.roles) >= _MAX_ROLES:
        raise ApiError(400, 30005, "Maximum number of guild roles reached (250)")
    name = str(call.form.get("name") or "new role")
    role = guild.add_role(
        name,
        int(call.form.get("permissions") or 0),
        color=_color(call),
        mentionable=bool(call.form.get("mentionable")),
    )
    role.hoist = bool(call.form.get("hoist"))
    return Answer(200, role_json(role))


def _color(call: Call) -> int:
    colors = call.form.get("colors") or {}
    return int(call.form.get("color") or colors.get("primary_color") or 0)


@routes.add("PATCH", _ROLES + "/{role_id}")
def change_role(call: Call) -> Answer:
    """Change a role below the bot's own."""
    guild = call.guild(perm.MANAGE_ROLES)
    role = _role(guild, call.number("role_id"))
    _may_manage(call, guild, role)
    role.name = call.form.get("name") or role.name
    if call.form.get("permissions") is not None:
        role.permissions = int(call.form["permissions"])
    if "color" in call.form or "colors" in call.form:
        role.color = _color(call)
    role.hoist = bool(call.form.get("hoist", role.hoist))
    role.mentionable = bool(call.form.get("mentionable", role.mentionable))
    call.world.announcer.role_changed("GUILD_ROLE_UPDATE", guild, role)
    return Answer(200, role_json(role))


@routes.add("DELETE", _ROLES + "/{role_id}")
def delete_role(call: Call) -> Answer:
    """Delete a role below the bot's own."""
    guild = call.guild(perm.MANAGE_ROLES)
    role = _role(guild, call.number("role_id"))
    _may_manage(call, guild, role)
    guild.remove_role(role)
    return Answer(204)
