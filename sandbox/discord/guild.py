"""A guild and what its owner can do with it: roles, channels, people coming and going."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sandbox.discord import permissions as perm
from sandbox.discord.state import THREADS, Channel, ChannelKind, ForumTag, Member, Role, User

if TYPE_CHECKING:
    from sandbox.discord.world import World


class Guild:
    """A Discord server. Every change is told to the bot through the gateway.

    `has_forums = False` makes it one that is no community: forums cannot be created.
    """

    def __init__(self, world: World, guild_id: int, name: str, owner: User, locale: str) -> None:
        self.world = world
        self.id = guild_id
        self.name = name
        self.owner = owner
        self.locale = locale
        self.roles: dict[int, Role] = {guild_id: Role(guild_id, "@everyone", perm.EVERYONE, 0)}
        self.channels: dict[int, Channel] = {}
        self.members: dict[int, Member] = {}
        self.has_forums = True

    def threads(self) -> Iterator[Channel]:
        """Yield every thread, archived ones included."""
        return (channel for channel in self.channels.values() if channel.kind in THREADS)

    def add_role(self, name: str, permissions: int = 0, *, color: int = 0, mentionable: bool = False) -> Role:
        """Create a role below the bot's own."""
        role = Role(self.world.ids.next(), name, permissions, 1, color=color, mentionable=mentionable)
        for other in self.roles.values():
            if other.position >= 1:
                other.position += 1
        self.roles[role.id] = role
        self.world.announcer.role_changed("GUILD_ROLE_CREATE", self, role)
        return role

    def add_channel(
        self,
        name: str,
        *,
        parent: Channel | None = None,
        topic: str | None = None,
        kind: ChannelKind = ChannelKind.TEXT,
        visible_to: Iterable[User | Role] | None = None,
    ) -> Channel:
        """Create a channel; with `visible_to` it is hidden from everybody else."""
        channel = Channel(self.world.ids.next(), kind, name, self, parent, topic=topic, position=len(self.channels))
        if visible_to is not None:
            channel.restrict_to(*visible_to)
        return self.place(channel)

    def add_forum(self, name: str, *, tags: Iterable[str] = ()) -> Channel:
        """Create a forum, whose posts are threads."""
        forum = Channel(self.world.ids.next(), ChannelKind.FORUM, name, self, position=len(self.channels))
        forum.tags = [ForumTag(self.world.ids.next(), tag) for tag in tags]
        return self.place(forum)

    def add_category(self, name: str) -> Channel:
        """Create a category, which only groups channels."""
        return self.add_channel(name, kind=ChannelKind.CATEGORY)

    def place(self, channel: Channel) -> Channel:
        """Register a channel that is already shaped and tell the bot."""
        self.channels[channel.id] = channel
        self.world.channels[channel.id] = channel
        event = "THREAD_CREATE" if channel.thread is not None else "CHANNEL_CREATE"
        self.world.announcer.channel_changed(event, channel, "created")
        return channel

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel and the threads in it."""
        for thread in [t for t in self.threads() if t.parent is channel]:
            self.remove_channel(thread)
        del self.channels[channel.id], self.world.channels[channel.id]
        event = "THREAD_DELETE" if channel.thread is not None else "CHANNEL_DELETE"
        self.world.announcer.channel_changed(event, channel, "deleted")

    def remove_role(self, role: Role) -> None:
        """Delete a role and take it from everyone."""
        del self.roles[role.id]
        for member in self.members.values():
            if role.id in member.role_ids:
                member.role_ids.remove(role.id)
        self.world.announcer.role_deleted(self, role)

    def join(self, user: User, *, roles: Iterable[Role] = (), nick: str | None = None) -> Member:
        """Let a user in, with roles."""
        member = self.admit(user, roles, nick)
        self.world.announcer.member_changed("GUILD_MEMBER_ADD", self, member, "joined")
        return member

    def admit(self, user: User, roles: Iterable[Role] = (), nick: str | None = None) -> Member:
        """Let a user in without telling the bot: for guilds that it does not know yet."""
        member = Member(user, self.world.clock.now(), [role.id for role in roles], nick)
        self.members[user.id] = member
        return member

    def leave(self, user: User) -> None:
        """Let a user go."""
        member = self.members.pop(user.id)
        self.world.announcer.member_changed("GUILD_MEMBER_REMOVE", self, member, "left")

    def give_role(self, user: User, role: Role) -> None:
        """Give a member a role; nothing happens when they have it."""
        member = self.members[user.id]
        if role.id not in member.role_ids:
            member.role_ids.append(role.id)
            self.world.announcer.member_changed("GUILD_MEMBER_UPDATE", self, member, f"got role {role.name}")

    def take_role(self, user: User, role: Role) -> None:
        """Take a role from a member; nothing happens when they lack it."""
        member = self.members[user.id]
        if role.id in member.role_ids:
            member.role_ids.remove(role.id)
            self.world.announcer.member_changed("GUILD_MEMBER_UPDATE", self, member, f"lost role {role.name}")

    def top_position(self, user_id: int) -> int:
        """Return the position of a member's highest role, which decides whom they may manage."""
        if user_id == self.owner.id:
            return 1_000_000
        return max((self.roles[r].position for r in self.members[user_id].role_ids), default=0)
