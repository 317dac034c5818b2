"""The whole way round: phone, webhook, intake, conversation, outbox, Graph, phone, status."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app.health import Health
from app.metrics import HouseMetrics
from app.settings import WebSettings
from app.web import build_web, serve
from channels.whatsapp.buckets import Buckets
from channels.whatsapp.media import WhatsAppMediaKeeper
from channels.whatsapp.meta.graph import GraphClient
from channels.whatsapp.meta.parse import MetaParser
from channels.whatsapp.sender import WhatsAppSender
from channels.whatsapp.splitting import split_outgoing
from domain.channels.alerts import ChannelAlerts
from domain.channels.dto import ChannelAccount, NewMetaAccount
from domain.conversations.dto import Author, Conversation, Deliverable, Message, Outgoing
from domain.intake.recipients import Recipients
from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.ids import uuid7
from domain.kernel.sealing import Sealer
from domain.outbox.ports import ByChannel
from domain.outbox.service import OutboxService
from domain.services import Services, build_services
from sandbox.clock import ManualClock
from sandbox.whatsapp import Number, WhatsAppEmulator
from tests.fixtures.shop import Shop
from tests.integration.whatsapp_sending.harness import PATIENCE_S


@dataclass(kw_only=True)
class Loop:
    """The house between an emulated WhatsApp's webhooks and its Graph; jobs run when `run` is called."""

    clock: ManualClock
    shop: Shop
    services: Services
    whatsapp: WhatsAppEmulator
    number: Number
    account: ChannelAccount
    outbox: OutboxService
    media: WhatsAppMediaKeeper
    data_dir: Path

    @property
    def actor(self) -> Actor:
        return Actor.system(self.shop.tenant.id, "test", str(uuid7()))

    async def run(self) -> None:
        """Take what came in and send what waits, until nothing is left that is due."""
        for _ in range(10):
            await self.whatsapp.settled()
            if not await self._take() + await self._deliver():
                return

    async def _take(self) -> int:
        async with self.services.db.tx(self.actor) as tx:
            rows = await tx.rows("SELECT DISTINCT account_id, lane FROM inbound_events WHERE state = 'new'")
        tenant_id, take = self.shop.tenant.id, self.services.intake.take_lane
        return sum([(await take(tenant_id, row["account_id"], row["lane"], "job")).ended_count for row in rows])

    async def _deliver(self) -> int:
        async with self.services.db.tx(self.actor) as tx:
            sql = """SELECT DISTINCT lane FROM outbound_messages
                     WHERE channel = 'whatsapp' AND state IN ('queued', 'unknown') AND due_at <= $1"""
            rows = await tx.rows(sql, self.clock.now())
        return sum([await self.outbox.deliver_lane(self.shop.tenant.id, row["lane"], "job") for row in rows])

    async def conversation(self) -> Conversation:
        """The only one there is."""
        async with self.services.db.tx(self.actor) as tx:
            found = await tx.value("SELECT id FROM conversations")
        return (await self.services.conversations.details(self.actor, found)).conversation

    async def say(self, *said: str | Outgoing) -> None:
        """The assistant says something."""
        found = await self.conversation()
        for one in said:
            outgoing = Outgoing(text=one) if isinstance(one, str) else one
            async with self.services.db.tx(self.actor) as tx:
                await self.services.conversations.say(tx, found.id, outgoing, Author.AGENT, "assistant")

    async def deliverable(self, message_id: UUID) -> Deliverable:
        """A message as it would leave now."""
        async with self.services.db.tx(self.actor) as tx:
            found = await self.services.conversations.deliverable(tx, message_id)
        assert found is not None
        return found

    async def messages(self) -> tuple[Message, ...]:
        """What the conversation holds, oldest first."""
        found = await self.conversation()
        return (await self.services.conversations.details(self.actor, found.id)).messages

    async def said(self) -> list[tuple[str, str]]:
        """Text and state of what the shop said."""
        return [(one.body, one.state) for one in await self.messages() if one.direction == "out"]

    async def notices(self) -> list[str]:
        """What the thread was told."""
        async with self.services.db.tx(self.actor) as tx:
            sql = "SELECT params FROM outbound_messages WHERE kind = 'conversation.notice' ORDER BY position"
            return [row["params"]["what"] for row in await tx.rows(sql)]


@asynccontextmanager
async def opened_loop(
    db: Database, clock: ManualClock, shop: Shop, sealer: Sealer, folder: Path
) -> AsyncIterator[Loop]:
    """Connect the shop's number both ways, over real sockets."""
    services = build_services(db, clock, sealer, parser=MetaParser(), splitter=split_outgoing)
    pages = build_web(Health(db, clock, None, asyncio.Event().is_set), HouseMetrics(), services.channels, clock)
    async with WhatsAppEmulator(clock) as whatsapp, serve(pages, WebSettings(port=0)) as port:
        number = whatsapp.add_number()
        new = NewMetaAccount(
            number.phone_number_id, number.access_token, number.app_secret, number.verify_token, app="nova"
        )
        account = await services.channels.add_meta(Actor.system(shop.tenant.id, "test", "add"), new)
        await whatsapp.verify(number, f"http://127.0.0.1:{port}/webhooks/meta/nova")
        graph = GraphClient.open(whatsapp.origin, "v26.0", timeout_s=PATIENCE_S)
        channels, conversations = services.channels, services.conversations
        sender = WhatsAppSender(
            graph, channels, ChannelAlerts(db, clock), Recipients(db, clock, services.contacts),
            Buckets(clock, "meta"), clock, folder,
        )  # fmt: skip
        outbox = OutboxService(db, clock, ByChannel({"whatsapp": sender}), listener=conversations)
        media = WhatsAppMediaKeeper(db, graph, channels, conversations, folder)
        yield Loop(
            clock=clock, shop=shop, services=services, whatsapp=whatsapp, number=number, account=account,
            outbox=outbox, media=media, data_dir=folder,
        )  # fmt: skip
        await graph.close()
