"""Messages of conversations: into their thread, which is made on the way; into the log where there is no home."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from discord import ui

from bot.client import GuildhallBot
from bot.render import Drawn, FileRoom, draw
from bot.sending.calls import Calls, mark_of, since
from bot.sending.failures import PROVIDER, THREAD_IS_ARCHIVED, THREAD_IS_LOCKED, failures
from bot.sending.naming import Naming
from bot.sending.tags import Tags
from bot.sending.threads import Home, Thread, Threads, card_mark
from bot.ui.cards import Card
from domain.kernel.errors import PermanentFailure, TransientFailure, UnknownOutcome
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.kinds import Kind
from domain.outbox.service import CARD_IS_GONE, CHANNEL_IS_GONE, NOTHING_TO_SEND, THREAD_IS_GONE
from domain.tenancy.dto import Purpose

T = TypeVar("T")
_CLOSED = (str(THREAD_IS_ARCHIVED), str(THREAD_IS_LOCKED))


class ConversationSending:
    """The way of everything that belongs to a conversation.

    Args:
        bot: The connected bot.
        calls: Posts and edits.
    """

    def __init__(self, bot: GuildhallBot, calls: Calls) -> None:
        tags = Tags(bot)
        self._bot = bot
        self._calls = calls
        self._threads = Threads(bot, calls, tags)
        self._naming = Naming(bot, tags)

    async def send(self, message: Outbound, drawn: Drawn, room: FileRoom) -> Receipt:
        """Edit the message where it stands, or post it in the thread; the first one makes the thread."""
        if message.card is not None:
            return await self._edit(message, message.card, drawn)
        if message.thread_id is not None:
            return await self._post(message, message.thread_id, drawn)
        return await self._post_first(message, drawn, room)

    async def reconcile(self, message: Outbound) -> Receipt | None:
        """Where an earlier attempt put the message: in the thread, or in the log. A thread is found by sending."""
        assert message.attempted_at is not None, "only an attempt can have an unknown outcome"
        where = message.thread_id
        if where is None and not await self._has_home(message):
            where = message.channel_id
        if where is None:
            return None
        mark = self._mark(message)
        found = await self._calls.find(where, mark, since(message.attempted_at))
        return Receipt(where, found) if found is not None else None

    async def _has_home(self, message: Outbound) -> bool:
        channels = await self._bot.services.tenancy.channels(message.actor)
        return message.channel_id is not None and channels.get(Purpose.CONVERSATIONS) == message.channel_id

    async def _post_first(self, message: Outbound, drawn: Drawn, room: FileRoom) -> Receipt:
        assert message.channel_id is not None, "the outbox cancels what has no channel"
        home = await self._threads.home(message.channel_id) if await self._has_home(message) else None
        card = await self._card(message, drawn, room)
        if home is None or not home.has_threads:
            return await self._post_without_thread(message, drawn, card)
        thread = await self._thread(message, home, card)
        receipt = Receipt(thread.thread_id, thread.card_id, thread=(thread.thread_id, thread.card_id))
        if message.kind is Kind.CONVERSATION_CARD:
            return receipt
        return replace(receipt, message_id=await self._post_after(message, thread.thread_id, drawn))

    async def _post_after(self, message: Outbound, thread_id: int, drawn: Drawn) -> int:
        """The message that made the thread. Whatever goes wrong now leaves a thread that must be found again."""
        if message.attempted_at is not None:
            found = await self._calls.find(thread_id, mark_of(message.nonce), since(message.attempted_at))
            if found is not None:
                return found
        try:
            return (await self._post(message, thread_id, drawn)).message_id
        except TransientFailure as failure:
            raise UnknownOutcome(PROVIDER, failure.code) from failure

    async def _thread(self, message: Outbound, home: Home, card: Drawn) -> Thread:
        """The conversation's thread with its card: found, or made."""
        assert message.conversation_id is not None
        assert card.thread is not None, "a conversation's card says what its thread is called"
        thread = await self._threads.find(home, message.conversation_id, card.thread)
        if thread is None:
            thread = await self._threads.make(home, message.conversation_id, card, _line_nonce(message))
        self._naming.note(thread.thread_id, card.thread)
        if thread.card_id:
            return thread
        mark = card_mark(message.conversation_id)
        nonce = f"card{message.conversation_id.hex[-21:]}"
        card_id = await self.reopening(thread.thread_id, lambda: self._calls.post(thread.thread_id, card, nonce, mark))
        return Thread(thread.thread_id, card_id)

    async def _card(self, message: Outbound, drawn: Drawn, room: FileRoom) -> Drawn:
        if message.kind is Kind.CONVERSATION_CARD:
            return drawn
        of_card = replace(message, kind=Kind.CONVERSATION_CARD, subject_id=message.conversation_id, params={})
        card = await draw(of_card, self._bot.services, room)
        assert card is not None, "a conversation always has a card"
        return card

    async def _post_without_thread(self, message: Outbound, drawn: Drawn, card: Drawn) -> Receipt:
        """In the log, with a line that says whose it is; a card has no place there."""
        if message.kind is Kind.CONVERSATION_CARD:
            return NOTHING_TO_SEND
        assert message.channel_id is not None
        drawn = _prefixed(drawn, card)
        return Receipt(message.channel_id, await self._calls.post(message.channel_id, drawn, message.nonce))

    async def _post(self, message: Outbound, thread_id: int, drawn: Drawn) -> Receipt:
        try:
            message_id = await self.reopening(
                thread_id, lambda: self._calls.post(thread_id, drawn, message.nonce, self._mark(message))
            )
        except PermanentFailure as failure:
            raise _about_thread(failure) from failure
        await self._keep_name(thread_id, drawn)
        return Receipt(thread_id, message_id)

    async def _edit(self, message: Outbound, card: tuple[int, int], drawn: Drawn) -> Receipt:
        channel_id, message_id = card
        if channel_id != message.thread_id:
            drawn = _prefixed(drawn, await self._card(message, drawn, FileRoom()))
        else:
            drawn.view.children[0].id = self._mark(message)
        try:
            await self.reopening(channel_id, lambda: self._calls.edit(channel_id, message_id, drawn))
        except PermanentFailure as failure:
            if failure.code == CARD_IS_GONE and message.kind is Kind.CONVERSATION_CARD:
                return await self._post(message, channel_id, drawn)  # somebody deleted the card, not the thread
            raise
        await self._keep_name(channel_id, drawn)
        return Receipt(channel_id, message_id)

    async def _keep_name(self, thread_id: int, drawn: Drawn) -> None:
        if drawn.thread is not None:
            await self._naming.keep(thread_id, drawn.thread)

    async def reopening(self, thread_id: int, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call; once more with the thread opened again when Discord says it is archived or locked."""
        try:
            return await call()
        except PermanentFailure as failure:
            if failure.code not in _CLOSED:
                raise
        async with failures(self._calls.timeout_s, may_have_been_posted=False):
            await self._bot.http.edit_channel(thread_id, archived=False, locked=False)
        return await call()

    def _mark(self, message: Outbound) -> int:
        if message.kind is Kind.CONVERSATION_CARD and message.conversation_id is not None:
            return card_mark(message.conversation_id)
        return mark_of(message.nonce)


def _prefixed(drawn: Drawn, card: Drawn) -> Drawn:
    """The same message below a line with the conversation's facts."""
    items = list(drawn.view.children)
    for item in items:
        drawn.view.remove_item(item)
    name = card.thread.name if card.thread else ""
    prefix: ui.TextDisplay[Card] = ui.TextDisplay(f"-# {name}")
    return replace(drawn, view=Card(prefix, *items))


def _about_thread(failure: PermanentFailure) -> PermanentFailure:
    if failure.code == CHANNEL_IS_GONE:
        return PermanentFailure(failure.provider, THREAD_IS_GONE)
    return failure


def _line_nonce(message: Outbound) -> str:
    assert message.conversation_id is not None
    return f"line{message.conversation_id.hex[-21:]}"
