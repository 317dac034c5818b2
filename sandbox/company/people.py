"""Nova Boost: a guild in Madrid and the people who work there, each with a client in their own language."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import timedelta

from sandbox.checks import Checks
from sandbox.clock import ManualClock
from sandbox.company.clients import Clients, found_clients
from sandbox.discord import Channel, DiscordEmulator, Guild, Message, Person, Reply
from sandbox.discord.errors import ClientRefusal
from sandbox.openai import OpenAIEmulator
from sandbox.whatsapp import WhatsAppEmulator

PATIENCE_S = 30.0
_QUIET_S = 0.1


@dataclass
class Company:
    """The people, the place, and the day's clock.

    Attributes:
        discord: Where the shop's people are.
        clients: Who writes on WhatsApp.
        openai: The model behind the assistant.
        clock: The day's time; acts take minutes, not real ones.
        web_origin: Where the house takes webhooks.
        checks: What the day must show.
        winner, loser: Who got the order that two pressed for, and who did not.
        orders: Order codes by what the script calls them.
        heard_count: How much has happened so far.
        files: What people received: name and bytes.
    """

    discord: DiscordEmulator
    clients: Clients
    openai: OpenAIEmulator
    clock: ManualClock
    web_origin: str
    checks: Checks
    guild: Guild
    lobby: Channel
    olivia: Person
    diego: Person
    ana: Person
    bruno: Person
    chloe: Person
    sofia: Person
    winner: Person = field(init=False)
    loser: Person = field(init=False)
    orders: dict[str, int] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    heard_count: int = 0
    _heard_count: int = -1

    async def pass_time(self, minutes: float) -> None:
        """Let the day go on, once what is on its way has arrived: messages take moments, not minutes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while self._heard_something():  # noqa: ASYNC110 - silence is no event
                    await asyncio.sleep(_QUIET_S)
        self.clock.advance(timedelta(minutes=minutes))

    def _heard_something(self) -> bool:
        """Whether anything happened since the last time this was asked."""
        before, self._heard_count = self._heard_count, self.heard_count
        return before != self.heard_count

    def channel(self, name: str) -> Channel:
        """A channel of the guild by its name."""
        return next(channel for channel in self.guild.channels.values() if channel.name == name)

    async def posted(self, channel: Channel, *parts: str) -> Message:
        """Wait for a message in a channel that holds every part, and return it."""

        def find() -> Message | None:
            fitting = (m for m in reversed(channel.messages) if all(part in m.text for part in parts))
            return next(fitting, None)

        await self.discord.wait_until(lambda: find() is not None, PATIENCE_S)
        found = find()
        assert found is not None
        return found

    async def received(self, person: Person, *parts: str) -> Message:
        """Wait for a direct message to a person that holds every part, and return it."""
        return await self.posted(person.direct, *parts)

    async def offered(self, channel: Channel, action: str) -> Message:
        """Wait for the newest message in a channel with a button that does `action`, and return it."""

        def find() -> Message | None:
            return next((m for m in reversed(channel.messages) if action in actions_of(m)), None)

        await self.discord.wait_until(lambda: find() is not None, PATIENCE_S)
        found = find()
        assert found is not None
        return found


@dataclass(frozen=True)
class World:
    """The outside world of a day: both doors, the model, the time, and where the house takes webhooks."""

    discord: DiscordEmulator
    whatsapp: WhatsAppEmulator
    openai: OpenAIEmulator
    clock: ManualClock
    web_origin: str


def found_company(world: World, checks: Checks) -> Company:
    """Create the guild with an empty lobby, and the phones; everything else is what /setup makes of it."""
    discord = world.discord
    olivia = discord.add_person("olivia", locale="es-ES")
    guild = discord.add_guild("Nova Boost", olivia, locale="es-ES")
    lobby = guild.add_channel("general")
    clients = found_clients(world.whatsapp)
    company = Company(
        discord, clients, world.openai, world.clock, world.web_origin, checks, guild, lobby, olivia,
        diego=discord.add_person("diego", locale="en-US"),
        ana=discord.add_person("ana", locale="es-419"),
        bruno=discord.add_person("bruno", locale="pt-BR"),
        chloe=discord.add_person("chloe", locale="fr"),
        sofia=discord.add_person("sofia", locale="es-ES"),
    )  # fmt: skip
    for person in (company.diego, company.ana, company.bruno, company.chloe, company.sofia):
        guild.join(person)

    def hear(_: object) -> None:
        company.heard_count += 1

    discord.on_event(hear)
    world.whatsapp.on_event(hear)
    return company


def actions_of(message: Message | None) -> list[str]:
    """What the buttons of a message do, in order."""
    return [(button.custom_id or "").split(":")[1] for button in message.buttons] if message else []


async def done(reply: Reply) -> Reply:
    """Wait for the whole answer, as a person does: until the buttons are no longer greyed out."""
    return await (await reply.finished(PATIENCE_S)).settled(PATIENCE_S)


async def press(person: Person, target: Message | Reply, action: str) -> Reply:
    """Press the button of a message that does `action`, whatever it is called in the reader's language."""
    message = target.message if isinstance(target, Reply) else target
    assert message is not None, "there is nothing to press"
    fitting = [button.custom_id or "" for button in message.buttons]
    custom_id = next((one for one in fitting if one.split(":")[1:2] == [action]), None)
    if custom_id is None:
        raise ClientRefusal(f"no button does {action!r}; there are {fitting}")
    return await person.click(message, custom_id=custom_id)


async def is_turned_away(person: Person, channel: Channel, words: str, *parts: str) -> bool:
    """Whether a command is hidden from a person, or refused in words that only they see."""
    try:
        reply = await done(await person.slash(channel, words))
    except ClientRefusal:
        return True
    return reply.ephemeral and all(part in reply.text for part in parts)
