"""A shop in the world: its guild, its people, their ways of doing things, and how everything must stand at the end."""

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.ids import uuid7
from domain.kernel.roles import Role
from domain.orders.dto import Completion, NewOrder, Order
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import NewTenant, Purpose
from sandbox.discord import Channel, Guild, Message, Person
from sandbox.discord.driver.reply import Reply
from tests.e2e.world import ACCOUNT, CUSTOMER, World, eventually

_NUMBERS = itertools.count(1)
PEOPLE = {"diego": Role.DISPATCHER, "ana": Role.BOOSTER, "bruno": Role.BOOSTER, "carla": Role.BOOSTER}
FAILED = """SELECT channel, kind, attempt_count, error FROM guildhall.outbound_messages
            WHERE tenant_id = $1 AND state = 'failed'"""
WAITING = ("queued", "sending", "unknown")


@dataclass
class Company:
    """One shop: `olivia` owns it, `diego` dispatches, `ana`, `bruno` and `carla` boost."""

    world: World
    tenant_id: UUID
    guild: Guild
    lobby: Channel
    channels: dict[Purpose, Channel]
    olivia: Person
    diego: Person
    ana: Person
    bruno: Person
    carla: Person

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody."""
        return (self.olivia, self.diego, self.ana, self.bruno, self.carla)

    @property
    def orders(self) -> Channel:
        """Where order cards stand."""
        return self.channels[Purpose.ORDERS]

    async def actor(self, person: Person) -> Actor:
        """A person as an actor under a new command key."""
        roles = self.guild.members[person.id].role_ids
        return await self.world.services.tenancy.identify(
            self.tenant_id, person.id, person.display_name, roles, f"arrange:{uuid7()}", "en"
        )

    async def order(self, *, target: str = "D1") -> Order:
        """An open order, put in place by the services."""
        orders, diego = self.world.services.orders, await self.actor(self.diego)
        order = await orders.create(diego, NewOrder(CUSTOMER, "P4", target))
        return await orders.publish(await self.actor(self.diego), order.code)

    async def claimed(self, booster: Person, *, target: str = "D1") -> Order:
        """An order that a booster has."""
        order = await self.order(target=target)
        return await self.world.services.orders.claim(await self.actor(booster), order.code)

    async def completed(self, booster: Person) -> Order:
        """An order that is done: 46 for the customer, 35 for the booster, 9 for the company, 2 for the pot."""
        order = await self.claimed(booster)
        completion = Completion("D1", 7200, win_rate_bonus=True)
        return await self.world.services.orders.complete(await self.actor(self.diego), order.code, completion)

    def cards(self, code: int) -> list[Message]:
        """The cards of an order."""
        return [message for message in spoken(self.orders) if re.search(rf"#{code}\b", message.text)]

    async def card(self, code: int, *parts: str) -> Message:
        """The one card of an order, once it shows all `parts`."""
        await eventually(lambda: any(all(p in m.text for p in parts) for m in self.cards(code)))
        (found,) = self.cards(code)
        return found

    def stubs(self, *people: Person) -> list[int]:
        """How many pay stubs each has received."""
        return [sum("payroll.dispute" in actions(message) for message in person.inbox) for person in people]

    async def state(self, code: int) -> str:
        """The state of an order in the database."""
        sql = "SELECT state FROM guildhall.orders WHERE tenant_id = $1 AND code = $2"
        return str(await self.world.value(sql, self.tenant_id, code))

    async def count(self, table: str, where: str = "true", *args: object) -> int:
        """Rows of the shop in a table."""
        sql = f"SELECT count(*) FROM guildhall.{table} WHERE tenant_id = $1 AND {where}"
        return int(await self.world.value(sql, self.tenant_id, *args))

    async def events(self, code: int) -> list[str]:
        """The history of an order."""
        sql = """SELECT e.transition FROM guildhall.order_events e JOIN guildhall.orders o ON o.id = e.order_id
                 WHERE o.tenant_id = $1 AND o.code = $2 ORDER BY e.position"""
        return [row[0] for row in await self.world.rows(sql, self.tenant_id, code)]

    async def entries(self) -> dict[str, int]:
        """Journal entries by kind."""
        sql = "SELECT kind, count(*) FROM guildhall.journal_entries WHERE tenant_id = $1 GROUP BY 1"
        return dict(await self.world.rows(sql, self.tenant_id))

    async def balance(self, account: str) -> int:
        """The sum over the accounts of a kind, in minor units; what we owe is negative."""
        sql = """SELECT coalesce(sum(p.amount_minor), 0)::bigint FROM guildhall.postings p
                 JOIN guildhall.ledger_accounts a ON a.id = p.account_id WHERE p.tenant_id = $1 AND a.kind = $2"""
        return int(await self.world.value(sql, self.tenant_id, account))

    async def outbox(self) -> Counter[str]:
        """Outbound messages by state."""
        sql = "SELECT state, count(*) FROM guildhall.outbound_messages WHERE tenant_id = $1 GROUP BY 1"
        return Counter(dict(await self.world.rows(sql, self.tenant_id)))

    async def notices(self, *numbers: int) -> None:
        """Put one message for the log channel on its way per number, each in a transaction of its own."""
        for number in numbers:
            async with self.world.db.tx(Actor.system(self.tenant_id, "test", f"notice:{uuid7()}")) as tx:
                params: dict[str, object] = {"job": "test.notice", "job_id": number}
                await post_notice(tx, self.world.services.clock, Purpose.LOG, Kind.JOB_PARKED, params)

    @property
    def noticed(self) -> list[int]:
        """The numbers of `notices` that arrived in the log channel, in the order in which they stand there."""
        texts = [message.text for message in spoken(self.channels[Purpose.LOG]) if "test.notice" in message.text]
        return [int(number) for text in texts for number in re.findall(r"\b9\d{3}\b", text)]

    async def is_quiet(self) -> bool:
        """Whether nothing is on its way."""
        states = await self.outbox()
        return not any(states[state] for state in WAITING)

    async def sound(self, *, failed_count: int = 0, deleted_count: int = 0) -> None:
        """Wait until nothing is on its way; then books, chains, queue and every message must be exactly right."""
        await eventually(self.is_quiet)
        await self._assert_books()
        states = await self.outbox()
        assert set(states) <= {"sent", "delivered", "read", "cancelled", "failed"}, states
        failed = await self.world.rows(FAILED, self.tenant_id)
        assert len(failed) == failed_count, [tuple(row) for row in failed]
        assert await self.world.value("SELECT count(*) FROM guildhall.pgqueuer WHERE status = 'failed'") == 0
        await self._assert_messages(deleted_count)

    async def _assert_books(self) -> None:
        services = self.world.services
        actor = Actor.system(self.tenant_id, "test", f"check:{uuid7()}")
        assert await services.ledger.check(actor) == []
        assert (await services.closing.verify(self.tenant_id)).breaks == ()
        assert (await services.audit.verify(self.tenant_id)).is_whole

    async def _assert_messages(self, deleted_count: int) -> None:
        """What stands in Discord is what the outbox says it sent: nothing lost, nothing twice."""
        sql = """SELECT provider_message_id, count(*) FILTER (WHERE NOT coalesces) AS posts
                 FROM guildhall.outbound_messages
                 WHERE tenant_id = $1 AND state = 'sent' AND channel = 'discord' GROUP BY 1"""
        rows = await self.world.rows(sql, self.tenant_id)
        assert [row["posts"] for row in rows if row["posts"] > 1] == [], "one message was counted as two"
        recorded = {row["provider_message_id"] for row in rows}
        channels = [*self.guild.channels.values(), *(person.direct for person in self.people)]
        standing = {message.id for channel in channels for message in spoken(channel)}
        assert standing <= recorded, "a message stands in Discord that the outbox does not know"
        assert len(recorded - standing) == deleted_count, "a message is missing in Discord"


def spoken(channel: Channel) -> list[Message]:
    """What the bot has posted in a channel for everybody there."""
    return [m for m in channel.messages if m.author.bot and not m.ephemeral and not m.deleted]


async def found_company(world: World) -> Company:
    """Found a shop the way `guildhall tenant create` does, and hire its people."""
    number, emulator, tenancy = next(_NUMBERS), world.emulator, world.services.tenancy
    olivia = emulator.add_person(f"olivia{number}", display_name="Olivia")
    guild = emulator.add_guild(f"Nova Boost {number}", olivia)
    new = NewTenant(guild.name, guild.id, olivia.id, "Olivia", "Europe/Madrid", "USD", "en")
    tenant = await tenancy.create(new, f"found:{number}")
    people = {name: emulator.add_person(f"{name}{number}", display_name=name.title()) for name in PEOPLE}
    company = Company(world, tenant.id, guild, guild.add_channel("lobby"), {}, olivia, **people)
    owner = await company.actor(olivia)
    roles = {role: guild.add_role(role.value.title()) for role in dict.fromkeys(PEOPLE.values())}
    for role, discord_role in roles.items():
        await tenancy.bind_role(owner, role, discord_role.id)
    for purpose in (Purpose.ORDERS, Purpose.LOG, Purpose.PAYROLL, Purpose.CLOSE):
        company.channels[purpose] = guild.add_channel(purpose.value)
        await tenancy.bind_channel(owner, purpose, company.channels[purpose].id)
    for name, person in people.items():
        guild.join(person, roles=[roles[PEOPLE[name]]])
        await company.actor(person)
    return company


async def done(reply: Reply) -> Reply:
    """Wait for the whole answer, as a person does."""
    return await (await reply.finished(15)).settled(15)


def actions(message: Message) -> list[str]:
    """What the buttons of a message do."""
    return [button.custom_id.split(":")[1] for button in message.buttons if button.custom_id]


async def press(person: Person, target: Message | Reply, action: str) -> Reply:
    """Press the button that does something, whatever it is called in the person's language."""
    message = target.message if isinstance(target, Reply) else target
    assert message is not None
    ids = [button.custom_id for button in message.buttons if button.custom_id]
    assert actions(message).count(action) == 1, f"{action} is not among {ids} of {message.text}"
    return await person.click(target, custom_id=ids[actions(message).index(action)])


async def asked_to_complete(company: Company, code: int) -> Reply:
    """The figures of a completion, shown to diego and ready to be confirmed."""
    options: dict[str, Any] = {"code": code, "division": "D1", "win-rate": 72.0, "win-rate-bonus": True}
    return await done(await company.diego.slash(company.lobby, "order complete", options))


async def drafted(company: Company) -> Reply:
    """A draft that diego typed, ready to be posted."""
    opened = await company.diego.slash(company.lobby, "order new")
    form = {"customer": CUSTOMER, "start": "P4", "target": ["D1"], "account": ACCOUNT}
    return await done(await company.diego.submit(opened, form))
