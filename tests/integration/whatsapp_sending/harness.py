"""A shop with one number at the emulated WhatsApp, people with phones, and an outbox that sends to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from channels.whatsapp.buckets import Buckets
from channels.whatsapp.meta.graph import GraphClient
from channels.whatsapp.sender import WhatsAppSender
from domain.channels.alerts import ChannelAlerts
from domain.channels.dto import ChannelAccount, NewMetaAccount
from domain.channels.service import ChannelService
from domain.conversations.dto import Author, Deliverable, Direction, Message, Outgoing
from domain.kernel.actor import Actor
from domain.kernel.db import Database, Row, Tx
from domain.kernel.ids import uuid7
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.ports import ByChannel
from domain.outbox.post import post_whatsapp
from domain.outbox.service import OutboxService
from sandbox.clock import ManualClock
from sandbox.whatsapp import Number, Phone, WhatsAppEmulator
from tests.fixtures.shop import Shop

PATIENCE_S = 15.0
CANARY = "EAAcanary0token0that0must0never0be0logged"


@dataclass
class Recipients:
    """Remembers what sending taught."""

    canonical: list[tuple[UUID, str]] = field(default_factory=list)
    stopped: list[UUID] = field(default_factory=list)

    async def canonical_found(self, actor: Actor, conversation_id: UUID, wa_id: str) -> None:
        self.canonical.append((conversation_id, wa_id))

    async def marketing_stopped(self, actor: Actor, conversation_id: UUID) -> None:
        self.stopped.append(conversation_id)


@dataclass
class Listener:
    """A stand-in for the conversations: says what the test put in, and remembers what became of messages."""

    found: dict[UUID, Deliverable] = field(default_factory=dict)
    news: list[tuple[UUID | None, str, str | None]] = field(default_factory=list)

    async def deliverable(self, tx: Tx, message_id: UUID) -> Deliverable | None:
        return self.found.get(message_id)

    async def delivery_changed(
        self, tx: Tx, message: Outbound, state: str, error: str | None, receipt: Receipt | None
    ) -> None:
        self.news.append((message.subject_id, state, error))

    async def thread_opened(self, tx: Tx, conversation_id: UUID) -> None:
        raise AssertionError("nothing of WhatsApp's makes a thread")


@dataclass
class Chat:
    """A conversation of the shop with a phone."""

    id: UUID
    phone: Phone

    @property
    def lane(self) -> str:
        return f"whatsapp:{self.id}"


@dataclass(kw_only=True)
class Sending:
    """Everything from the outbox to the phones."""

    db: Database
    clock: ManualClock
    shop: Shop
    whatsapp: WhatsAppEmulator
    number: Number
    channels: ChannelService
    account: ChannelAccount
    graph: GraphClient
    buckets: Buckets
    recipients: Recipients
    listener: Listener
    data_dir: Path
    pauses_s: list[float]
    outbox: OutboxService = field(init=False)

    def open_house(self) -> None:
        """Start sending, as a process that begins now."""
        alerts = ChannelAlerts(self.db, self.clock)
        sender = WhatsAppSender(
            self.graph, self.channels, alerts, self.recipients, self.buckets, self.clock, self.data_dir
        )
        self.outbox = OutboxService(self.db, self.clock, ByChannel({"whatsapp": sender}), listener=self.listener)

    @property
    def actor(self) -> Actor:
        return Actor.system(self.shop.tenant.id, "test", str(uuid7()))

    def lose_patience(self) -> None:
        """From now on the provider has little time for an answer."""
        self.graph._timeout_s = 0.4

    def regain_patience(self) -> None:
        """And now all it needs on a busy machine."""
        self.graph._timeout_s = PATIENCE_S

    async def chat(self, wa_id: str = "34600111222", *, is_open: bool = True) -> Chat:
        """A person with a conversation, who has just written (`is_open`)."""
        phone = self.whatsapp.add_phone(wa_id, name="Ana")
        if is_open:
            await phone.write(self.number, "hola")
        contact_id, conversation_id, now = uuid7(), uuid7(), self.clock.now()
        async with self.db.tx(self.actor) as tx:
            sql = "INSERT INTO contacts (id, tenant_id, created_at) VALUES ($1, $2, $3)"
            await tx.run(sql, contact_id, tx.tenant_id, now)
            sql = """INSERT INTO conversations
                         (id, tenant_id, number, contact_id, account_id, last_activity_at, opened_at)
                     SELECT $1, $2, 1 + (SELECT count(*) FROM conversations), $3, $4, $5, $5"""
            await tx.run(sql, conversation_id, tx.tenant_id, contact_id, self.account.id, now)
        return Chat(conversation_id, phone)

    async def say(self, chat: Chat, *said: str | Outgoing, to: str = "", kind: str = "to", refusal: str = "") -> UUID:
        """Put messages into the outbox; the last one's outbox row."""
        row_id = uuid7()
        for one in said:
            outgoing = Outgoing(text=one) if isinstance(one, str) else one
            message_id = uuid7()
            recipient = to or chat.phone.wa_id
            message = _message(message_id, chat.id, outgoing, self.clock.now())
            deliverable = Deliverable(message, outgoing, self.account.id, recipient, kind, None, refusal)
            self.listener.found[message_id] = deliverable
            async with self.db.tx(self.actor) as tx:
                row_id = await post_whatsapp(tx, self.clock, chat.id, message_id)
        return row_id

    def refuse_all(self, refusal: str) -> None:
        """From now on nothing may leave, for this reason."""
        self.listener.found = {key: replace(found, refusal=refusal) for key, found in self.listener.found.items()}

    async def deliver(self, chat: Chat) -> int:
        """Run the lane's job once."""
        return await self.outbox.deliver_lane(self.shop.tenant.id, chat.lane, "job")

    async def deliver_after(self, chat: Chat, wait_s: float) -> int:
        """Let time pass, and run the lane's job."""
        self.clock.advance(timedelta(seconds=wait_s))
        return await self.deliver(chat)

    async def rows(self, chat: Chat) -> Sequence[Row]:
        """The outbox's rows for a chat, oldest first."""
        async with self.db.tx(self.actor) as tx:
            sql = "SELECT * FROM outbound_messages WHERE lane = $1 ORDER BY position"
            return list(await tx.rows(sql, chat.lane))

    async def states(self, chat: Chat) -> list[tuple[str, str | None]]:
        """State and error of each."""
        return [(row["state"], row["error"]) for row in await self.rows(chat)]

    async def alerts(self) -> list[str]:
        """What the shop was told of its numbers."""
        async with self.db.tx(self.actor) as tx:
            sql = "SELECT params FROM outbound_messages WHERE kind = 'channel.alert' ORDER BY position"
            return [f"{row['params']['what']} {row['params']['detail']}" for row in await tx.rows(sql)]

    async def status(self, chat: Chat, state: str) -> None:
        """A status of the provider moves the chat's first row that is not finished, as the conversations do it."""
        async with self.db.tx(self.actor) as tx:
            sql = """UPDATE outbound_messages SET state = $2 WHERE id = (SELECT id FROM outbound_messages
                     WHERE lane = $1 AND state IN ('sending', 'unknown') ORDER BY position LIMIT 1)"""
            await tx.run(sql, chat.lane, state)


