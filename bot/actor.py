"""Who acts, resolved from what Discord itself vouches for."""

import asyncio
from uuid import UUID

import discord

from bot.answers import Press
from bot.words import locale_of
from domain.kernel.actor import Actor
from domain.kernel.errors import NotFound
from domain.tenancy.service import TenancyService

_LOOKS, _BETWEEN_LOOKS_S = 8, 0.2


async def actor_from(interaction: Press, tenancy: TenancyService) -> Actor:
    """The actor of an interaction, with the roles they have at this moment.

    The tenant comes from the guild, or in direct messages from the message the button sits on: never from
    anything a person typed. The interaction's id is the command key, so a redelivered one changes nothing.

    Raises:
        NotFound: `tenant.not_set_up`: the guild has no shop, or the message is none of ours.
        PermissionDenied: `member.suspended`.
    """
    tenant_id = await find_tenant(interaction, tenancy)
    if tenant_id is None:
        raise NotFound("tenant.not_set_up")
    user = interaction.user
    return await tenancy.identify(
        tenant_id, user.id, user.display_name, _role_ids(user), f"discord:{interaction.id}",
        locale_of(interaction),
    )  # fmt: skip


async def find_tenant(interaction: Press, tenancy: TenancyService) -> UUID | None:
    """The shop an interaction happens in; None when there is none."""
    if interaction.guild_id is not None:
        return await tenancy.find_by_guild(interaction.guild_id)
    if interaction.message is None:
        return None
    # Somebody quick may press before the worker has noted where its message went.
    for _ in range(_LOOKS):
        found = await tenancy.find_by_posted_message(interaction.message.id)
        if found is not None:
            return found
        await asyncio.sleep(_BETWEEN_LOOKS_S)
    return None


def _role_ids(user: discord.User | discord.Member) -> list[int]:
    # The ids in the payload, not `Member.roles`: a role made a moment ago may not be in the cache yet.
    return list(user._roles) if isinstance(user, discord.Member) else []
