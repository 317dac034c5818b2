"""`/conversation`: everything about conversations that is typed."""

import discord
from discord import app_commands

from bot.answers import Answer, Press
from bot.cogs import conversation_changes as changes
from bot.cogs.conversation_flow import DURATIONS, described, group, here, member_of, role_ids, snoozed_until, subcommand
from bot.cogs.conversation_links import link, unlink
from bot.cogs.conversation_presses import (
    block_card,
    merge_card,
    show_conversation,
    show_list,
    show_merges,
    show_transcript,
)
from bot.cogs.conversation_reactions import put_reaction
from bot.cogs.conversation_replies import canned_body, details_of, open_reply, say, say_with_file
from bot.cogs.conversation_templates import open_template, suggest_templates
from bot.router import DoorCog
from bot.suggest import suggest
from bot.ui.conversation_list import FILTERS, OPEN
from bot.ui.reply_cards import Canned
from bot.ui.text import OPTION_LIMIT, clip
from bot.visit import Visit, enter
from bot.words import words
from domain.tenancy.policy import Permission, require

Number = app_commands.Range[int, 0, 2**31 - 1]
_LONGEST_OPTION = 6000  # Discord's own limit of an option; what does not fit into one message goes out as several
_STATES = [app_commands.Choice(name=words(f"conversation.filter.{name}"), value=name) for name in FILTERS]
_DURATIONS = [app_commands.Choice(name=words(f"conversation.duration.{name}"), value=name) for name in DURATIONS]


