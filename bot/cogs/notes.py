"""What staff types in a conversation's thread is an internal note: kept, marked, and never sent."""

import logging
from uuid import UUID

import aiohttp
import discord
from discord.ext import commands

from bot.router import DoorCog
from bot.ui.cards import card
from bot.ui.help_card import mention
from bot.ui.text import bare, stamp
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.kernel.errors import DomainError, NotFound, PermissionDenied

log = logging.getLogger("guildhall")
NOTED, REFUSED = "📝", "🚫"
_NOTE_LIMIT = 2000
_REMEMBERED = 10_000


class NotesCog(DoorCog):
    """Listens in threads of conversations.

    A message that comes twice is kept once: its id is the command's key. Edits and deletions in Discord change
    nothing. Everybody sees the reaction, so nobody believes that the customer has read it.
    """

    def __init__(self, bot: object) -> None:
        super().__init__(bot)
        self._hinted: set[tuple[UUID, int]] = set()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Keep what a person wrote in a conversation's thread as a note."""
        if message.author.bot or message.webhook_id is not None or not _is_said(message):
            return
        if message.guild is None or not _may_be_thread(message):
            return
        tenant_id = await self.services.tenancy.find_by_guild(message.guild.id)
        if tenant_id is None:
            return
        try:
            await self._note(tenant_id, message)
        except DomainError as error:
            log.info("note.refused", extra={"message_id": message.id, "why": error.code})
            await _react(message, REFUSED)

    async def _note(self, tenant_id: UUID, message: discord.Message) -> None:
        member = message.author
        role_ids = list(member._roles) if isinstance(member, discord.Member) else []
        try:
            actor = await self.services.tenancy.identify(
                tenant_id, member.id, member.display_name, role_ids, f"discord:{message.id}"
            )
            conversation = await self.services.conversations.by_thread(actor, message.channel.id)
        except NotFound:
            return  # any other thread of the guild
        except PermissionDenied:
            if await self._is_conversation(tenant_id, message):
                raise
            return
        await self.services.conversations.note(actor, conversation.id, note_text(message), message.id)
        await _react(message, NOTED)
        await self._hint(actor, message)

    async def _is_conversation(self, tenant_id: UUID, message: discord.Message) -> bool:
        """Whether the thread is a conversation's: a stranger is refused there, and left in peace elsewhere."""
        system = Actor.system(tenant_id, "door", f"discord:{message.id}")
        try:
            await self.services.conversations.by_thread(system, message.channel.id)
        except NotFound:
            return False
        return True

    async def _hint(self, actor: Actor, message: discord.Message) -> None:
        """Say once to each person, as long as this process lives, how something is sent."""
        who = (actor.tenant_id, message.author.id)
        if who in self._hinted or len(self._hinted) > _REMEMBERED:
            return
        self._hinted.add(who)
        read = Reader(actor.locale, stamp=stamp)
        command = mention("conversation reply", await self.bot.command_ids())
        try:
            await message.reply(view=card(read("conversation.hint.title"), [read("conversation.hint.text",
                                command=command)]), mention_author=False)  # fmt: skip
        except (discord.HTTPException, aiohttp.ClientError, OSError) as exc:
            log.info("note.hint_lost", extra={"message_id": message.id, "why": type(exc).__name__})


def note_text(message: discord.Message) -> str:
    """The words, and the names of attached files."""
    names = [f"📎 {bare(file.filename, 100)}" for file in message.attachments]
    return "\n".join([message.content, *names]).strip()[:_NOTE_LIMIT]


def _is_said(message: discord.Message) -> bool:
    """Somebody said something: no system message, and the content is ours to read."""
    usual = (discord.MessageType.default, discord.MessageType.reply)
    return message.type in usual and bool(message.content or message.attachments)


def _may_be_thread(message: discord.Message) -> bool:
    """A thread, or a channel the cache does not know: archived threads are not in it."""
    return isinstance(message.channel, discord.Thread | discord.PartialMessageable)


async def _react(message: discord.Message, emoji: str) -> None:
    try:
        await message.add_reaction(emoji)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as exc:
        log.info("note.mark_lost", extra={"message_id": message.id, "why": type(exc).__name__})
