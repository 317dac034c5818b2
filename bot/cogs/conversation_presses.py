"""The buttons of conversations; each looks the conversation up again and asks the service again."""

import io
from uuid import UUID

import discord

from bot.answers import Answer
from bot.cogs import conversation_changes as changes
from bot.cogs.conversation_flow import DURATIONS, member_of, picked_member, role_ids, snoozed_until
from bot.cogs.conversation_replies import details_of
from bot.router import DoorCog, fresh, pressed
from bot.ui.conversation_list import (
    FILTERS,
    OPEN,
    assign_card,
    block_question,
    list_card,
    merge_question,
    merges_card,
    show_card,
    snooze_card,
    transcript_card,
)
from bot.ui.ids import OutOfDate
from bot.visit import Visit
from domain.conversations.dto import Conversation, ConversationState
from domain.kernel.errors import Conflict
from domain.tenancy.policy import Permission, require


class ConversationPressesCog(DoorCog):
    """What the cards of conversations offer."""

    @fresh("conversation")
    async def current(self, visit: Visit, conversation_id: UUID) -> None:
        """The current state in place of an old card."""
        await show_conversation(visit, conversation_id)

    @pressed("conversation.take_over", Answer.PRIVATE)
    async def take_over(self, visit: Visit, conversation_id: UUID) -> None:
        """Silence the assistant."""
        await changes.take_over(visit, conversation_id)

    @pressed("conversation.give_back", Answer.PRIVATE)
    async def give_back(self, visit: Visit, conversation_id: UUID) -> None:
        """Let the assistant answer again."""
        await changes.give_back(visit, conversation_id)

    @pressed("conversation.close", Answer.PRIVATE)
    async def close(self, visit: Visit, conversation_id: UUID) -> None:
        """End it."""
        await changes.close(visit, conversation_id)

    @pressed("conversation.reopen", Answer.PRIVATE)
    async def reopen(self, visit: Visit, conversation_id: UUID) -> None:
        """Take the end back."""
        await changes.reopen(visit, conversation_id)

    @pressed("conversation.assign", Answer.PRIVATE)
    async def assign(self, visit: Visit, conversation_id: UUID) -> None:
        """Ask who is to have it."""
        await visit.show(assign_card(visit.reader, (await details_of(visit, conversation_id)).conversation))

    @pressed("conversation.assign_to")
    async def assigned(self, visit: Visit, conversation_id: UUID) -> None:
        """Give it to whoever was picked."""
        require(visit.actor, Permission.CONVERSATION_REPLY)
        await changes.assign(visit, conversation_id, await picked_member(visit))

    @pressed("conversation.assign_me")
    async def assigned_to_me(self, visit: Visit, conversation_id: UUID) -> None:
        """Take it oneself."""
        user = visit.interaction.user
        me = await member_of(visit, user.id, user.display_name, role_ids(user))
        await changes.assign(visit, conversation_id, me)

    @pressed("conversation.assign_none")
    async def unassigned(self, visit: Visit, conversation_id: UUID) -> None:
        """Leave it to everybody."""
        await changes.assign(visit, conversation_id, None)

    @pressed("conversation.snooze", Answer.PRIVATE)
    async def snooze(self, visit: Visit, conversation_id: UUID) -> None:
        """Ask for how long."""
        details = await details_of(visit, conversation_id)
        await visit.show(snooze_card(visit.reader, details.conversation, DURATIONS))

    @pressed("conversation.snooze_for")
    async def snoozed(self, visit: Visit, conversation_id: UUID) -> None:
        """Put it aside."""
        duration = visit.chosen[0] if visit.chosen else ""
        if duration not in DURATIONS:
            raise OutOfDate("conversation", (conversation_id.hex,))
        await changes.snooze(visit, conversation_id, snoozed_until(visit, duration, (await visit.tenant()).zone))

    @pressed("conversation.transcript", Answer.PRIVATE)
    async def transcript(self, visit: Visit, conversation_id: UUID) -> None:
        """The whole conversation as a file."""
        await show_transcript(visit, conversation_id)

    @pressed("conversation.page")
    async def page(self, visit: Visit, number: int, chosen: str) -> None:
        """Turn a page."""
        await show_list(visit, chosen, number)

    @pressed("conversation.filter")
    async def filter(self, visit: Visit) -> None:
        """List another state."""
        await show_list(visit, visit.chosen[0] if visit.chosen else "", 1)

    @pressed("contact.block")
    async def block(self, visit: Visit, conversation_id: UUID) -> None:
        """Answer a person no more."""
        await changes.block(visit, conversation_id)

    @pressed("contact.unblock")
    async def unblock(self, visit: Visit, conversation_id: UUID) -> None:
        """Hear a person again."""
        details = await self.services.conversations.details(visit.actor, conversation_id, last=1)
        await changes.unblock(visit, details.conversation)

    @pressed("contact.merge")
    async def merge(self, visit: Visit, kept_number: int, merged_number: int) -> None:
        """Make two contacts one person."""
        await changes.merge(visit, kept_number, merged_number)

    @pressed("contact.unmerge")
    async def unmerge(self, visit: Visit, number: int, merge_id: UUID) -> None:
        """Make them two again."""
        await changes.unmerge(visit, number, merge_id)


async def show_list(visit: Visit, chosen: str, number: int) -> None:
    """A page of conversations."""
    if chosen not in FILTERS:
        raise OutOfDate("conversation")
    state = None if chosen == OPEN else ConversationState(chosen)
    page = await visit.services.conversations.list(visit.actor, state, number)
    await visit.show(list_card(visit.reader, page, chosen))


async def show_conversation(visit: Visit, conversation_id: UUID) -> None:
    """A conversation with what was said last, privately."""
    details = await visit.services.conversations.details(visit.actor, conversation_id, last=30)
    lead = await visit.services.leads.get(visit.actor, details.lead_number) if details.lead_number else None
    thread_id = lead.thread_id if lead is not None else None
    await visit.show(show_card(visit.reader, details, visit.services.clock.now(), thread_id))


async def show_transcript(visit: Visit, conversation_id: UUID) -> None:
    """The whole conversation as a text file."""
    details = await visit.services.conversations.details(visit.actor, conversation_id, last=1)
    text = await visit.services.conversations.transcript(visit.actor, conversation_id)
    name = f"C-{details.conversation.number}.txt"
    file = discord.File(io.BytesIO(text.encode()), name)
    await visit.show(transcript_card(visit.reader, details.conversation, name), [file])


async def block_card(visit: Visit, conversation_id: UUID) -> None:
    """Ask before a person is blocked."""
    require(visit.actor, Permission.CONTACT_CHANGE)
    details = await visit.services.conversations.details(visit.actor, conversation_id, last=1)
    await visit.show(block_question(visit.reader, details))


async def merge_card(visit: Visit, kept_number: int, merged_number: int) -> None:
    """Ask before two contacts become one person."""
    require(visit.actor, Permission.CONTACT_CHANGE)
    conversations = visit.services.conversations
    kept = await conversations.details(visit.actor, kept_number, last=1)
    merged = await conversations.details(visit.actor, merged_number, last=1)
    if kept.contact.id == merged.contact.id:
        raise Conflict("conversation.same_person")
    await visit.show(merge_question(visit.reader, kept, merged))


async def show_merges(visit: Visit, conversation: Conversation) -> None:
    """What was merged into a conversation's contact, by events too, each with its undo."""
    merges = await visit.services.contacts.merges(visit.actor, conversation.contact_id)
    await visit.show(merges_card(visit.reader, conversation, merges))
