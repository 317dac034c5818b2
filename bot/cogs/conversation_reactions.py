"""Reacting to a customer's message: from its menu in the thread, and with `/conversation react`."""

from typing import Any
from uuid import UUID

import discord
from discord import app_commands

from bot.answers import Answer, Press
from bot.cogs.conversation_flow import done
from bot.router import DoorCog, pressed, submitted
from bot.ui.cards import Item, button
from bot.ui.conversation_text import assistant_answers, contact_name
from bot.ui.reaction_card import reaction_card, reaction_form
from bot.visit import Visit, enter
from bot.words import words
from domain.tenancy.policy import Permission, require


class ConversationReactionsCog(DoorCog):
    """Hold a message, Apps, React."""

    def __init__(self, bot: Any) -> None:
        super().__init__(bot)
        # The library takes no menus from a cog's class.
        self._menu = app_commands.guild_only()(app_commands.ContextMenu(name=words("menu.react"), callback=self.react))

    async def cog_load(self) -> None:
        """Offer the menu, too."""
        await super().cog_load()
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it back."""
        await super().cog_unload()
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def react(self, interaction: Press, message: discord.Message) -> None:
        """Ask which emoji a customer's message gets."""
        visit = await enter(interaction)
        found = await self.services.conversations.reactable_at(visit.actor, message.channel.id, message.id)
        details = await self.services.conversations.details(visit.actor, found.conversation_id, last=1)
        await visit.show(reaction_card(visit.reader, found, details))

    @pressed("reaction.put")
    async def put(self, visit: Visit, message_id: UUID, emoji: str) -> None:
        """React with one of the usual ones; a second press changes nothing."""
        await put_reaction(visit, message_id, emoji, is_toggle=False)

    @pressed("reaction.take_back")
    async def take_back(self, visit: Visit, message_id: UUID) -> None:
        """Take the reaction back."""
        await put_reaction(visit, message_id, "")

    @pressed("reaction.other", Answer.FORM)
    async def other(self, visit: Visit, message_id: UUID) -> None:
        """Ask for any other."""
        require(visit.actor, Permission.CONVERSATION_REPLY)
        await visit.open(reaction_form(visit.reader, message_id))

    @submitted("reaction.typed")
    async def typed(self, visit: Visit, message_id: UUID) -> None:
        """React with what was typed."""
        await put_reaction(visit, message_id, visit.text("emoji"))


async def put_reaction(visit: Visit, message_id: UUID, emoji: str, *, is_toggle: bool = True) -> None:
    """React, or take it back; where the assistant answers, say that it goes on, and offer to take over."""
    conversations = visit.services.conversations
    reacted = await conversations.put_reaction(visit.actor, message_id, emoji, is_toggle=is_toggle)
    details = await conversations.details(visit.actor, reacted.conversation.id, last=1)
    controls: list[Item] = []
    what = "reacted" if reacted.emoji else "reaction_taken_back"
    if reacted.emoji and assistant_answers(details):
        what = "reacted_beside"
        controls.append(button(visit.reader("conversation.button.take_over"), "conversation.take_over",
                               reacted.conversation.id))  # fmt: skip
    name = contact_name(visit.reader, details.contact)
    await visit.show(done(visit, reacted.conversation, what, controls, emoji=reacted.emoji, name=name))
