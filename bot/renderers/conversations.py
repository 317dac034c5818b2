"""A conversation's thread: its card, its messages, and what happened to it."""

import io
from uuid import UUID

import discord

from bot.render import Drawing, Drawn, ThreadFacts, draws
from bot.renderers.channels import is_own_channel
from bot.ui.board_card import board_card, board_moved_card
from bot.ui.conversation_card import conversation_card
from bot.ui.conversation_notice import KEPT_SILENT, notice_card
from bot.ui.conversation_text import is_kept_silent, thread_facts
from bot.ui.media_files import shown_file
from bot.ui.message_card import Shown, message_card
from bot.ui.message_text import BODY_LIMIT
from domain.conversations.dto import ConversationDetails, Message
from domain.conversations.mirroring import read_mirrored
from domain.kernel.errors import NotFound, TransientFailure
from domain.kernel.roles import Role
from domain.outbox.kinds import Kind
from domain.tenancy.dto import Purpose

_MEDIA_PATIENCE_S = 10
_MEDIA_TRIES = 3


@draws(Kind.CONVERSATION_CARD)
async def conversation(drawing: Drawing) -> Drawn:
    """The first message of the thread, from the conversation as it is now; names the thread."""
    details = await drawing.services.conversations.details(drawing.actor, _subject(drawing), last=1)
    view = conversation_card(drawing.reader, details, drawing.services.clock.now())
    return Drawn(view, thread=thread_facts(drawing.reader, details))


@draws(Kind.CONVERSATION_MESSAGE)
async def message(drawing: Drawing) -> Drawn:
    """A message or note as it is now, with its file.

    Raises:
        TransientFailure: The file is being fetched; what comes later waits, so that the order is kept. Not for long.
    """
    mirrored = await read_mirrored(drawing.services.db, drawing.actor, _subject(drawing))
    said = mirrored.message
    if drawing.message.card is None and _waits_for_file(drawing, said):
        raise TransientFailure("discord", "media_waiting", 1.0)
    shown, files = Shown(), list[discord.File]()
    if said.media is not None and said.deleted_at is None:
        shown, attached = await shown_file(drawing.reader, said.media, drawing.room)
        files += attached
    if len(said.body) > BODY_LIMIT and said.deleted_at is None:
        files.append(discord.File(io.BytesIO(said.body.encode()), "message.txt"))
        shown = Shown([*shown.media, discord.ui.File("attachment://message.txt")], shown.line)
    return Drawn(message_card(drawing.reader, mirrored, shown, drawing.tenant.guild_id), tuple(files))


@draws(Kind.CONVERSATION_NOTICE)
async def notice(drawing: Drawing) -> Drawn:
    """One line; a hand-off notifies the conversation's owner, or else the sellers, and nobody else."""
    params = drawing.message.params
    if params.get("what") in ("given_back", "silence_over"):
        params = {**params, KEPT_SILENT: is_kept_silent(await _details(drawing))}
    if params.get("what") != "handed_off":
        return Drawn(notice_card(drawing.reader, params))
    mention, pings = await _who_is_called(drawing)
    return Drawn(notice_card(drawing.reader, params, mention), pings=pings)


@draws(Kind.WAITING_BOARD)
async def board(drawing: Drawing) -> Drawn:
    """Which chats wait for a person now; without customers' names where the channel is not theirs."""
    found = await drawing.services.conversations.board(drawing.actor)
    has_names = await is_own_channel(drawing, Purpose.CONVERSATIONS)
    view = board_card(drawing.reader, found, has_names=has_names)
    return Drawn(view, thread=ThreadFacts(drawing.reader("conversation.board.title")))


@draws(Kind.BOARD_MOVED)
async def board_moved(drawing: Drawing) -> Drawn | None:
    """What is left of a board where it stood before: nobody's name, and the way; None when it was deleted."""
    channel_id = (await drawing.services.tenancy.channels(drawing.actor)).get(Purpose.CONVERSATIONS)
    if drawing.message.card is None or channel_id is None:
        return None
    return Drawn(board_moved_card(drawing.reader, channel_id))


async def _details(drawing: Drawing) -> ConversationDetails:
    conversation_id = drawing.message.conversation_id
    assert conversation_id is not None, "a notice belongs to a conversation"
    return await drawing.services.conversations.details(drawing.actor, conversation_id, last=1)


async def _who_is_called(drawing: Drawing) -> tuple[str, discord.AllowedMentions]:
    details = await _details(drawing)
    if details.conversation.owner_id is not None:
        try:
            owner = await drawing.services.staff.get(drawing.actor, details.conversation.owner_id)
        except NotFound:
            pass
        else:
            user = discord.Object(owner.discord_user_id)
            return f"<@{user.id}>", discord.AllowedMentions(everyone=False, roles=False, users=[user])
    roles = await drawing.services.tenancy.roles(drawing.actor)
    if Role.SELLER not in roles:
        return "", discord.AllowedMentions.none()
    role = discord.Object(roles[Role.SELLER])
    return f"<@&{role.id}>", discord.AllowedMentions(everyone=False, users=False, roles=[role])


def _waits_for_file(drawing: Drawing, said: Message) -> bool:
    if said.media is None or said.media.state != "waiting" or said.is_history:
        return False
    age_s = (drawing.services.clock.now() - said.sent_at).total_seconds()
    return age_s < _MEDIA_PATIENCE_S and drawing.message.attempt_count < _MEDIA_TRIES


def _subject(drawing: Drawing) -> UUID:
    assert drawing.message.subject_id is not None, "cards and messages have a subject"
    return drawing.message.subject_id
