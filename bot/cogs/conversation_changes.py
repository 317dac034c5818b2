"""Every change of a conversation that a command or a button makes: one service call, one private line."""

from datetime import datetime
from uuid import UUID

import discord

from bot.cogs.conversation_flow import Chosen, done
from bot.ui.cards import Item, button
from bot.ui.conversation_text import contact_name, is_kept_silent
from bot.ui.text import plain, stamp, stamp_relative
from bot.visit import Visit
from domain.conversations.dto import Conversation


async def take_over(visit: Visit, conversation_id: UUID) -> None:
    """Silence the assistant."""
    taken = await visit.services.conversations.take_over(visit.actor, conversation_id)
    found, what = taken.conversation, "taken_over" if taken.is_new else "yours_already"
    await visit.show(done(visit, found, what, [give_back_button(visit, found)], until=_until(found.human_until)))


async def give_back(visit: Visit, conversation_id: UUID) -> None:
    """Let the assistant answer again."""
    found = await visit.services.conversations.give_back(visit.actor, conversation_id)
    take = button(visit.reader("conversation.button.take_over"), "conversation.take_over", found.id)
    details = await visit.services.conversations.details(visit.actor, found.id, last=1)
    await visit.show(done(visit, found, "given_back_kept_silent" if is_kept_silent(details) else "given_back", [take]))


async def assign(visit: Visit, conversation_id: UUID, member: Chosen | None) -> None:
    """Give it an owner, or none."""
    member_id = member.member_id if member else None
    found = await visit.services.conversations.assign(visit.actor, conversation_id, member_id)
    what = "assigned" if member else "unassigned"
    await visit.show(done(visit, found, what, owner=plain(member.name if member else "", 60)))


async def snooze(visit: Visit, conversation_id: UUID, until: datetime) -> None:
    """Put it aside for a while."""
    found = await visit.services.conversations.snooze(visit.actor, conversation_id, until)
    await visit.show(done(visit, found, "snoozed", until=_until(until)))


async def close(visit: Visit, conversation_id: UUID) -> None:
    """End it; the next message of the contact opens it again, or begins a new one."""
    found = await visit.services.conversations.close(visit.actor, conversation_id)
    again = button(visit.reader("conversation.button.reopen"), "conversation.reopen", found.id)
    await visit.show(done(visit, found, "closed", [again]))


async def reopen(visit: Visit, conversation_id: UUID) -> None:
    """Take the end back."""
    found = await visit.services.conversations.reopen(visit.actor, conversation_id)
    await visit.show(done(visit, found, "reopened"))


async def note(visit: Visit, conversation: Conversation, text: str) -> None:
    """Keep an internal note."""
    await visit.services.conversations.note(visit.actor, conversation.id, text, None)
    await visit.show(done(visit, conversation, "noted"))


def give_back_button(visit: Visit, conversation: Conversation) -> Item:
    """Lets the assistant answer again."""
    return button(visit.reader("conversation.button.give_back"), "conversation.give_back", conversation.id,
                  style=discord.ButtonStyle.secondary)  # fmt: skip


def _until(instant: datetime | None) -> str:
    return f"{stamp(instant)} ({stamp_relative(instant)})" if instant is not None else "–"


async def block(visit: Visit, conversation_id: UUID) -> None:
    """Answer a person no more."""
    details = await visit.services.conversations.details(visit.actor, conversation_id, last=1)
    contact = await visit.services.contacts.block(visit.actor, details.contact.id)
    name = contact_name(visit.reader, contact)
    undo = button(visit.reader("conversation.button.unblock"), "contact.unblock", details.conversation.id)
    await visit.show(done(visit, details.conversation, "blocked", [undo], name=name))


async def unblock(visit: Visit, conversation: Conversation) -> None:
    """Hear a person again."""
    contact = await visit.services.contacts.unblock(visit.actor, conversation.contact_id)
    await visit.show(done(visit, conversation, "unblocked", name=contact_name(visit.reader, contact)))


async def merge(visit: Visit, kept_number: int, merged_number: int) -> None:
    """Make two contacts one person, with the way back."""
    conversations, contacts = visit.services.conversations, visit.services.contacts
    kept = await conversations.details(visit.actor, kept_number, last=1)
    merged = await conversations.details(visit.actor, merged_number, last=1)
    evidence: dict[str, object] = {"by": "staff", "member": visit.actor.label, "conversation": merged_number}
    found = await contacts.merge(visit.actor, kept.contact.id, merged.contact.id, evidence)
    undo = button(visit.reader("conversation.button.unmerge"), "contact.unmerge", kept_number, found.id)
    await visit.show(done(visit, kept.conversation, "merged", [undo], name=contact_name(visit.reader, merged.contact)))


async def unmerge(visit: Visit, number: int, merge_id: UUID) -> None:
    """Make them two again."""
    await visit.services.contacts.undo_merge(visit.actor, merge_id)
    details = await visit.services.conversations.details(visit.actor, number, last=1)
    await visit.show(done(visit, details.conversation, "unmerged"))
