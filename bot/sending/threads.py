"""Makes the one thread of a conversation, and finds it again after a crash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import discord

from bot.client import GuildhallBot
from bot.render import Drawn, ThreadFacts
from bot.sending.calls import Calls, has_mark, mark_of
from bot.sending.failures import HAS_THREAD_ALREADY, UNKNOWN_MESSAGE, WRONG_FORM, failures
from bot.sending.tags import Tags
from bot.ui.cards import Card, container
from domain.kernel.errors import PermanentFailure

_TEXT, _ANNOUNCEMENT, _FORUM = 0, 5, 15
_ARCHIVE_MINUTES: Literal[10080] = 10080  # a week, Discord's longest
_LOOK_BACK = 100


@dataclass(frozen=True, slots=True)
class Home:
    """The channel in which conversations have their threads, as Discord tells it now."""

    channel_id: int
    guild_id: int
    kind: int
    raw: Any

    @property
    def is_forum(self) -> bool:
        """Whether a thread is a post."""
        return self.kind == _FORUM

    @property
    def has_threads(self) -> bool:
        """Whether threads can be made there at all."""
        return self.kind in (_TEXT, _ANNOUNCEMENT, _FORUM)


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation's thread and the card that stands first in it; 0: there is none yet."""

    thread_id: int
    card_id: int


class Threads:
    """Threads of conversations: forum posts, or threads on a line in a text channel.

    A conversation's messages leave one after the other, so nobody makes a second thread meanwhile; what a process
    made that died is found by its mark.
    """

    def __init__(self, bot: GuildhallBot, calls: Calls, tags: Tags) -> None:
        self._bot = bot
        self._calls = calls
        self._tags = tags

    async def home(self, channel_id: int) -> Home:
        """What kind of channel it is. Raises `PermanentFailure` `channel_is_gone` when it was deleted."""
        async with self._may_fail():
            raw: Any = await self._bot.http.get_channel(channel_id)
        return Home(channel_id, int(raw.get("guild_id", 0)), int(raw["type"]), raw)

    async def find(self, home: Home, conversation_id: UUID, facts: ThreadFacts) -> Thread | None:
        """The thread that was made for a conversation before; None when there is none.

        Looks among the guild's active threads and the last hundred archived ones of the channel, by number, and
        makes sure by the mark in the first message; in a text channel also, among the
        last hundred messages, for a line whose thread was not opened any more.
        """
        number = f"{facts.name.split(' ', 1)[0]} "
        async with self._may_fail():
            active = await self._bot.http.get_active_threads(home.guild_id)
            archived = await self._bot.http.get_public_archived_threads(home.channel_id, limit=_LOOK_BACK)
        for thread in [*active["threads"], *archived["threads"]]:
            if int(thread.get("parent_id") or 0) != home.channel_id or not thread["name"].startswith(number):
                continue
            thread_id = int(thread["id"])
            if await self._is_ours(home, thread_id, conversation_id):
                return Thread(thread_id, await self._card_in(home, thread_id, conversation_id))
        return None if home.is_forum else await self._on_a_line(home, conversation_id, facts)

    async def make(self, home: Home, conversation_id: UUID, card: Drawn, nonce: str) -> Thread:
        """Make the thread with the card in it. Raises what `failures` raises; a lost answer is an unknown outcome."""
        facts = card.thread or ThreadFacts("C")
        if home.is_forum:
            return await self._post(home, conversation_id, card, facts)
        line = Drawn(Card(container(facts.name)))
        line_id = await self._calls.post(home.channel_id, line, nonce, line_mark(conversation_id))
        await self._open(home, line_id, facts)
        return Thread(line_id, 0)

    async def _post(self, home: Home, conversation_id: UUID, card: Drawn, facts: ThreadFacts) -> Thread:
        card.view.children[0].id = card_mark(conversation_id)
        about: dict[str, Any] = {"name": facts.name, "auto_archive_duration": _ARCHIVE_MINUTES}
        tag_ids = await self._tags.ids(home.channel_id, facts.tags, home.raw)
        try:
            return await self._post_tagged(home, card, about, tag_ids)
        except PermanentFailure as failure:
            if not tag_ids or failure.code != WRONG_FORM:
                raise
        # Another process, or somebody, made the forum's tags anew since they were read: those we knew are gone.
        self._tags.forget(home.channel_id)
        return await self._post_tagged(home, card, about, await self._tags.ids(home.channel_id, facts.tags))

    async def _post_tagged(self, home: Home, card: Drawn, about: Mapping[str, Any], tag_ids: Sequence[int]) -> Thread:
        tagged = {**about, "applied_tags": [str(tag_id) for tag_id in tag_ids]} if tag_ids else dict(about)
        return Thread(*await self._calls.post_in_forum(home.channel_id, card, tagged))

    async def _open(self, home: Home, line_id: int, facts: ThreadFacts) -> None:
        async with failures(self._calls.timeout_s, may_have_been_posted=True):
            try:
                await self._bot.http.start_thread_with_message(
                    home.channel_id, line_id, name=facts.name, auto_archive_duration=_ARCHIVE_MINUTES
                )
            except discord.HTTPException as exc:
                if exc.code != HAS_THREAD_ALREADY:
                    raise

    async def _on_a_line(self, home: Home, conversation_id: UUID, facts: ThreadFacts) -> Thread | None:
        """A line whose thread was not opened any more: opened now."""
        line_id = await self._calls.find(home.channel_id, line_mark(conversation_id))
        if line_id is None:
            return None
        await self._open(home, line_id, facts)
        return Thread(line_id, await self._card_in(home, line_id, conversation_id))

    async def _is_ours(self, home: Home, thread_id: int, conversation_id: UUID) -> bool:
        channel_id = thread_id if home.is_forum else home.channel_id
        mark = card_mark(conversation_id) if home.is_forum else line_mark(conversation_id)
        async with self._may_fail():
            try:
                first = await self._bot.http.get_message(channel_id, thread_id)
            except discord.HTTPException as exc:
                if exc.code != UNKNOWN_MESSAGE:
                    raise
                return False
        return has_mark(first, mark)

    async def _card_in(self, home: Home, thread_id: int, conversation_id: UUID) -> int:
        if home.is_forum:
            return thread_id
        return await self._calls.find(thread_id, card_mark(conversation_id), thread_id) or 0

    def _may_fail(self) -> Any:
        return failures(self._calls.timeout_s, may_have_been_posted=False)


def card_mark(conversation_id: UUID) -> int:
    """The mark of a conversation's card."""
    return mark_of(f"card:{conversation_id.hex}")


def line_mark(conversation_id: UUID) -> int:
    """The mark of the line in a text channel that a conversation's thread hangs on."""
    return mark_of(f"line:{conversation_id.hex}")
