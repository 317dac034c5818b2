"""The card that stands first in a conversation's thread."""

from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot.ui.cards import Card, Item, button, rows
from bot.ui.conversation_text import (
    TONES,
    account_mention,
    contact_name,
    phone_line,
    reason_line,
    state_line,
    unreachable_line,
    window_line,
)
from bot.ui.text import TEXT_LIMIT, clip, plain, stamp_relative
from domain.contacts.dto import IdentifierKind
from domain.conversations.dto import Conversation, ConversationDetails, ConversationState
from domain.i18n.reader import Reader

_PRIMARY, _DANGER = discord.ButtonStyle.primary, discord.ButtonStyle.danger


def conversation_card(read: Reader, details: ConversationDetails, now: datetime) -> Card:
    """Who it is, who answers, how long free text may be sent, and what can be done."""
    text: ui.TextDisplay[Any] = ui.TextDisplay(clip("\n".join(card_lines(read, details, now)), TEXT_LIMIT))
    conversation = details.conversation
    items: list[Any] = [text, *rows(_usual(read, conversation)), *rows(_more(read, conversation))]
    items += [ui.Separator(), *rows([_ending(read, conversation)])]
    return Card(ui.Container(*items, accent_colour=int(TONES[conversation.state])))


def card_lines(read: Reader, details: ConversationDetails, now: datetime) -> list[str]:
    """The facts, one to a line."""
    conversation, contact = details.conversation, details.contact
    lines = [f"### C-{conversation.number} · {contact_name(read, contact)}"]
    person = [f"📱 {phone_line(read, contact)}"]
    if contact.locale:
        person.append(read(f"language.{contact.locale}"))
    person += [account_mention(int(account)) for account in contact.identifiers.get(IdentifierKind.DISCORD, ())]
    lines += [" · ".join(person), state_line(read, details)]
    if conversation.handoff_reason and conversation.state is ConversationState.HUMAN:
        lines.append(f"🙋 {reason_line(read, conversation.handoff_reason)}")
    if details.lead_stage and details.lead_number:
        lines.append(f"🎯 L-{details.lead_number} · {read(f'lead.stage.{details.lead_stage}')}")
    owner = plain(conversation.owner_name, 60) if conversation.owner_name else read("conversation.card.no_owner")
    lines.append(f"🧑‍💼 {owner}")
    if conversation.snoozed_until is not None:
        lines.append(f"💤 {read('conversation.card.snoozed', when=stamp_relative(conversation.snoozed_until))}")
    if contact.opted_out_at is not None:
        lines.append(f"🔕 {read('conversation.card.opted_out')}")
    if contact.blocked_at is not None:
        lines.append(f"⛔ {read('conversation.card.blocked')}")
    if unreachable := unreachable_line(read, details):
        lines.append(unreachable)
    lines += [f"⏳ {window_line(read, conversation, now)}",
              f"🕑 {read('conversation.card.last', when=stamp_relative(conversation.last_activity_at))}"]  # fmt: skip
    return lines


def _usual(read: Reader, conversation: Conversation) -> list[Item]:
    found: list[Item] = [
        button(read("conversation.button.reply"), "conversation.reply", conversation.id, style=_PRIMARY, emoji="💬"),
        button(read("conversation.button.canned"), "conversation.canned", conversation.id, emoji="📋"),
    ]
    if conversation.state is ConversationState.BOT:
        found.append(button(read("conversation.button.take_over"), "conversation.take_over", conversation.id))
    elif conversation.state is ConversationState.HUMAN:
        found.append(button(read("conversation.button.give_back"), "conversation.give_back", conversation.id))
    found.append(button(read("conversation.button.order"), "conversation.order", conversation.id, emoji="🧾"))
    return found


def _more(read: Reader, conversation: Conversation) -> list[Item]:
    found: list[Item] = [button(read("conversation.button.assign"), "conversation.assign", conversation.id)]
    if conversation.state is not ConversationState.CLOSED:
        found.append(button(read("conversation.button.snooze"), "conversation.snooze", conversation.id))
    found.append(button(read("conversation.button.transcript"), "conversation.transcript", conversation.id))
    return found


def _ending(read: Reader, conversation: Conversation) -> Item:
    if conversation.state is ConversationState.CLOSED:
        return button(read("conversation.button.reopen"), "conversation.reopen", conversation.id, style=_PRIMARY)
    return button(read("conversation.button.close"), "conversation.close", conversation.id, style=_DANGER)