def texts(chat: Chat) -> list[str]:
    """What the phone shows of the shop's messages."""
    return [message.text for message in chat.phone.inbox]


def _message(message_id: UUID, conversation_id: UUID, outgoing: Outgoing, now: datetime) -> Message:
    return Message(
        message_id, conversation_id, 1, Direction.OUT, Author.AGENT, "assistant", None, "text", outgoing.text, {},
        None, None, {}, "queued", None, is_history=False, sent_at=now, edited_at=None, deleted_at=None,
    )  # fmt: skip


async def new_sending(
    db: Database, clock: ManualClock, shop: Shop, whatsapp: WhatsAppEmulator, channels: ChannelService, data_dir: Path
) -> Sending:
    """Connect the shop's number; the graph client is to be closed."""
    number = whatsapp.add_number(access_token=CANARY)
    new = NewMetaAccount(
        number.phone_number_id, CANARY, number.app_secret, number.verify_token, waba_id=number.waba_id,
        display_phone=f"+{number.display}",
    )  # fmt: skip
    account = await channels.add_meta(Actor.system(shop.tenant.id, "test", "add"), new)
    graph = GraphClient.open(whatsapp.origin, "v26.0", timeout_s=PATIENCE_S)
    pauses_s: list[float] = []

    async def sleep(wait_s: float) -> None:
        pauses_s.append(wait_s)

    sending = Sending(
        db=db, clock=clock, shop=shop, whatsapp=whatsapp, number=number, channels=channels, account=account,
        graph=graph, buckets=Buckets(clock, "meta", sleep), recipients=Recipients(),
        listener=Listener(), data_dir=data_dir, pauses_s=pauses_s,
    )  # fmt: skip
    sending.open_house()
    return sending
