"""A shop with a WhatsApp number, its clients, and how a conversation must stand at the end on all three sides."""

import itertools
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.channels.dto import ChannelAccount, NewMetaAccount
from domain.tenancy.dto import Purpose
from sandbox.company.clients import letters
from sandbox.discord import Channel, Message
from sandbox.whatsapp import App, Number, Phone
from tests.e2e.company import Company, found_company, spoken
from tests.e2e.two_doors import ANSWER, CANARIES, TwoDoors
from tests.e2e.world import eventually

_NUMBERS = itertools.count(1)
_MESSAGE_HEAD = re.compile(r"(💬|🤖|🧑‍💼|📱|⚙️) \*\*")
QUIET_S = 90.0  # many processes start at once where tests run side by side
GREETING = "this is the assistant of"
UNDERWAY = """
SELECT 'event ' || kind FROM guildhall.inbound_events WHERE tenant_id = $1 AND state = 'new'
UNION ALL SELECT 'turn ' || number FROM guildhall.conversations WHERE tenant_id = $1 AND waiting_since IS NOT NULL
UNION ALL SELECT 'outbound ' || concat_ws(' ', kind, state, attempt_count, due_at, error)
FROM guildhall.outbound_messages WHERE tenant_id = $1 AND state IN ('queued', 'sending', 'unknown')
"""


@dataclass
class Inbox:
    """The number of a shop, and its inbox in Discord."""

    world: TwoDoors
    company: Company
    number: Number
    account: ChannelAccount

    @property
    def tenant_id(self) -> UUID:
        """Whose it is."""
        return self.company.tenant_id

    @property
    def url(self) -> str:
        """The address of its webhook."""
        return f"{self.world.web_origin}/webhooks/meta/{self.account.app}"

    def client(self) -> "Client":
        """One more person with a phone."""
        number = next(_NUMBERS)
        name = f"{CANARIES['client']} {chr(65 + number // 26 % 26)}{chr(65 + number % 26)}"
        return Client(self, self.world.whatsapp.add_phone(f"3460{number:07}", name=name))

    def threads(self) -> list[Channel]:
        """The conversations' threads, oldest first."""
        forum = self.company.channels[Purpose.CONVERSATIONS]
        return [channel for channel in self.company.guild.channels.values() if channel.parent is forum]

    async def rows(self, sql: str, *args: object) -> list[Any]:
        """Rows of the shop: `$1` is its id."""
        return await self.world.rows(sql, self.tenant_id, *args)

    async def count(self, table: str, where: str = "true", *args: object) -> int:
        """How many rows of the shop a table has."""
        return await self.company.count(table, where, *args)

    def alerts(self) -> str:
        """What the shop was alerted to."""
        return "\n".join(message.text for message in spoken(self.company.channels[Purpose.RED_ALERTS]))

    async def quiet(self, within_s: float = QUIET_S) -> None:
        """Wait until all that came in was taken, answered, delivered and mirrored."""

        async def is_quiet() -> bool:
            return await self.rows(UNDERWAY) == []

        try:
            await eventually(is_quiet, within_s)
        except AssertionError:
            raise AssertionError(f"under way: {[row[0] for row in await self.rows(UNDERWAY)]}") from None

    async def sound(self, *, within_s: float = QUIET_S, failed_count: int = 0) -> None:
        """Wait until it is quiet; then nothing was put aside and everything else of the shop is right, too."""
        await self.quiet(within_s)
        await self.company.sound(failed_count=failed_count)
        # A status of what was delivered last may still be on its way in.
        await eventually(self._has_taken_everything)
        assert await self.count("agent_turns", "state = 'running'") == 0

    async def _has_taken_everything(self) -> bool:
        return await self.count("inbound_events", "state NOT IN ('done', 'ignored')") == 0


