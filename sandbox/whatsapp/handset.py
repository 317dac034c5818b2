"""What lies on a person's phone, and what of it arrives."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from sandbox.hub import Hub
from sandbox.whatsapp.chats import Chat
from sandbox.whatsapp.identifiers import parent_of
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.state import Json, Message

if TYPE_CHECKING:
    from sandbox.whatsapp.world import World


@dataclass(eq=False, kw_only=True)
class Handset:
    """A phone with WhatsApp, in nobody's hand.

    Attributes:
        hides_number: Whether businesses see only the business-scoped user id (`bsuid`).
        is_online: Whether messages arrive; `go_online` brings those that waited.
        reads_at_once: Whether what arrives is read at once.
        blocked: The numbers whose messages no longer arrive.
        unclaimed: What arrived and `received` has not handed out.
    """

    world: World = field(repr=False)
    wa_id: str
    name: str
    bsuid: str
    username: str | None = None
    hides_number: bool = False
    locale: str = "en"
    has_parent: bool = True
    is_online: bool = True
    reads_at_once: bool = True
    blocked: set[Number] = field(default_factory=set, repr=False)
    chats: dict[Number, Chat] = field(default_factory=dict, repr=False)
    unclaimed: list[Message] = field(default_factory=list, repr=False)
    arrivals: Hub[None] = field(default_factory=Hub, repr=False)

    @property
    def messages(self) -> list[Message]:
        """Everything on the phone, of every chat, oldest first."""
        if len(self.chats) == 1:
            return list(next(iter(self.chats.values())).messages)
        return sorted((m for chat in self.chats.values() for m in chat.messages), key=lambda message: message.at)

    @property
    def inbox(self) -> list[Message]:
        """What businesses sent, oldest first."""
        return [message for message in self.messages if not message.is_from_phone]

    def chat(self, number: Number) -> Chat:
        """The chat with a number, empty at first."""
        return self.chats.setdefault(number, Chat())

    def contact(self) -> Json:
        """Return how webhooks present the person."""
        profile = {"name": self.name} | ({} if self.username is None else {"username": self.username})
        contact: Json = {"profile": profile}
        if not self.hides_number:
            contact["wa_id"] = self.wa_id
        contact["user_id"] = self.bsuid
        if self.has_parent:
            contact["parent_user_id"] = parent_of(self.bsuid)
        return contact

    def receive(self, message: Message) -> None:
        """Show a business's message, or keep it until the phone is on again."""
        chat = self.chat(message.number)
        if not self.is_online:
            chat.waiting.append(message)
            return
        chat.messages.append(message)
        self.unclaimed.append(message)
        self.arrivals.wake()

    def is_typing_shown(self, number: Number) -> bool:
        """Whether the phone shows that the business is typing."""
        until = self.chat(number).typing_until
        return until is not None and self.world.clock.now() < until

    def go_offline(self) -> None:
        """Receive nothing until `go_online`."""
        self.is_online = False

    async def go_online(self) -> None:
        """Receive what waited."""
        self.is_online = True
        for chat in self.chats.values():
            waiting, chat.waiting = chat.waiting, []
            for message in waiting:
                self.receive(message)
                await self.world.statuses.follow(message)

    def block(self, number: Number) -> None:
        """Let nothing of a number through any more."""
        self.blocked.add(number)

    def unblock(self, number: Number) -> None:
        """Let a number's messages through again; those of the meantime are lost."""
        self.blocked.discard(number)

    async def received(self, part: str = "", *, number: Number | None = None, timeout_s: float = 30.0) -> Message:
        """Wait for a business's message that contains `part` and return it; each message is handed out once.

        Raises:
            TimeoutError: none came within `timeout_s` real seconds.
        """
        found: list[Message] = []

        def look() -> bool:
            fits = (m for m in self.unclaimed if number in (None, m.number) and part in m.shown())
            found.extend(islice(fits, 1))
            return bool(found)

        await self.arrivals.wait_until(look, timeout_s)
        self.unclaimed.remove(found[0])
        return found[0]

    async def received_nothing(self, quiet_s: float = 0.2) -> bool:
        """Whether nothing that was not yet handed out is there after `quiet_s` real seconds."""
        await asyncio.sleep(quiet_s)
        return not self.unclaimed
