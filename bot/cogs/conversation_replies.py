"""Saying something to a contact: the form, canned answers, and templates where the window is closed."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import discord

from bot.answers import Answer
from bot.cogs.conversation_changes import give_back_button
from bot.cogs.conversation_files import drop_file, keep_file
from bot.cogs.conversation_flow import done
from bot.router import DoorCog, pressed, submitted
from bot.ui.reply_cards import (
    canned_card,
    no_template_card,
    reply_form,
    typed_files,
    usable,
    window_card,
)
from bot.ui.text import plain, stamp, stamp_relative
from bot.visit import Visit
from domain.conversations.dto import ConversationDetails, Outgoing
from domain.kernel.errors import Conflict, DomainError, NotFound
from domain.tenancy.policy import Permission, require

WINDOW_CLOSED = "conversation.window_closed"


class ConversationRepliesCog(DoorCog):
    """The Reply button and what follows from it."""

    @pressed("conversation.reply", Answer.FORM)
    async def reply(self, visit: Visit, conversation_id: UUID) -> None:
        """Open the form; outside the window say so and offer templates."""
        await open_reply(visit, await details_of(visit, conversation_id))

    @submitted("conversation.say", Answer.PRIVATE)
    async def said(self, visit: Visit, conversation_id: UUID) -> None:
        """Send what was typed."""
        await say(visit, conversation_id, visit.text("text"))

    @submitted("conversation.say_warned", Answer.PRIVATE)
    async def said_warned(self, visit: Visit, conversation_id: UUID) -> None:
        """The same where the form said that the number takes no messages."""
        await say(visit, conversation_id, visit.text("text"), is_warned=True)

    @pressed("conversation.canned", Answer.PRIVATE)
    async def canned(self, visit: Visit, conversation_id: UUID) -> None:
        """Show the canned answers to choose from."""
        details = await details_of(visit, conversation_id)
        answers = await self.services.conversations.canned(visit.actor)
        await visit.show(canned_card(visit.reader, details.conversation, answers))

    @pressed("conversation.canned_pick", Answer.FORM)
    async def canned_picked(self, visit: Visit, conversation_id: UUID) -> None:
        """Open the form with the canned answer in it, to be looked over."""
        details = await details_of(visit, conversation_id)
        body = await canned_body(visit, visit.chosen[0] if visit.chosen else "")
        await open_reply(visit, details, body)


async def details_of(visit: Visit, conversation_id: UUID) -> ConversationDetails:
    """The conversation, if this person may answer in it: better said before a form than after it."""
    require(visit.actor, Permission.CONVERSATION_REPLY)
    return await visit.services.conversations.details(visit.actor, conversation_id, last=1)


async def open_reply(visit: Visit, details: ConversationDetails, text: str = "") -> None:
    """Open the form, or show what is possible outside the window."""
    if details.conversation.is_window_open(visit.services.clock.now()):
        await visit.open(reply_form(visit.reader, details, text))
    else:
        await show_templates(visit, details, text)


async def say(visit: Visit, conversation_id: UUID, text: str, *, is_warned: bool = False) -> None:
    """Send a text. Where the window has closed meanwhile, what was typed is shown again, with templates."""
    try:
        outgoing = Outgoing(text=text)
        await visit.services.conversations.reply(visit.actor, conversation_id, outgoing, is_warned=is_warned)
    except Conflict as refused:
        if refused.code != WINDOW_CLOSED:
            raise
        await show_templates(visit, await details_of(visit, conversation_id), text)
        return
    await sent(visit, conversation_id)


async def say_with_file(
    visit: Visit, conversation_id: UUID, text: str, file: discord.Attachment, data_dir: Path | None
) -> None:
    """Send a file with a text under it; a file that may not be sent is not kept."""
    details = await details_of(visit, conversation_id)
    if not details.conversation.is_window_open(visit.services.clock.now()):
        await show_templates(visit, details, text)
        return
    await reply_with_file(visit, conversation_id, Outgoing(text), file, data_dir)
    await sent(visit, conversation_id)


async def reply_with_file(
    visit: Visit, conversation_id: UUID, outgoing: Outgoing, file: discord.Attachment, data_dir: Path | None, *,
    is_warned: bool = False,
) -> None:  # fmt: skip
    """Say something with a file; one that may not be sent is not kept."""
    kept = await keep_file(visit, data_dir, file)
    whole = replace(outgoing, media_path=kept.path, media_mime=kept.mime, file_name=kept.name)
    try:
        await visit.services.conversations.reply(visit.actor, conversation_id, whole, is_warned=is_warned)
    except DomainError:
        await drop_file(data_dir, kept)
        raise


async def show_templates(visit: Visit, details: ConversationDetails, typed: str = "") -> None:
    """Say that the window is closed, and offer what may be sent."""
    templates = await visit.services.channels.templates(visit.actor, details.conversation.account_id)
    build = window_card if usable(templates) else no_template_card
    await visit.show(build(visit.reader, details, templates, typed), typed_files(typed))


async def canned_body(visit: Visit, name: str) -> str:
    """The text of a canned answer. Raises `NotFound` `conversation.no_canned`."""
    for answer in await visit.services.conversations.canned(visit.actor):
        if answer.name == name:
            return answer.body
    raise NotFound("conversation.no_canned", name=name)


async def sent(visit: Visit, conversation_id: UUID) -> None:
    """Say that it is on its way, and until when the assistant is silent."""
    details = await visit.services.conversations.details(visit.actor, conversation_id, last=1)
    found = details.conversation
    until = f"{stamp(found.human_until)} ({stamp_relative(found.human_until)})" if found.human_until else "–"
    name = plain(details.contact.name, 60) or details.contact.phone or visit.reader("conversation.nameless")
    await visit.show(done(visit, found, "sent", [give_back_button(visit, found)], name=name, until=until))
