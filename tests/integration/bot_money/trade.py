"""Orders made and finished through the services, as whoever it takes: the money that the door then shows."""

import itertools
from dataclasses import dataclass, field

from domain.kernel.actor import Actor
from domain.kernel.money import Money
from domain.kernel.roles import Role
from domain.orders.dto import Completion, NewOrder, Order
from domain.tenancy.dto import Purpose
from sandbox.discord import Channel, Person
from tests.integration.bot.harness import Stage

_KEYS = itertools.count()


@dataclass
class Trade:
    """A shop with people of every role that money needs, and quick ways to finished orders."""

    stage: Stage
    ada: Person  # admin
    dora: Person  # dispatcher
    ana: Person  # booster
    bruno: Person  # booster
    channels: dict[Purpose, Channel] = field(default_factory=dict)

    async def actor(self, person: Person) -> Actor:
        """The person as an actor under a new command key, with the roles they have now."""
        member = self.stage.guild.members[person.id]
        return await self.stage.services.tenancy.identify(
            await self.stage.tenant_id(), person.id, person.display_name, member.role_ids, f"trade:{next(_KEYS)}", "en"
        )

    async def claimed(self, booster: Person, target: str = "D1", start: str = "P4", customer: str = "Kim") -> Order:
        """An order that the booster is working on."""
        orders = self.stage.services.orders
        new = NewOrder(customer, start, target)
        order = await orders.create(await self.actor(self.dora), new)
        await orders.publish(await self.actor(self.dora), order.code)
        return await orders.claim(await self.actor(booster), order.code)

    async def done(
        self, booster: Person, division: str = "D1", win_rate_bp: int = 7200, *, win_rate_bonus: bool = True,
        adjustment: int | None = None,
    ) -> Order:  # fmt: skip
        """A finished order: by default D1, both bonuses, ranked: 46 / 35 / 9, pot 2."""
        order = await self.claimed(booster, division)
        return await self.finish(order, division, win_rate_bp, win_rate_bonus=win_rate_bonus, adjustment=adjustment)

    async def finish(
        self, order: Order, division: str = "D1", win_rate_bp: int = 7200, *, win_rate_bonus: bool = True,
        adjustment: int | None = None,
    ) -> Order:  # fmt: skip
        """Complete a claimed order."""
        completion = Completion(
            division, win_rate_bp, win_rate_bonus=win_rate_bonus,
            adjustment=None if adjustment is None else Money(adjustment, "USD"),
            adjustment_reason="" if adjustment is None else "tip",
        )  # fmt: skip
        owner = await self.actor(self.stage.olivia)
        return await self.stage.services.orders.complete(owner, order.code, completion)

    async def abandon(self, order: Order) -> Order:
        """Give an order up, without pay."""
        owner = await self.actor(self.stage.olivia)
        return await self.stage.services.orders.abandon(owner, order.code, "no time", None)

    async def reopen(self, order: Order) -> Order:
        """Take a completion back."""
        return await self.stage.services.orders.reopen(await self.actor(self.stage.olivia), order.code, "wrong account")

    async def adjust(self, order: Order, minor: int) -> Order:
        """Move money between company and booster."""
        owner = await self.actor(self.stage.olivia)
        return await self.stage.services.orders.adjust(owner, order.code, Money(minor, "USD"), "tip")


async def open_trade(stage: Stage) -> Trade:
    """Hire everybody into the stage's shop."""
    ada = await stage.join("ada", Role.ADMIN)
    dora = await stage.join("dora", Role.DISPATCHER)
    ana = await stage.join("ana", Role.BOOSTER)
    bruno = await stage.join("bruno", Role.BOOSTER)
    trade = Trade(stage, ada, dora, ana, bruno)
    bound = await stage.services.tenancy.channels(await stage.as_owner())
    trade.channels = {purpose: stage.guild.channels[channel_id] for purpose, channel_id in bound.items()}
    return trade
