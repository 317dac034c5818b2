"""Says aloud what changed: to the bot through the gateway, to onlookers through the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import events, payloads
from sandbox.discord.guild import Guild
from sandbox.discord.message_payloads import emoji_json, message_event_json
from sandbox.discord.messages import Json, Message
from sandbox.discord.state import Channel, Member, Role, User
from sandbox.discord.text import with_controls

if TYPE_CHECKING:
    from sandbox.discord.world import Dispatch, World


class Announcer:
    """Knows, for every kind of change, which gateway event and which onlooker's record it makes."""

    def __init__(self, world: World, dispatch: Dispatch) -> None:
        self._world = world
        self._dispatch = dispatch

    def message_created(self, message: Message) -> None:
        """Tell of a new message; an ephemeral one is told to onlookers only."""
        self._say_message(message, "posted", events.MessagePosted)
        if not message.ephemeral:
            self._dispatch("MESSAGE_CREATE", self._message_json(message), _guild_id(message.channel))

    def message_edited(self, message: Message) -> None:
        """Tell of a changed message."""
        self._say_message(message, "edited", events.MessageEdited)
        if not message.ephemeral:
            self._dispatch("MESSAGE_UPDATE", self._message_json(message), _guild_id(message.channel))

    def message_deleted(self, message: Message) -> None:
        """Tell of a message that went away."""
        self._say_message(message, "deleted", events.MessageDeleted)
        if not message.ephemeral:
            payload: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
            self._dispatch("MESSAGE_DELETE", payload | _guild_part(message.channel), _guild_id(message.channel))

    def reaction_changed(self, name: str, message: Message, emoji: str, user: User) -> None:
        """Tell of a reaction that came (MESSAGE_REACTION_ADD) or went (MESSAGE_REACTION_REMOVE)."""
        channel = message.channel
        payload: Json = {
            "user_id": str(user.id),
            "channel_id": str(channel.id),
            "message_id": str(message.id),
            "emoji": emoji_json(emoji),
            "burst": False,
            "type": 0,
        }
        payload |= _guild_part(channel)
        if name.endswith("ADD"):
            payload["message_author_id"] = str(message.author.id)
            if channel.guild is not None:
                payload["member"] = payloads.member_json(channel.guild.members[user.id])
        verb = "reacted" if name.endswith("ADD") else "took back a reaction"
        self._say(events.ReactionChanged, channel, user.username, verb, emoji, message_id=message.id)
        self._dispatch(name, payload, _guild_id(channel))

    def reactions_cleared(self, message: Message, emoji: str | None) -> None:
        """Tell that reactions were taken away by a moderator."""
        channel = message.channel
        payload: Json = {"channel_id": str(channel.id), "message_id": str(message.id)}
        name = "MESSAGE_REACTION_REMOVE_ALL"
        if emoji is not None:
            name, payload["emoji"] = "MESSAGE_REACTION_REMOVE_EMOJI", emoji_json(emoji)
        self._dispatch(name, payload | _guild_part(channel), _guild_id(channel))

    def thread_members(self, thread: Channel, *, added: User | None = None, removed: User | None = None) -> None:
        """Tell who came into a thread or left it."""
        assert thread.thread is not None
        assert thread.guild is not None
        payload: Json = {
            "id": str(thread.id),
            "guild_id": str(thread.guild.id),
            "member_count": min(len(thread.thread.member_ids), 50),
        }
        if added is not None:
            member = thread.guild.members[added.id]
            entry = payloads.thread_member_json(thread, added.id)
            entry |= {"member": payloads.member_json(member), "presence": None}
            payload["added_members"] = [entry]
        if removed is not None:
            payload["removed_member_ids"] = [str(removed.id)]
        self._dispatch("THREAD_MEMBERS_UPDATE", payload, thread.guild.id)

    def channel_changed(self, name: str, channel: Channel, action: str) -> None:
        """Tell of a channel or thread that was created, changed or deleted."""
        payload = payloads.channel_json(channel)
        if name == "THREAD_CREATE":
            payload["newly_created"] = True
        if name == "THREAD_DELETE":
            payload = {key: payload[key] for key in ("id", "guild_id", "parent_id", "type")}
        self._say(events.ChannelChanged, channel, "", action, channel.name)
        self._dispatch(name, payload, _guild_id(channel))

    def role_changed(self, name: str, guild: Guild, role: Role) -> None:
        """Tell of a role that was created or changed."""
        payload: Json = {"guild_id": str(guild.id), "role": payloads.role_json(role)}
        self._dispatch(name, payload, guild.id)

    def role_deleted(self, guild: Guild, role: Role) -> None:
        """Tell of a role that is gone."""
        self._dispatch("GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": str(role.id)}, guild.id)

    def member_changed(self, name: str, guild: Guild, member: Member, action: str) -> None:
        """Tell of a member who came, changed or went."""
        event = events.MemberChanged(self._world.clock.now(), guild.name, "", 0, member.user.username, action, "")
        self._world.hub.announce(event)
        if name == "GUILD_MEMBER_REMOVE":
            payload: Json = {"user": payloads.user_json(member.user)}
        else:
            payload = payloads.member_json(member)
        self._dispatch(name, payload | {"guild_id": str(guild.id)}, guild.id)

    def guild_created(self, guild: Guild) -> None:
        """Tell a connected bot that it was added to a guild."""
        payload = payloads.guild_create_json(guild, self._world.bot, all_members=True)
        self._dispatch("GUILD_CREATE", payload, guild.id)

    def typing(self, channel: Channel, user: User) -> None:
        """Tell that somebody is typing."""
        payload: Json = {
            "channel_id": str(channel.id),
            "user_id": str(user.id),
            "timestamp": int(self._world.clock.now().timestamp()),
        }
        if channel.guild is not None:
            payload["member"] = payloads.member_json(channel.guild.members[user.id])
        self._dispatch("TYPING_START", payload | _guild_part(channel), _guild_id(channel))

    def pins_changed(self, channel: Channel) -> None:
        """Tell that a message was pinned or unpinned."""
        last = max(channel.pins.values(), default=None)
        payload: Json = {"channel_id": str(channel.id), "last_pin_timestamp": last and payloads.stamp(last)}
        self._dispatch("CHANNEL_PINS_UPDATE", payload | _guild_part(channel), _guild_id(channel))

    def interaction(self, payload: Json, guild_id: int | None) -> None:
        """Hand an interaction to the bot."""
        self._dispatch("INTERACTION_CREATE", payload, guild_id)

    def say_interaction(self, channel: Channel, actor: str, action: str, text: str, number: int) -> None:
        """Tell onlookers that a person used something."""
        self._say(events.InteractionStarted, channel, actor, action, text, interaction_id=number)

    def say_answer(self, channel: Channel, actor: str, action: str, text: str, number: int) -> None:
        """Tell onlookers how the bot acknowledged."""
        self._say(events.InteractionAnswered, channel, actor, action, text, interaction_id=number)

    def _message_json(self, message: Message) -> Json:
        return message_event_json(message, self._world.bot.id)

    def _say_message(self, message: Message, action: str, kind: type[events.Event]) -> None:
        names = [file.filename for file in message.attachments]
        text = with_controls(message.text, message.components, names)
        more: Json = {"message_id": message.id}
        if message.ephemeral_for is not None:
            kind, more["seen_by"] = events.EphemeralReply, self._world.users[message.ephemeral_for].username
        elif message.channel.guild is None:
            kind, more["seen_by"] = events.DirectMessage, message.channel.recipients[0].username
        self._say(kind, message.channel, message.author.username, action, text, **more)

    def _say(
        self, kind: type[events.Event], channel: Channel, actor: str, action: str, text: str, **more: object
    ) -> None:
        guild = "" if channel.guild is None else channel.guild.name
        event = kind(self._world.clock.now(), guild, channel.name, channel.id, actor, action, text, **more)
        self._world.hub.announce(event)


def _guild_id(channel: Channel) -> int | None:
    return None if channel.guild is None else channel.guild.id


def _guild_part(channel: Channel) -> Json:
    return {} if channel.guild is None else {"guild_id": str(channel.guild.id)}