@dataclass
class Client:
    """A person with a phone."""

    inbox: Inbox
    phone: Phone

    async def writes(self, *texts: str) -> None:
        """Write one text after the other; returns after Meta's first try to tell the shop."""
        await self.phone.write_several(self.inbox.number, texts)

    def told(self) -> list[str]:
        """What the phone shows of the shop, oldest first."""
        return [message.text for message in self.chat() if not message.is_from_phone]

    def chat(self) -> list[Any]:
        """What the phone shows of the chat with the shop."""
        return self.phone.chat(self.inbox.number).messages

    async def hears(self, count: int, within_s: float = 60.0) -> list[str]:
        """Wait until so many messages of the shop have arrived."""
        await eventually(lambda: len(self.told()) >= count, within_s)
        return self.told()

    def threads(self) -> list[Channel]:
        """The threads that bear this person's name."""
        return [thread for thread in self.inbox.threads() if self.phone.name in thread.name]

    def mirrored(self) -> list[Message]:
        """The conversation's messages as its thread shows them, oldest first; not card and notices."""
        (thread,) = self.threads()
        return [message for message in spoken(thread)[1:] if _MESSAGE_HEAD.match(message.text)]

    def noticed(self) -> str:
        """What else stands in the thread."""
        (thread,) = self.threads()
        return "\n".join(message.text for message in spoken(thread)[1:] if not _MESSAGE_HEAD.match(message.text))

    async def conversation(self) -> Any:
        """The row of the one conversation."""
        sql = """SELECT c.* FROM guildhall.conversations c JOIN guildhall.contact_identifiers i USING (contact_id)
                 WHERE c.tenant_id = $1 AND i.tenant_id = $1 AND i.kind = 'wa_id' AND i.value = $2"""
        (row,) = await self.inbox.rows(sql, self.phone.wa_id)
        return row

    async def messages(self, direction: str = "%") -> list[Any]:
        """The rows of the conversation's messages, in their order."""
        sql = """SELECT * FROM guildhall.messages
                 WHERE tenant_id = $1 AND conversation_id = $2 AND direction LIKE $3 ORDER BY position"""
        return await self.inbox.rows(sql, (await self.conversation())["id"], direction)

    async def turns(self, state: str = "replied") -> int:
        """How many turns ended so."""
        conversation_id = (await self.conversation())["id"]
        return await self.inbox.count("agent_turns", "conversation_id = $2 AND state = $3", conversation_id, state)

    async def is_whole(self, *, doubled: int = 0, is_sent_in_order: bool = True) -> None:
        """Phone, database and thread tell the same, each message once and in order.

        Args:
            doubled: So many of the shop's messages stand twice on the phone: nobody could know that they had arrived.
            is_sent_in_order: False where the webhooks came in another order than the person wrote.
        """
        ins, outs = await self.messages("in"), await self.messages("out")
        wrote = [message.text for message in self.chat() if message.is_from_phone]
        kept = [row["body"] for row in ins]
        assert (kept if is_sent_in_order else sorted(kept)) == (wrote if is_sent_in_order else sorted(wrote))
        assert once(self.told(), doubled) == [row["body"] for row in outs]
        shown = [letters(card.text) for card in self.mirrored()]
        rows = await self.messages()
        assert len(shown) == len(rows), (shown, [row["body"] for row in rows])
        assert [row["body"] for row, text in zip(rows, shown, strict=True) if letters(row["body"]) not in text] == []

    async def was_answered_once(self, *, doubled: int = 0, turns: int = 1, answer: str = ANSWER) -> None:
        """Wait until all is quiet: the person was greeted and answered, once, and everything tells the same."""
        await self.inbox.sound()
        greeting, *answers = once(self.told(), doubled)
        assert GREETING in greeting
        assert answers == [answer] * turns
        assert await self.turns() == turns
        assert {row["state"] for row in await self.messages("out")} <= {"sent", "delivered", "read"}
        await self.is_whole(doubled=doubled)


def once(texts: list[str], doubled: int) -> list[str]:
    """Texts without those that came twice in a row, of which there must be so many."""
    if not doubled:
        return texts
    found = [text for number, text in enumerate(texts) if number == 0 or texts[number - 1] != text]
    assert len(texts) - len(found) == doubled, texts
    return found


async def found_inbox(world: TwoDoors, *, app: App | None = None, path: str = "") -> Inbox:
    """Found a shop with a number, a forum for conversations and channels for leads and alerts.

    Args:
        world: The world.
        app: The Meta app of its number; its own unless given.
        path: The last word of the webhook's address; its own unless given.
    """
    company = await found_company(world)
    for purpose in (Purpose.CONVERSATIONS, Purpose.LEADS, Purpose.RED_ALERTS):
        add = company.guild.add_forum if purpose is Purpose.CONVERSATIONS else company.guild.add_channel
        company.channels[purpose] = add(purpose.value)
        owner = await company.actor(company.olivia)
        await world.services.tenancy.bind_channel(owner, purpose, company.channels[purpose].id)
    number = world.number(app or world.app())
    new = NewMetaAccount(
        number.phone_number_id, number.access_token, number.app_secret, number.verify_token, app=path,
        waba_id=number.waba_id, display_phone=number.display,
    )  # fmt: skip
    account = await world.services.channels.add_meta(await company.actor(company.olivia), new)
    inbox = Inbox(world, company, number, account)
    world.whatsapp.connect(number, inbox.url)
    return inbox
