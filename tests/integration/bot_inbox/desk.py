"""A shop that customers write to: its number, its channels, and the people who sell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.channels.dto import InboundItem, NewMetaAccount
from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.dto import Conversation
from domain.conversations.inbound import Inbound, MessageKind, ReceivedMessage
from domain.kernel.actor import Actor
from domain.kernel.ids import uuid7
from domain.kernel.roles import Role
from domain.outbox.kinds import Kind
from domain.tenancy.dto import Purpose
from sandbox.discord import Channel, Message, Person
from sandbox.discord.driver.reply import Reply
from sandbox.discord.state import ChannelKind
from tests.fixtures.inbox import Parser
from tests.integration.bot.harness import Stage

MARTA = "34600111222"


@dataclass
class Desk:
    """The stage with a WhatsApp number, the conversations' channel, a seller and a booster."""

    stage: Stage
    parser: Parser
    account_id: UUID
    home: Channel
    leads: Channel
    log: Channel
    sole: Person
    ana: Person
    data_dir: Path
    _said_count: int = field(default=0)

    @property
    def conversations(self) -> Any:
        return self.stage.services.conversations

    def message(
        self, text: str = "hola", *, wa_id: str = MARTA, name: str = "Marta", **changes: Any
    ) -> ReceivedMessage:
        """A text of Marta's, sent now."""
        self._said_count += 1
        values: dict[str, Any] = {
            "sender": Identity({IdentifierKind.WA_ID: wa_id}, name), "provider_id": f"wamid.{self._said_count}",
            "kind": MessageKind.TEXT, "sent_at": self.stage.clock.now(), "text": text,
        }  # fmt: skip
        return ReceivedMessage(**{**values, **changes})

    async def receive(self, *inbounds: Inbound | str, name: str = "Marta", wa_id: str = MARTA) -> Conversation:
        """Things come in and are applied; nothing is shown in Discord yet."""
        tenant_id, items = await self.stage.tenant_id(), []
        for inbound in inbounds:
            key = str(uuid7())
            said = self.message(inbound, name=name, wa_id=wa_id) if isinstance(inbound, str) else inbound
            self.parser.meanings[key] = (said,)
            items.append(InboundItem(tenant_id, self.account_id, "message", "lane", key, {"key": key}))
        await self.stage.services.channels.accept(items)
        await self.stage.services.intake.take_lane(tenant_id, self.account_id, "lane", str(uuid7()))
        page = await self.conversations.list(await self.system())
        return await self.again(page.rows[0].conversation)

    async def shown(self, *inbounds: Inbound | str, **who: str) -> tuple[Conversation, Channel]:
        """The same, shown in Discord; the conversation and its thread."""
        conversation = await self.receive(*inbounds, **who)
        await self.stage.deliver()
        return conversation, await self.thread(conversation)

    async def thread(self, conversation: Conversation) -> Channel:
        """The conversation's thread."""
        sql = "SELECT channel_id FROM posted_cards WHERE tenant_id = $1 AND kind = $2 AND subject_id = $3"
        system = await self.system()
        async with self.stage.db.tx(system) as tx:
            found = await tx.value(sql, system.tenant_id, Kind.CONVERSATION_CARD.value, conversation.id)
        return self.stage.guild.channels[found]

    async def again(self, conversation: Conversation) -> Conversation:
        """The conversation as it is now."""
        found: Conversation = (await self.conversations.details(await self.system(), conversation.id)).conversation
        return found

    async def system(self) -> Actor:
        return Actor.system(await self.stage.tenant_id(), "test", str(uuid7()))

    async def seller(self) -> Actor:
        """Sole as an actor, for arranging a test."""
        tenancy = self.stage.services.tenancy
        role_ids = self.stage.guild.members[self.sole.id].role_ids
        return await tenancy.identify(await self.stage.tenant_id(), self.sole.id, "Sole", role_ids, str(uuid7()), "en")

    async def out(self) -> list[str]:
        """What is on its way to customers, or went there."""
        system = await self.system()
        sql = "SELECT body FROM messages WHERE tenant_id = $1 AND direction = 'out' ORDER BY position"
        async with self.stage.db.tx(system) as tx:
            return [row["body"] for row in await tx.rows(sql, system.tenant_id)]

    async def jobs(self, name: str) -> int:
        """How many jobs of a name wait."""
        async with self.stage.db.queue_tx() as tx:
            return int(await tx.value("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", name))

    async def notes(self) -> list[str]:
        """The internal notes."""
        system = await self.system()
        sql = "SELECT body FROM messages WHERE tenant_id = $1 AND direction = 'note' ORDER BY position"
        async with self.stage.db.tx(system) as tx:
            return [row["body"] for row in await tx.rows(sql, system.tenant_id)]

    async def slash(self, who: Person, place: Channel, words: str, options: Mapping[str, Any] | None = None) -> Reply:
        return await self.stage.settled(await who.slash(place, words, options))

    async def click(self, who: Person, target: Message | Reply, label: str) -> Reply:
        return await self.stage.settled(await who.click(target, label))

    async def submit(self, who: Person, opened: Reply, values: Mapping[str, Any]) -> Reply:
        return await self.stage.settled(await who.submit(opened, values))

    async def choose(self, who: Person, target: Message | Reply, value: str, custom_id: str | None = None) -> Reply:
        return await self.stage.settled(await who.choose(target, [value], custom_id))


async def open_desk(stage: Stage, parser: Parser, data_dir: Path, *, is_forum: bool = True) -> Desk:
    """Connect a number, bind the channels, hire a seller and a booster."""
    owner, services = await stage.as_owner(), stage.services
    kind = ChannelKind.FORUM if is_forum else ChannelKind.TEXT
    home = stage.guild.add_channel("conversations", kind=kind)
    leads = stage.guild.add_channel("leads")
    await services.tenancy.bind_channel(owner, Purpose.CONVERSATIONS, home.id)
    await services.tenancy.bind_channel(owner, Purpose.LEADS, leads.id)
    new = NewMetaAccount("1065", "token", "secret", "verify", app="nova", display_phone="+34 911 000 000")
    account = await services.channels.add_meta(owner, new)
    sole, ana = await stage.join("sole", Role.SELLER), await stage.join("ana", Role.BOOSTER)
    log = next(channel for channel in stage.guild.channels.values() if channel.name == "log")
    return Desk(stage, parser, account.id, home, leads, log, sole, ana, data_dir)


def texts(channel: Channel) -> list[str]:
    """What stands in a channel, oldest first."""
    return [message.text for message in channel.messages]


def reactions(message: Message) -> list[str]:
    """The emoji under a message."""
    return [reaction.emoji for reaction in message.reactions]
