"""The channels that the set-up creates: what kind they are, and who may do what in them."""

import discord

from bot.ui.setup_state import ROLES, SetupState
from domain.conversations.dto import ConversationState
from domain.i18n.reader import Reader
from domain.kernel.roles import Role
from domain.leads.dto import Stage
from domain.tenancy.dto import Purpose

_MONEY = frozenset({Purpose.LOG, Purpose.PAYROLL, Purpose.CLOSE})
"""Money and people's data: for those who run the shop."""
_CUSTOMERS = frozenset({Purpose.CONVERSATIONS, Purpose.LEADS})
"""Customers' data: for those who sell."""
_LEADERS = (Role.ADMIN,)
_SALES = (Role.ADMIN, Role.DISPATCHER, Role.SELLER)
_WEEK_MINUTES = 10080
_FOR_THREADS = ("send_messages_in_threads", "create_public_threads", "manage_threads", "add_reactions",
                "mention_everyone")  # fmt: skip

Access = dict[discord.Role | discord.Member | discord.Object, discord.PermissionOverwrite]


async def create_channel(
    guild: discord.Guild, purpose: Purpose, name: str, category: discord.CategoryChannel | None, access: Access,
    read: Reader,
) -> discord.abc.GuildChannel:  # fmt: skip
    """Create the channel of a purpose; conversations get a forum, or a text channel where there are no forums."""
    reason = read("setup.reason")
    if purpose is Purpose.CONVERSATIONS:
        try:
            return await guild.create_forum(
                name, category=category, overwrites=access, reason=reason, available_tags=_tags(read),
                default_auto_archive_duration=_WEEK_MINUTES,
            )  # fmt: skip
        except discord.HTTPException as refused:
            if refused.status != 400:  # a guild that is no community has no forums
                raise
    return await guild.create_text_channel(name, category=category, overwrites=access, reason=reason)


def access_to(
    guild: discord.Guild, state: SetupState, purpose: Purpose, bot_id: int, own: discord.Permissions
) -> Access:  # fmt: skip
    """Staff see the orders, those who sell see customers, those who run the shop see the rest; only the bot writes.

    In the threads of conversations staff writes notes. The bot can grant itself only what it has.
    """
    has_threads = purpose is Purpose.CONVERSATIONS
    see = discord.PermissionOverwrite(view_channel=True, send_messages=False)
    if has_threads:
        see.update(send_messages_in_threads=True, read_message_history=True)
    access: Access = {guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    for role in _who_sees(purpose):
        found = guild.get_role(state.roles[role]) if role in state.roles else None
        if found is not None:
            access[found] = see
    bot = discord.PermissionOverwrite(
        view_channel=True, send_messages=True, embed_links=True, attach_files=True, read_message_history=True
    )
    if has_threads:
        bot.update(**{name: True for name in _FOR_THREADS if getattr(own, name)})
    access[discord.Object(bot_id, type=discord.Member)] = bot
    return access


def _who_sees(purpose: Purpose) -> tuple[Role, ...]:
    if purpose in _MONEY:
        return _LEADERS
    return _SALES if purpose in _CUSTOMERS else ROLES


def _tags(read: Reader) -> list[discord.ForumTag]:
    names = [read(f"conversation.tag.{state}") for state in ConversationState]
    names += [read(f"lead.stage.{stage}") for stage in Stage]
    return [discord.ForumTag(name=name[:20]) for name in dict.fromkeys(names)]
