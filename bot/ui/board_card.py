"""The board of chats that wait for a person."""

from bot.ui.cards import Card, Tone, card
from bot.ui.conversation_text import contact_name, reason_line
from bot.ui.text import plain, stamp_relative
from domain.conversations.board import Board, Waiting
from domain.i18n.reader import Count, Reader


def board_card(read: Reader, board: Board, *, has_names: bool) -> Card:
    """Who waits longest stands first; one line when nobody does. Customers' names only where they may stand."""
    if not board.rows:
        return card(read("conversation.board.title"), [read("conversation.board.empty")], tone=Tone.GOOD)
    lines = [_line(read, waiting, has_names=has_names) for waiting in board.rows]
    more = board.total_count - len(board.rows)
    if more:
        lines.append(read("conversation.board.more", count=Count(more)))
    return card(read("conversation.board.title"), lines, tone=Tone.WARNING)


def board_moved_card(read: Reader, channel_id: int) -> Card:
    """What stands where the board was."""
    return card(read("conversation.board.title"), [read("conversation.board.moved", channel=f"<#{channel_id}>")])


def _line(read: Reader, waiting: Waiting, *, has_names: bool) -> str:
    conversation = waiting.conversation
    parts = [f"**C-{conversation.number}**"]
    if has_names:
        parts[0] += f" {contact_name(read, waiting.contact)}"
    parts.append(read("conversation.board.since", when=stamp_relative(waiting.since)))
    if has_names and conversation.handoff_reason:
        parts.append(f"🙋 {reason_line(read, conversation.handoff_reason)}")
    owner = plain(conversation.owner_name, 40) if conversation.owner_name else read("conversation.card.no_owner")
    parts.append(f"🧑‍💼 {owner}")
    if waiting.thread_id:
        parts.append(f"<#{waiting.thread_id}>")
    return " · ".join(parts)
