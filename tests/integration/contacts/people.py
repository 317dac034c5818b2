"""People who write to a shop, as tests name them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.contacts.dto import Contact, IdentifierKind, Identity
from domain.contacts.ports import Mover
from domain.contacts.service import ContactService
from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.ids import uuid7
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop


def who(name: str = "", **values: str) -> Identity:
    """An identity: `who(wa_id="5511...", bsuid="BR.1")`."""
    return Identity({IdentifierKind(kind): value for kind, value in values.items()}, name)


@dataclass(frozen=True)
class Door:
    """Where a shop's people come in."""

    shop: Shop
    db: Database
    clock: ManualClock
    contacts: ContactService

    @classmethod
    def of(cls, shop: Shop, db: Database, clock: ManualClock, movers: Sequence[Mover] = ()) -> "Door":
        """The door of a shop."""
        return cls(shop, db, clock, ContactService(db, clock, movers))

    @property
    def worker(self) -> Actor:
        """Our own worker under a new job."""
        return Actor.system(self.shop.tenant.id, "intake", str(uuid7()))

    async def comes(self, name: str = "", **values: str) -> Contact:
        """Somebody writes."""
        async with self.db.tx(self.worker) as tx:
            return await self.contacts.resolve(tx, who(name, **values))

    async def come_at_once(self, identities: Sequence[Identity], linger_s: float = 0.02) -> list[Contact]:
        """Everybody writes at the same moment, and each transaction takes a little longer than it must."""

        async def one(identity: Identity) -> Contact:
            async with self.db.tx(self.worker) as tx:
                found = await self.contacts.resolve(tx, identity)
                await asyncio.sleep(linger_s)
                return found

        return list(await asyncio.gather(*(one(identity) for identity in identities)))

    async def value(self, sql: str, *args: object) -> Any:
        """One value from the database."""
        async with self.db.tx(self.shop.owner) as tx:
            return await tx.value(sql, *args)

    async def living_count(self) -> int:
        """How many people the shop knows."""
        return int(await self.value("SELECT count(*) FROM contacts WHERE merged_into IS NULL"))

    async def contacts_of(self, identity: Identity) -> object:
        """The id of the contact an identity leads to now."""
        async with self.db.tx(self.worker) as tx:
            return (await self.contacts.resolve(tx, identity)).id
