"""What the set-up reads from and creates in a Discord guild."""

from collections.abc import Mapping

import discord

from bot.setup_channels import access_to, create_channel
from bot.ui.setup_state import PURPOSES, ROLES, SetupState
from bot.visit import Visit
from domain.i18n.reader import Reader
from domain.kernel.errors import Conflict, PermissionDenied
from domain.kernel.roles import Role
from domain.tenancy.dto import Purpose, Tenant
from domain.tenancy.policy import Permission, require


async def read_state(visit: Visit) -> SetupState:
    """How far the set-up is. Refuses those who may not change settings."""
    require(visit.actor, Permission.SETTINGS_CHANGE)
    tenancy = visit.services.tenancy
    tenant = await visit.tenant()
    roles, channels = await tenancy.roles(visit.actor), await tenancy.channels(visit.actor)
    return _compare(tenant, roles, channels, visit)


def _compare(tenant: Tenant, roles: Mapping[Role, int], channels: Mapping[Purpose, int], visit: Visit) -> SetupState:
    guild = visit.interaction.guild
    if guild is None or guild.unavailable:
        return SetupState(tenant, roles, channels)
    gone = {role.value for role, role_id in roles.items() if guild.get_role(role_id) is None}
    gone |= {purpose.value for purpose, channel_id in channels.items() if guild.get_channel(channel_id) is None}
    me = guild.get_member(_bot_id(visit))
    blocked = {
        purpose
        for purpose, channel_id in channels.items()
        if purpose in PURPOSES and _is_blocked(guild.get_channel(channel_id), me, purpose)
    }
    return SetupState(
        tenant,
        {role: role_id for role, role_id in roles.items() if role.value not in gone},
        {purpose: channel_id for purpose, channel_id in channels.items() if purpose.value not in gone},
        frozenset(gone),
        frozenset(blocked),
    )


def _is_blocked(channel: discord.abc.GuildChannel | None, me: discord.Member | None, purpose: Purpose) -> bool:
    if channel is None or me is None:
        return False
    allowed = channel.permissions_for(me)
    has_threads = purpose is Purpose.CONVERSATIONS
    may_write = allowed.send_messages and (allowed.send_messages_in_threads or not has_threads)
    return not (allowed.view_channel and may_write)


def _bot_id(visit: Visit) -> int:
    bot_id: int = visit.interaction.client.user.id
    return bot_id


def require_guild(visit: Visit) -> discord.Guild:
    """The guild with its roles and channels. Raises `Conflict` while Discord has not told us of it."""
    guild = visit.interaction.guild
    if guild is None or guild.unavailable:
        raise Conflict("setup.guild_unknown")
    return guild


async def create_roles(visit: Visit, read: Reader) -> None:
    """Create a Discord role for each of ours that has none, and bind it; one that is named so is taken.

    Stopped halfway, the next press goes on with the rest.
    """
    guild = require_guild(visit)
    _require_own(visit, "manage_roles")
    state = await read_state(visit)
    for role in ROLES:
        if role in state.roles:
            continue
        name = read(f"setup.role_name.{role}")
        found = discord.utils.get(guild.roles, name=name)
        if found is None:
            found = await guild.create_role(name=name, reason=read("setup.reason"))
        await visit.services.tenancy.bind_role(visit.actor.for_step(role), role, found.id)


async def create_channels(visit: Visit, read: Reader) -> None:
    """Create a channel for each purpose that has none, under one category; money and customers are private."""
    guild = require_guild(visit)
    _require_own(visit, "manage_channels")
    state = await read_state(visit)
    missing = [purpose for purpose in PURPOSES if purpose not in state.channels]
    category = await _category(guild, read) if missing else None
    for purpose in missing:
        name = read(f"setup.channel_name.{purpose}")
        places: list[discord.abc.GuildChannel] = [*guild.text_channels, *guild.forums]
        found = discord.utils.get(places, name=name, category_id=category.id) if category else None
        if found is None:
            access = access_to(guild, state, purpose, _bot_id(visit), visit.interaction.app_permissions)
            found = await create_channel(guild, purpose, name, category, access, read)
        await bind_channel(visit, purpose, found.id)


async def bind_channel(visit: Visit, purpose: Purpose, channel_id: int) -> None:
    """Say what a channel is for; a new one for orders, leads or conversations gets the cards of what is under way."""
    before = (await visit.services.tenancy.channels(visit.actor)).get(purpose)
    await visit.services.tenancy.bind_channel(visit.actor.for_step(purpose), purpose, channel_id)
    if purpose is Purpose.ORDERS:
        await visit.services.orders.move_cards(visit.actor.for_step("cards"), channel_id)
    if purpose is Purpose.LEADS:
        await visit.services.leads.move_cards(visit.actor.for_step("leads"), channel_id)
    if purpose is Purpose.CONVERSATIONS and before != channel_id:
        await visit.services.conversations.move_board(visit.actor.for_step("board"), channel_id)


async def redraw_cards(visit: Visit) -> None:
    """Have the cards that stand in the channels say the same in the shop's new language."""
    services, channels = visit.services, await visit.services.tenancy.channels(visit.actor)
    if Purpose.ORDERS in channels:
        await services.orders.move_cards(visit.actor.for_step("cards"), channels[Purpose.ORDERS])
    if Purpose.LEADS in channels:
        await services.leads.move_cards(visit.actor.for_step("leads"), channels[Purpose.LEADS])
    await services.conversations.refresh_cards(visit.actor.for_step("chats"))


async def _category(guild: discord.Guild, read: Reader) -> discord.CategoryChannel:
    found = discord.utils.get(guild.categories, name=read("setup.category"))
    return found or await guild.create_category(read("setup.category"), reason=read("setup.reason"))


def _require_own(visit: Visit, permission: str) -> None:
    if not getattr(visit.interaction.app_permissions, permission):
        raise PermissionDenied(f"setup.bot_needs_{permission}")


def is_founder(visit: Visit) -> bool:
    """Whether the person owns the guild or administers it."""
    interaction = visit.interaction
    guild = interaction.guild
    return interaction.permissions.administrator or (guild is not None and guild.owner_id == interaction.user.id)


def require_founder(visit: Visit) -> None:
    """Only who owns the guild or administers it may found its shop.

    Raises:
        PermissionDenied: `setup.owner_or_admin`.
    """
    if not is_founder(visit):
        raise PermissionDenied("setup.owner_or_admin")
