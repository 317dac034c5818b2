"""People who use Discord: they can do what their client can, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord import permissions as perm
from sandbox.discord.drafts import MAX_CONTENT, MAX_FILES, Draft, Upload
from sandbox.discord.driver import controls, forms, slash
from sandbox.discord.driver.options import as_upload
from sandbox.discord.driver.reply import Reply
from sandbox.discord.driver.session import refuse_unseen
from sandbox.discord.errors import ClientRefusal
from sandbox.discord.messages import Json, Message
from sandbox.discord.state import POSTABLE, THREADS, Channel, User
from sandbox.discord.world import World


@dataclass(eq=False, kw_only=True)
class Person(User):
    """A person with a Discord client. Every act may raise `ClientRefusal`."""

    world: World = field(repr=False)

    @property
    def inbox(self) -> list[Message]:
        """The messages of the direct conversation with the bot, the bot's only, oldest first."""
        channel = self.world.direct.get(self.id)
        return [] if channel is None else [m for m in channel.messages if m.author.bot]

    @property
    def direct(self) -> Channel:
        """The direct conversation with the bot."""
        return self.world.direct_channel(self)

    async def slash(
        self, channel: Channel, words: str, options: Mapping[str, Any] | None = None, timeout_s: float = 30.0
    ) -> Reply:
        """Use a command, for example `slash(orders, "order new", {"game": "LoL"})`."""
        return await slash.use_command(self.world, self, channel, words, options or {}, timeout_s)

    async def autocomplete(
        self,
        channel: Channel,
        words: str,
        option: str,
        value: str = "",
        others: Mapping[str, Any] | None = None,
        timeout_s: float = 30.0,
    ) -> list[Json]:
        """Type `value` into an option and return the suggestions, each with `name` and `value`."""
        reply = await slash.suggest(self.world, self, channel, words, option, value, others or {}, timeout_s)
        return list(reply.choices)

    async def menu(self, channel: Channel, name: str, target: User | Message, timeout_s: float = 30.0) -> Reply:
        """Use a command of the context menu of a user or a message."""
        return await slash.use_menu(self.world, self, channel, name, target, timeout_s)

    async def click(
        self,
        target: Message | Reply,
        label: str | None = None,
        *,
        custom_id: str | None = None,
        timeout_s: float = 30.0,
    ) -> Reply:
        """Click a button, found by its visible text, its emoji or its custom id."""
        return await controls.click(self.world, self, target, label, custom_id, timeout_s)

    async def choose(
        self,
        target: Message | Reply,
        values: Sequence[Any],
        custom_id: str | None = None,
        *,
        placeholder: str | None = None,
        timeout_s: float = 30.0,
    ) -> Reply:
        """Choose from a menu: values or labels, users, roles or channels."""
        return await controls.choose(self.world, self, target, values, custom_id, placeholder, timeout_s)

    async def submit(self, opened: Reply, values: Mapping[str, Any], timeout_s: float = 30.0) -> Reply:
        """Fill in the modal that a reply opened, fields by label or custom id, and send it."""
        return await forms.submit(self.world, self, opened, values, timeout_s)

    async def send(
        self,
        channel: Channel,
        text: str = "",
        files: Sequence[Upload | tuple[str, bytes]] = (),
        *,
        reply_to: Message | None = None,
    ) -> Message:
        """Write a message, with files as pairs of name and bytes."""
        self._refuse_mute(channel)
        uploads = [as_upload(file) for file in files]
        if not text and not uploads:
            raise ClientRefusal("an empty message cannot be sent")
        if len(text) > MAX_CONTENT or len(uploads) > MAX_FILES:
            raise ClientRefusal(f"a message takes {MAX_CONTENT} characters and {MAX_FILES} files")
        draft = Draft(text, None, None, None, None, None, None, False, uploads)
        message = self.world.posting.blank(channel, self)
        if reply_to is not None:
            message.kind, message.reference, message.reference_id = 19, reply_to, reply_to.id
        if channel.thread is not None:
            channel.thread.member_ids.setdefault(self.id, self.world.clock.now())
        return self.world.posting.create(channel, self, draft, message)

    def _refuse_mute(self, channel: Channel) -> None:
        refuse_unseen(self, channel)
        need = perm.SEND_IN_THREADS if channel.kind in THREADS else perm.SEND_MESSAGES
        bits = channel.permissions_of(self)
        locked = channel.thread is not None and channel.thread.locked and not bits & perm.MANAGE_THREADS
        if channel.kind not in POSTABLE or not bits & need or locked:
            raise ClientRefusal(f"{self.username} cannot write in #{channel.name}")

    async def edit(self, message: Message, text: str) -> Message:
        """Change an own message."""
        if message.author is not self or message.deleted:
            raise ClientRefusal("only an own message can be edited")
        draft = Draft(text, None, None, None, None, None, None, False)
        return self.world.posting.edit(message, draft)

    async def delete(self, message: Message) -> None:
        """Delete an own message, or dismiss an ephemeral one."""
        controls.the_message(message, self)
        manages = message.channel.permissions_of(self) & perm.MANAGE_MESSAGES
        if message.author is not self and not message.ephemeral and not manages:
            raise ClientRefusal("only an own message can be deleted")
        self.world.posting.delete(message)

    async def react(self, message: Message, emoji: str) -> None:
        """React to a message; again takes nothing back."""
        controls.the_message(message, self)
        if message.ephemeral:
            raise ClientRefusal("an ephemeral message takes no reactions")
        self.world.posting.react(message, emoji, self)

    async def unreact(self, message: Message, emoji: str) -> None:
        """Take an own reaction back."""
        controls.the_message(message, self)
        self.world.posting.unreact(message, emoji, self)