class ConversationCog(DoorCog):
    """One subcommand for each thing that can be done; inside its thread the conversation need not be named."""

    conversation = group

    @subcommand("reply")
    @described("text", "canned", "file", "conversation")
    async def reply(
        self, interaction: Press, text: app_commands.Range[str, 1, _LONGEST_OPTION] | None = None,
        canned: str | None = None, file: discord.Attachment | None = None, conversation: Number | None = None,
    ) -> None:  # fmt: skip
        """Send a text, a file or both to the contact; without either, open the form."""
        visit = await enter(interaction, Answer.PRIVATE if text or file else Answer.FORM)
        require(visit.actor, Permission.CONVERSATION_REPLY)
        found = await here(visit, conversation)
        if file is not None:
            await say_with_file(visit, found.id, text or "", file, self.bot.config.data_dir)
            return
        if text:
            await say(visit, found.id, text)
            return
        body = await canned_body(visit, canned) if canned else ""
        await open_reply(visit, await details_of(visit, found.id), body)

    @reply.autocomplete("canned")
    async def suggest_canned(self, interaction: Press, typed: str) -> list[app_commands.Choice[str]]:
        """Canned answers whose name or text fits."""
        wanted = typed.strip().casefold()

        async def search(visit: Visit) -> list[Canned]:
            answers = await visit.services.conversations.canned(visit.actor)
            return [a for a in answers if wanted in a.name or wanted in a.body.casefold()]

        return await suggest(
            interaction, search, lambda _, a: (clip(f"{a.name} · {a.body}", OPTION_LIMIT), a.name), "-"
        )

    @subcommand("template")
    @described("template", "conversation")
    async def template(self, interaction: Press, template: str, conversation: Number | None = None) -> None:
        """Open the form of a template, or say why it cannot be sent."""
        visit = await enter(interaction, Answer.FORM)
        require(visit.actor, Permission.CONVERSATION_REPLY)
        found = await here(visit, conversation)
        await open_template(visit, await details_of(visit, found.id), template.strip())

    @template.autocomplete("template")
    async def suggest_template(self, interaction: Press, typed: str) -> list[app_commands.Choice[str]]:
        """The number's templates; those that cannot be sent say why."""
        return await suggest_templates(interaction, typed)

    @subcommand("react")
    @described("emoji", "conversation")
    async def react(
        self, interaction: Press, emoji: app_commands.Range[str, 1, 60] | None = None,
        conversation: Number | None = None,
    ) -> None:  # fmt: skip
        """React to what the contact wrote last; without an emoji, take the reaction back."""
        visit = await enter(interaction)
        require(visit.actor, Permission.CONVERSATION_REPLY)
        found = await here(visit, conversation)
        last = await self.services.conversations.last_of_contact(visit.actor, found.id)
        await put_reaction(visit, last.id, emoji or "")

    @subcommand("note")
    @described("text", "conversation")
    async def note(
        self, interaction: Press, text: app_commands.Range[str, 1, 2000], conversation: Number | None = None
    ) -> None:
        """Keep an internal note."""
        visit = await enter(interaction)
        await changes.note(visit, await here(visit, conversation), text)

    @subcommand("list")
    @described("state")
    @app_commands.choices(state=_STATES)
    async def list(self, interaction: Press, state: str = OPEN) -> None:
        """List conversations."""
        await show_list(await enter(interaction), state, 1)

    @subcommand("show")
    @described("conversation")
    async def show(self, interaction: Press, conversation: Number | None = None) -> None:
        """Show a conversation with what was said last."""
        visit = await enter(interaction)
        await show_conversation(visit, (await here(visit, conversation)).id)

    @subcommand("transcript")
    @described("conversation")
    async def transcript(self, interaction: Press, conversation: Number | None = None) -> None:
        """The whole conversation as a file."""
        visit = await enter(interaction)
        await show_transcript(visit, (await here(visit, conversation)).id)

    @subcommand("takeover")
    @described("conversation")
    async def takeover(self, interaction: Press, conversation: Number | None = None) -> None:
        """Silence the assistant."""
        visit = await enter(interaction)
        await changes.take_over(visit, (await here(visit, conversation)).id)

    @subcommand("giveback")
    @described("conversation")
    async def giveback(self, interaction: Press, conversation: Number | None = None) -> None:
        """Let the assistant answer again."""
        visit = await enter(interaction)
        await changes.give_back(visit, (await here(visit, conversation)).id)

    @subcommand("assign")
    @described("member", "conversation")
    async def assign(
        self, interaction: Press, member: discord.Member | None = None, conversation: Number | None = None
    ) -> None:
        """Give it to somebody; to me when nobody is named."""
        visit = await enter(interaction)
        require(visit.actor, Permission.CONVERSATION_REPLY)
        found = await here(visit, conversation)
        chosen = member or interaction.user
        await changes.assign(visit, found.id, await member_of(visit, chosen.id, chosen.display_name, role_ids(chosen)))

    @subcommand("snooze")
    @described("duration", "conversation")
    @app_commands.choices(duration=_DURATIONS)
    async def snooze(self, interaction: Press, duration: str, conversation: Number | None = None) -> None:
        """Put it aside for a while."""
        visit = await enter(interaction)
        found = await here(visit, conversation)
        await changes.snooze(visit, found.id, snoozed_until(visit, duration, (await visit.tenant()).zone))

    @subcommand("close")
    @described("conversation")
    async def close(self, interaction: Press, conversation: Number | None = None) -> None:
        """End it."""
        visit = await enter(interaction)
        await changes.close(visit, (await here(visit, conversation)).id)

    @subcommand("reopen")
    @described("conversation")
    async def reopen(self, interaction: Press, conversation: Number | None = None) -> None:
        """Take the end back."""
        visit = await enter(interaction)
        await changes.reopen(visit, (await here(visit, conversation)).id)

    @subcommand("block")
    @described("conversation")
    async def block(self, interaction: Press, conversation: Number | None = None) -> None:
        """Ask before a person is blocked."""
        visit = await enter(interaction)
        await block_card(visit, (await here(visit, conversation)).id)

    @subcommand("unblock")
    @described("conversation")
    async def unblock(self, interaction: Press, conversation: Number | None = None) -> None:
        """Hear a blocked person again."""
        visit = await enter(interaction)
        await changes.unblock(visit, await here(visit, conversation))

    @subcommand("merge")
    @described("other", "conversation")
    async def merge(self, interaction: Press, other: Number, conversation: Number | None = None) -> None:
        """Ask before two contacts become one person."""
        visit = await enter(interaction)
        await merge_card(visit, (await here(visit, conversation)).number, other)

    @subcommand("merges")
    @described("conversation")
    async def merges(self, interaction: Press, conversation: Number | None = None) -> None:
        """The rows that became this contact, with what showed it and the way back."""
        visit = await enter(interaction)
        await show_merges(visit, await here(visit, conversation))

    @subcommand("link")
    @described("account", "conversation")
    async def link(self, interaction: Press, account: discord.User, conversation: Number | None = None) -> None:
        """Say which Discord account is the contact's."""
        visit = await enter(interaction)
        await link(visit, await here(visit, conversation), account)

    @subcommand("unlink")
    @described("account", "conversation")
    async def unlink(
        self, interaction: Press, account: discord.User | None = None, conversation: Number | None = None
    ) -> None:
        """Forget the contact's Discord account."""
        visit = await enter(interaction)
        await unlink(visit, await here(visit, conversation), account)
