"""What Discord remembers: users, roles, members, channels. Data only; behaviour lives beside it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.discord import permissions as perm

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.messages import Message

HISTORY_LIMIT = 2000


class ChannelKind(IntEnum):
    """Discord's channel types."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15
    MEDIA = 16


THREADS = (ChannelKind.ANNOUNCEMENT_THREAD, ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD)
POSTABLE = (*THREADS, ChannelKind.TEXT, ChannelKind.DM, ChannelKind.ANNOUNCEMENT, ChannelKind.VOICE)


@dataclass(eq=False)
class User:
    """An account: a person, the bot, or a webhook's mask."""

    id: int
    username: str
    display_name: str
    locale: str = "en-US"
    bot: bool = False


@dataclass(eq=False)
class Role:
    """A role of one guild; the role whose id is the guild's is @everyone."""

    id: int
    name: str
    permissions: int
    position: int
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed: bool = False


@dataclass(eq=False)
class Member:
    """A user inside one guild."""

    user: User
    joined_at: datetime
    role_ids: list[int] = field(default_factory=list)
    nick: str | None = None


@dataclass(frozen=True)
class Overwrite:
    """What a channel grants or denies to one role (kind 0) or member (kind 1)."""

    id: int
    kind: int
    allow: int
    deny: int


@dataclass
class ForumTag:
    """A tag that posts of a forum can carry."""

    id: int
    name: str
    moderated: bool = False
    emoji_name: str | None = None


@dataclass
class ThreadInfo:
    """What a thread has and a channel has not."""

    owner_id: int
    created_at: datetime
    auto_archive_minutes: int = 4320
    archived: bool = False
    archived_at: datetime | None = None
    locked: bool = False
    invitable: bool = True
    member_ids: dict[int, datetime] = field(default_factory=dict)
    tag_ids: list[int] = field(default_factory=list)
    message_count: int = 0
    total_message_sent: int = 0


@dataclass(eq=False)
class Webhook:
    """An incoming webhook of a channel."""

    id: int
    token: str
    name: str
    channel: Channel


@dataclass(eq=False)
class Channel:
    """A place where messages are: a channel, a thread, a forum or a direct conversation."""

    id: int
    kind: ChannelKind
    name: str
    guild: Guild | None = None
    parent: Channel | None = None
    topic: str | None = None
    position: int = 0
    nsfw: bool = False
    slowmode_s: int = 0
    flags: int = 0
    auto_archive_minutes: int | None = None
    thread: ThreadInfo | None = None
    recipients: list[User] = field(default_factory=list)
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    tags: list[ForumTag] = field(default_factory=list)
    history: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    pins: dict[int, datetime] = field(default_factory=dict)
    last_message_id: int | None = None

    @property
    def messages(self) -> list[Message]:
        """The messages everyone in the channel sees, oldest first."""
        return [message for message in self.history.values() if message.ephemeral_for is None]

    def visible_to(self, user: User) -> list[Message]:
        """Return what one person sees: the common messages and the ephemerals meant for them."""
        if not self.permissions_of(user) & perm.VIEW_CHANNEL:
            return []
        return [m for m in self.history.values() if m.ephemeral_for in (None, user.id)]

    def permissions_of(self, user: User) -> int:
        """Return the permission bits of a user here; 0 when they cannot see the channel."""
        return perm.channel_permissions(self, user.id)

    def remember(self, message: Message) -> None:
        """Append a message, forgetting the oldest once the history is full."""
        self.history[message.id] = message
        if message.ephemeral_for is None:
            self.last_message_id = message.id
        if len(self.history) > HISTORY_LIMIT:
            forgotten, _ = self.history.popitem(last=False)
            self.pins.pop(forgotten, None)

    def overwrite(self, target: User | Role, *, allow: int = 0, deny: int = 0) -> None:
        """Grant and deny permission bits to one role or one user in this channel."""
        kind = 0 if isinstance(target, Role) else 1
        self.overwrites[target.id] = Overwrite(target.id, kind, allow, deny)

    def restrict_to(self, *targets: User | Role) -> None:
        """Hide the channel from everyone but the given roles and users."""
        assert self.guild is not None
        self.overwrite(self.guild.roles[self.guild.id], deny=perm.VIEW_CHANNEL)
        for target in targets:
            self.overwrite(target, allow=perm.VIEW_CHANNEL | perm.SEND_MESSAGES)

    def hide_from(self, target: User | Role) -> None:
        """Take away the view of this channel."""
        self.overwrite(target, deny=perm.VIEW_CHANNEL)

    def silence(self, target: User | Role) -> None:
        """Take away the right to write here."""
        self.overwrite(target, deny=perm.SEND_MESSAGES | perm.SEND_IN_THREADS)
