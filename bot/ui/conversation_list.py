"""Lists of conversations, and one shown privately with its latest messages."""

from collections.abc import Sequence
from datetime import datetime

import discord
from discord import ui

from bot.ui.cards import Card, Item, button, card, select
from bot.ui.conversation_card import card_lines
from bot.ui.conversation_text import TONES, contact_name, list_line
from bot.ui.danger import confirm_danger
from bot.ui.ids import make_id
from bot.ui.message_text import in_short
from bot.ui.pages import page_buttons
from bot.ui.text import plain, stamp, stamp_relative
from domain.contacts.dto import Merge
from domain.conversations.dto import Author, Conversation, ConversationDetails, ConversationState, Direction, Message
from domain.i18n.reader import Count, Reader
from domain.kernel.pages import Page

OPEN = "open"
FILTERS = (OPEN, *(state.value for state in ConversationState))
_SHOWN = 12


def filter_name(read: Reader, chosen: str) -> str:
    """What a filter is called."""
    return read(f"conversation.filter.{chosen}")


def list_card(read: Reader, page: Page[ConversationDetails], chosen: str) -> Card:
    """One page of conversations under a filter."""
    lines = [list_line(read, details) for details in page.rows] or [read("conversation.list.empty")]
    options = [
        discord.SelectOption(label=filter_name(read, name), value=name, default=name == chosen) for name in FILTERS
    ]
    controls: list[Item] = [
        select("conversation.filter", options=options, placeholder=read("conversation.list.placeholder")),
        *page_buttons(read, "conversation.page", page, chosen),
    ]
    foot = read("conversation.list.total", count=Count(page.total_count), filter=filter_name(read, chosen))
    return card(read("conversation.list.title"), lines, controls=controls, foot=foot)


def show_card(read: Reader, details: ConversationDetails, now: datetime, thread_id: int | None) -> Card:
    """A conversation with the last of what was said."""
    facts = card_lines(read, details, now)
    title, lines = facts[0].removeprefix("### "), facts[1:]
    if thread_id:
        lines.append(f"<#{thread_id}>")
    lines += ["", f"**{read('conversation.show.latest')}**"]
    lines += [message_line(read, details, message) for message in details.messages[-_SHOWN:]]
    if not details.messages:
        lines.append(read("conversation.show.nothing"))
    conversation = details.conversation
    controls: list[Item] = [
        button(read("conversation.button.reply"), "conversation.reply", conversation.id,
               style=discord.ButtonStyle.primary),
        button(read("conversation.button.transcript"), "conversation.transcript", conversation.id),
    ]  # fmt: skip
    return card(title, lines, tone=TONES[conversation.state], controls=controls)


def message_line(read: Reader, details: ConversationDetails, message: Message) -> str:
    """A message in a line."""
    if message.direction is Direction.NOTE:
        who = f"📝 {plain(message.author_label, 40)}"
    elif message.author is Author.CONTACT:
        who = f"**{contact_name(read, details.contact)}**"
    else:
        who = f"➡️ {plain(message.author_label, 40) or read(f'conversation.author.{message.author}')}"
    return f"<t:{int(message.sent_at.timestamp())}:t> {who}: {in_short(read, message, 160)}"


def assign_card(read: Reader, conversation: Conversation) -> Card:
    """Who is to look after it."""
    people: ui.UserSelect[Card] = ui.UserSelect(
        custom_id=make_id("conversation.assign_to", conversation.id), placeholder=read("conversation.assign.choose")
    )
    controls: list[Item] = [
        people,
        button(read("conversation.assign.me"), "conversation.assign_me", conversation.id,
               style=discord.ButtonStyle.primary),
        button(read("conversation.assign.nobody"), "conversation.assign_none", conversation.id),
    ]  # fmt: skip
    return card(read("conversation.assign.title", number=conversation.number), controls=controls)


def snooze_card(read: Reader, conversation: Conversation, durations: Sequence[str]) -> Card:
    """For how long it is put aside."""
    options = [
        discord.SelectOption(label=read(f"conversation.duration.{name}"), value=name) for name in durations
    ]  # fmt: skip
    pick = select("conversation.snooze_for", conversation.id, options=options,
                  placeholder=read("conversation.snooze.choose"))  # fmt: skip
    return card(read("conversation.snooze.title", number=conversation.number), [read("conversation.snooze.text")],
                controls=[pick])  # fmt: skip


def transcript_card(read: Reader, conversation: Conversation, name: str) -> Card:
    """The whole conversation as a file."""
    title = read("conversation.transcript.title", number=conversation.number)
    return card(title, media=[ui.File(f"attachment://{name}")])


def block_question(read: Reader, details: ConversationDetails) -> Card:
    """What blocking does, before it is done."""
    effects = [read("conversation.block.effect", name=contact_name(read, details.contact))]
    return confirm_danger(read, read("conversation.block.title"), effects, read("conversation.block.confirm"),
                          "contact.block", details.conversation.id)  # fmt: skip


def merge_question(read: Reader, kept: ConversationDetails, merged: ConversationDetails) -> Card:
    """What merging does, before it is done."""
    effects = [
        read("conversation.merge.effect", kept=_who(read, kept), merged=_who(read, merged)),
        read("conversation.merge.undo"),
    ]
    return confirm_danger(read, read("conversation.merge.title"), effects, read("conversation.merge.confirm"),
                          "contact.merge", kept.conversation.number, merged.conversation.number)  # fmt: skip


def merges_card(read: Reader, conversation: Conversation, merges: Sequence[Merge]) -> Card:
    """What showed each time that two contacts are one person, the newest first, with the way back."""
    lines = [f"{place}. {_merge_line(read, merge)}" for place, merge in enumerate(merges, start=1)]
    controls: list[Item] = [
        button(f"{read('conversation.button.unmerge')} {place}", "contact.unmerge", conversation.number, merge.id)
        for place, merge in enumerate(merges, start=1)
        if merge.undone_at is None
    ]
    title = read("conversation.merges.title", number=conversation.number)
    return card(title, lines or [read("conversation.merges.none")], controls=controls[:5])


def _merge_line(read: Reader, merge: Merge) -> str:
    shown = merge.evidence.get("identifiers")
    values = [str(one.get("value", "")) for one in shown if isinstance(one, dict)] if isinstance(shown, list) else []
    if values:
        text = read("conversation.merges.by_event", identifiers=", ".join(plain(value, 60) for value in values))
    else:
        text = read("conversation.merges.by_staff", member=plain(str(merge.evidence.get("member") or "–"), 60))
    undone = f" · {read('conversation.merges.undone', when=stamp_relative(merge.undone_at))}" if merge.undone_at else ""
    return f"{stamp(merge.at)} · {text}{undone}"


def _who(read: Reader, details: ConversationDetails) -> str:
    phone = f" ({details.contact.phone})" if details.contact.phone else ""
    return f"**C-{details.conversation.number}** {contact_name(read, details.contact)}{phone}"
