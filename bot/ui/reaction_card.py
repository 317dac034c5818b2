"""Which reaction a customer's message gets."""

import discord
from discord import ui

from bot.ui.cards import Card, Item, button, card
from bot.ui.conversation_text import unreachable_line
from bot.ui.forms import form, text_field
from bot.ui.message_text import in_short
from domain.conversations.dto import ConversationDetails, Message
from domain.conversations.emoji import is_same_emoji
from domain.i18n.reader import Reader

QUICK = ("👍", "❤️", "😂", "😮", "😢", "🙏")
"""What WhatsApp itself offers first."""
_EMOJI_LIMIT = 40


def reaction_card(read: Reader, message: Message, details: ConversationDetails) -> Card:
    """The usual ones to press, any other to type; the one that stands there is marked, and taken back by a press.

    Of a number that takes no messages the card says so.
    """
    standing = message.reactions.get("shop", "")
    back = button(read("conversation.reaction.take_back", emoji=standing), "reaction.take_back", message.id,
                  style=discord.ButtonStyle.success)  # fmt: skip
    is_usual = any(is_same_emoji(emoji, standing) for emoji in QUICK)
    controls: list[Item] = [
        back if is_same_emoji(emoji, standing) else button("", "reaction.put", message.id, emoji, emoji=emoji)
        for emoji in QUICK
    ]
    controls.append(button(read("conversation.reaction.other"), "reaction.other", message.id))
    if standing and not is_usual:
        controls.append(back)
    lines = [f"> {in_short(read, message)}"]
    if unreachable := unreachable_line(read, details):
        lines.append(unreachable)
    return card(read("conversation.reaction.title"), lines, controls=controls,
                foot=read("conversation.reaction.foot"))  # fmt: skip


def reaction_form(read: Reader, message_id: object) -> ui.Modal:
    """Any emoji."""
    field = text_field("emoji", read("conversation.reaction.label"), max_length=_EMOJI_LIMIT)
    return form(read("conversation.reaction.title"), [field], "reaction.typed", message_id)
