"""Hands the outbox's messages to Discord."""

from bot.client import GuildhallBot
from bot.render import DISCORD_FILE_LIMIT_BYTES, Drawn, FileRoom, draw
from bot.sending.calls import Calls, mark_of, since
from bot.sending.conversations import ConversationSending
from bot.sending.failures import NO_TEXT_CHANNEL, PROVIDER, failures
from domain.kernel.errors import PermanentFailure, TransientFailure
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.service import NOTHING_TO_SEND


class DiscordSender:
    """Draws, posts, edits and finds messages through the bot's own HTTP client, so its rate limits hold.

    Args:
        bot: The connected bot.
        timeout_s: How long a call may take, waiting for rate limits included; shorter than the outbox's lease.
    """

    def __init__(self, bot: GuildhallBot, timeout_s: float = 20.0) -> None:
        self._bot = bot
        self._calls = Calls(bot, timeout_s)
        self._conversations = ConversationSending(bot, self._calls)

    async def send(self, message: Outbound) -> Receipt:
        """Draw and send; or edit the standing card where it lives.

        A post carries a nonce that Discord enforces, and a mark made from it, by which `reconcile` finds it. What
        belongs to a conversation goes into its thread, which is made with the first message.

        Raises:
            TransientFailure: Not sent, or an edit that may be repeated.
            PermanentFailure: Refused; `card_is_gone`, `thread_is_gone` or `channel_is_gone` when what it was to
                stand in no longer exists.
            UnknownOutcome: A post that was lost on the way.
        """
        self._refuse_offline()
        room = self._room(message)
        drawn = await draw(message, self._bot.services, room)
        if drawn is None:
            return NOTHING_TO_SEND
        if message.conversation_id is not None:
            return await self._conversations.send(message, drawn, room)
        if message.card is not None:
            return await self._edit(message.card, drawn)
        async with failures(self._calls.timeout_s, may_have_been_posted=False):
            channel_id = await self._channel_id(message)
        try:
            return Receipt(channel_id, await self._calls.post(channel_id, drawn, message.nonce))
        except PermanentFailure as failure:
            if failure.code != str(NO_TEXT_CHANNEL) or drawn.thread is None:
                raise
        return Receipt(*await self._calls.post_in_forum(channel_id, drawn, {"name": drawn.thread.name}))

    async def reconcile(self, message: Outbound) -> Receipt | None:
        """Look for a message whose posting ended unknown, by its mark; None when it is not there.

        Raises:
            TransientFailure: Discord cannot be asked now.
        """
        self._refuse_offline()
        assert message.attempted_at is not None, "only an attempt can have an unknown outcome"
        if message.conversation_id is not None:
            return await self._conversations.reconcile(message)
        async with failures(self._calls.timeout_s, may_have_been_posted=False):
            channel_id = await self._channel_id(message)
        found = await self._calls.find_place(channel_id, mark_of(message.nonce), since(message.attempted_at))
        return Receipt(*found) if found is not None else None

    def _refuse_offline(self) -> None:
        if self._bot.application_id is None or self._bot.is_closed():
            raise TransientFailure(PROVIDER, "not_connected", 1.0)

    def _room(self, message: Outbound) -> FileRoom:
        """Where files are, and what the guild takes; the smallest limit where the guild is not known."""
        channel = self._bot.get_channel(message.channel_id) if message.channel_id else None
        guild = getattr(channel, "guild", None)
        limit_bytes = guild.filesize_limit if guild is not None else DISCORD_FILE_LIMIT_BYTES
        return FileRoom(self._bot.config.data_dir, limit_bytes)

    async def _channel_id(self, message: Outbound) -> int:
        if message.channel_id is not None:
            return message.channel_id
        if message.recipient_discord_id is None:
            raise PermanentFailure(PROVIDER, "no_recipient")
        direct = await self._bot.http.start_private_message(message.recipient_discord_id)
        return int(direct["id"])

    async def _edit(self, card: tuple[int, int], drawn: Drawn) -> Receipt:
        # A post of a forum in which nobody has written for a week is archived.
        await self._conversations.reopening(card[0], lambda: self._calls.edit(*card, drawn))
        return Receipt(*card)
