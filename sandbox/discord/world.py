"""All of Discord's memory in one object, and the two ways out of it: the gateway and the onlookers."""

from __future__ import annotations

from typing import Protocol

from sandbox.clock import Clock
from sandbox.discord import permissions as perm
from sandbox.discord.announcer import Announcer
from sandbox.discord.commands import CommandRegistry
from sandbox.discord.events import Event
from sandbox.discord.guild import Guild
from sandbox.discord.interactions import Interactions
from sandbox.discord.messages import Json, Message
from sandbox.discord.nonces import Nonces
from sandbox.discord.posting import Posting
from sandbox.discord.snowflakes import Snowflakes
from sandbox.discord.state import Channel, ChannelKind, Role, User, Webhook
from sandbox.discord.threads import Threads
from sandbox.hub import Hub


class Dispatch(Protocol):
    """Sends an event to the sessions of the bot that want it."""

    def __call__(self, name: str, payload: Json, guild_id: int | None) -> None:
        """Send `payload` as `name`; `guild_id` decides the shard and the intent."""
        ...


class World:
    """Users, guilds and channels, found by id."""

    def __init__(self, clock: Clock, dispatch: Dispatch) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.hub: Hub[Event] = Hub()
        self.bot = User(self.ids.next_millisecond(), "guildhall", "Guildhall", bot=True)
        self.application_id = self.bot.id
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.direct: dict[int, Channel] = {}
        self.origin = ""
        self.announcer = Announcer(self, dispatch)
        self.posting = Posting(self)
        self.threads = Threads(self)
        self.interactions = Interactions(self)
        self.commands = CommandRegistry(self)
        self.nonces = Nonces()
        self.recommended_shards = 1
        self.granted_intents = 0
        self.webhooks: dict[int, Webhook] = {}

    def add_guild(self, name: str, owner: User, *, locale: str = "en-US", bot_permissions: int = perm.BOT) -> Guild:
        """Create a guild with its owner and the bot in it."""
        guild = Guild(self, self.ids.next_millisecond(), name, owner, locale)
        self.guilds[guild.id] = guild
        guild.admit(owner)
        managed = Role(self.ids.next(), self.bot.username, bot_permissions, 1, managed=True)
        guild.roles[managed.id] = managed
        guild.admit(self.bot, [managed])
        self.announcer.guild_created(guild)
        return guild

    def direct_channel(self, user: User) -> Channel:
        """Return the direct conversation between the bot and a user, opening it the first time."""
        channel = self.direct.get(user.id)
        if channel is None:
            channel = Channel(self.ids.next(), ChannelKind.DM, user.username, recipients=[user, self.bot])
            self.direct[user.id] = self.channels[channel.id] = channel
        return channel

    def message(self, channel: Channel, message_id: int) -> Message | None:
        """Return a message everyone in the channel can see, or None."""
        found = channel.history.get(message_id)
        return None if found is None or found.ephemeral else found
