"""A shop's order desk: brings orders to a state, and tells whether anything changed."""

from dataclasses import dataclass
from typing import Any

from domain.kernel.db import Database
from domain.kernel.money import Money
from domain.ledger.service import LedgerService
from domain.orders.dto import Completion, NewOrder, Order, OrderState
from domain.orders.service import OrderService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop

CHANGING_TABLES = (
    "orders", "order_events", "journal_entries", "postings", "ledger_accounts", "outbound_messages",
    "audit_log", "counters", "tariff_versions", "tariff_lines", "members", "staff_profiles",
)  # fmt: skip


def usd(text: str) -> Money:
    """An amount as a test writes it."""
    return Money.of(text, "USD")


@dataclass(frozen=True)
class Desk:
    """Orders of one shop."""

    shop: Shop
    db: Database
    clock: ManualClock
    orders: OrderService

    @classmethod
    def of(cls, shop: Shop, db: Database, clock: ManualClock) -> "Desk":
        """The desk of a shop."""
        return cls(shop, db, clock, OrderService(db, clock))

    async def draft(self, **facts: Any) -> Order:
        """A new draft, E4 to D1 for 45.00."""
        new = NewOrder(**{"customer_name": "Marta", "start_division": "E4", "target_division": "D1", **facts})
        return await self.orders.create(self.shop.act("seller"), new)

    async def open(self, **facts: Any) -> Order:
        """A published order."""
        order = await self.draft(**facts)
        return await self.orders.publish(self.shop.act("seller"), order.code)

    async def claimed(self, by: str = "ana", **facts: Any) -> Order:
        """An order somebody has."""
        order = await self.open(**facts)
        return await self.orders.claim(self.shop.act(by), order.code)

    async def completed(self, by: str = "ana", completion: Completion | None = None, **facts: Any) -> Order:
        """An order that is done: D1 at 72 %, nothing special."""
        order = await self.claimed(by, **facts)
        done = completion or Completion("D1", 7200)
        return await self.orders.complete(self.shop.act("admin"), order.code, done)

    async def in_state(self, state: OrderState, **facts: Any) -> Order:
        """A new order in any state; with a booster it is Ana's."""
        act, orders = self.shop.act, self.orders
        if state is OrderState.DRAFT:
            return await self.draft(**facts)
        if state is OrderState.OPEN:
            return await self.open(**facts)
        if state is OrderState.COMPLETED:
            return await self.completed(**facts)
        if state is OrderState.CANCELLED:
            return await orders.cancel(act("admin"), (await self.open(**facts)).code, "customer left")
        order = await self.claimed(**facts)
        if state is OrderState.PAUSED:
            return await orders.pause(act("admin"), order.code, "exams")
        if state is OrderState.ABANDONED:
            return await orders.abandon(act("admin"), order.code, "ill")
        if state is OrderState.BANNED:
            return await orders.ban(act("admin"), order.code, "account lost")
        return order

    async def everything(self) -> dict[str, str]:
        """A fingerprint of every table a command could change."""
        found = {}
        async with self.db.tx(self.shop.owner) as tx:
            for table in CHANGING_TABLES:
                sql = f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
                found[table] = await tx.value(sql)
        return found

    async def count(self, sql: str, *args: object) -> int:
        """One number from the database."""
        async with self.db.tx(self.shop.owner) as tx:
            return int(await tx.value(sql, *args))

    async def balances(self) -> dict[str, int]:
        """Balances that are not zero, in minor units, summed by kind of account."""
        found: dict[str, int] = {}
        for line in await LedgerService(self.db).balances(self.shop.owner):
            kind = line.account.kind.value
            found[kind] = found.get(kind, 0) + line.balance.minor
        return {kind: minor for kind, minor in found.items() if minor}

    async def books_are_whole(self) -> bool:
        """Whether rebuilding the books finds nothing."""
        return await LedgerService(self.db).check(self.shop.owner) == []
