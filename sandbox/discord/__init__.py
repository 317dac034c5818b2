"""An emulator of Discord: gateway, REST, CDN, and the people who use it."""

from sandbox.discord.driver.reply import Reply
from sandbox.discord.emulator import DiscordEmulator
from sandbox.discord.errors import ClientRefusal
from sandbox.discord.guild import Guild
from sandbox.discord.messages import Message
from sandbox.discord.people import Person
from sandbox.discord.state import Channel, Role, User

__all__ = ["Channel", "ClientRefusal", "DiscordEmulator", "Guild", "Message", "Person", "Reply", "Role", "User"]
