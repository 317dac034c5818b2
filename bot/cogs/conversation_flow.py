"""What the cogs of conversations share: finding the conversation somebody means, and suggesting some."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.answers import Press
from bot.suggest import suggest
from bot.ui.cards import Card, Item, Tone, card
from bot.ui.conversation_text import STATE_SIGNS
from bot.ui.text import bare, clip
from bot.visit import Visit
from bot.words import words
from domain.conversations.dto import Conversation, ConversationDetails
from domain.kernel.errors import Conflict, PermissionDenied
from domain.kernel.roles import Role
from domain.tenancy.policy import Permission, allows

NO_CONVERSATION = 0
"""The value of a suggestion that only explains; no conversation has this number."""
F = TypeVar("F", bound=Callable[..., Any])
Subcommand = app_commands.Command[Any, ..., None]
DURATIONS = ("1h", "4h", "tomorrow", "3d", "7d")

group = app_commands.Group(
    name=words("command.conversation.name"), description=words("command.conversation.description"), guild_only=True
)


def subcommand(name: str) -> Callable[[Callable[..., Any]], Subcommand]:
    """A subcommand of `/conversation`, named and described by the catalogs."""
    area = f"command.conversation.{name}"
    return group.command(name=words(f"{area}.name"), description=words(f"{area}.description"))


def described(*options: str) -> Callable[[F], F]:
    """Names and descriptions of options; `conversation` is suggested, and needless inside its thread."""
    named = {option: words(f"command.conversation.option.{option}.name") for option in options}
    said: dict[str, Any] = {option: words(f"command.conversation.option.{option}.description") for option in options}

    def mark(callback: F) -> F:
        found = app_commands.rename(**named)(app_commands.describe(**said)(callback))
        suggested: dict[str, Any] = {
            option: suggest_conversations for option in ("conversation", "other") if option in options
        }
        return app_commands.autocomplete(**suggested)(found) if suggested else found

    return mark


async def here(visit: Visit, number: int | None) -> Conversation:
    """The conversation with a number; without one, that of the thread we are in.

    Raises:
        NotFound: `conversation.unknown`, or `conversation.unknown_thread` outside a thread of ours.
    """
    conversations = visit.services.conversations
    if number is not None:
        return (await conversations.details(visit.actor, number, last=1)).conversation
    return await conversations.by_thread(visit.actor, visit.interaction.channel_id or 0)


async def suggest_conversations(interaction: Press, typed: str) -> list[app_commands.Choice[int]]:
    """Conversations by number or name, the latest first."""

    async def search(visit: Visit) -> Sequence[ConversationDetails]:
        return await visit.services.conversations.suggest(visit.actor, str(typed))

    return await suggest(interaction, search, _label, NO_CONVERSATION)


def _label(visit: Visit, details: ConversationDetails) -> tuple[str, int]:
    conversation, contact = details.conversation, details.contact
    name = bare(contact.name, 40) or contact.phone or visit.reader("conversation.nameless")
    parts = [f"{STATE_SIGNS[conversation.state]} C-{conversation.number}", name]
    if contact.name and contact.phone:
        parts.append(contact.phone)
    return clip(" · ".join(parts), 100), conversation.number


def done(visit: Visit, conversation: Conversation, what: str, controls: Sequence[Item] = (), **params: object) -> Card:
    """The answer to who did something: one line and what can be done next."""
    text = visit.reader(f"conversation.done.{what}", **params)
    return card(f"C-{conversation.number}", [text], tone=Tone.GOOD, controls=controls)


def snoozed_until(visit: Visit, duration: str, zone: str) -> datetime:
    """The instant a choice of `DURATIONS` means; tomorrow is nine o'clock in the shop's zone."""
    now = visit.services.clock.now()
    if duration == "tomorrow":
        local = now.astimezone(ZoneInfo(zone)) + timedelta(days=1)
        return local.replace(hour=9, minute=0, second=0, microsecond=0)
    unit = timedelta(hours=1) if duration.endswith("h") else timedelta(days=1)
    return now + int(duration[:-1]) * unit


@dataclass(frozen=True, slots=True)
class Chosen:
    """A member somebody chose, with the roles they have now."""

    member_id: UUID
    name: str
    roles: frozenset[Role]


async def member_of(visit: Visit, user_id: int, name: str, role_ids: Sequence[int]) -> Chosen:
    """The member somebody chose; they must be allowed to see conversations.

    Raises:
        Conflict: `conversation.cannot_own`.
    """
    tenancy, actor = visit.services.tenancy, visit.actor
    try:
        chosen = await tenancy.identify(actor.tenant_id, user_id, name, role_ids, actor.command_key)
    except PermissionDenied as exc:
        raise Conflict("conversation.cannot_own", member=name) from exc
    if chosen.member_id is None or not allows(chosen, Permission.CONVERSATION_SEE):
        raise Conflict("conversation.cannot_own", member=name)
    return Chosen(chosen.member_id, chosen.label, chosen.roles)


async def picked_member(visit: Visit) -> Chosen:
    """The same for somebody picked in a select of people: Discord says in the press who they are."""
    data: Any = visit.interaction.data or {}
    resolved: Any = data.get("resolved", {})
    user_id = visit.chosen[0] if visit.chosen else ""
    member: Any = resolved.get("members", {}).get(user_id)
    user: Any = resolved.get("users", {}).get(user_id, {})
    if member is None:
        raise Conflict("conversation.cannot_own", member=str(user.get("username", "?")))
    name = member.get("nick") or user.get("global_name") or user.get("username") or "?"
    return await member_of(visit, int(user_id), str(name), [int(role_id) for role_id in member.get("roles", ())])


def role_ids(member: discord.Member | discord.User) -> list[int]:
    """The ids in the payload, not `Member.roles`: a role made a moment ago may not be in the cache yet."""
    return list(member._roles) if isinstance(member, discord.Member) else []
