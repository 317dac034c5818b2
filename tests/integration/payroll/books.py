"""Orders with their journal entries, put in place directly: payroll and closing read nothing else."""

import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.ids import uuid7
from domain.ledger.dto import AccountKind, AccountRef, Entry, EntryDraft, EntryKind
from domain.ledger.posting import post_entry, posting_day, reverse
from tests.fixtures.shop import Shop

_KEYS = itertools.count()
_ORDER = """
INSERT INTO orders (id, tenant_id, code, state, customer_name, game, start_division, target_division, price_minor,
    currency, booster_id, claimed_at, final_division, win_rate_bp, completion_entry_id, finished_at, closed_on,
    command_key, created_at)
VALUES ($1, $2, $3, 'completed', 'Kim', 'lol', 'P4', $4, $5, 'USD', $6, $7, $4, 7200, $8, $9, $10, $11, $7)
"""
_REOPENED = """
UPDATE orders SET state = 'claimed', completion_entry_id = NULL, final_division = NULL, win_rate_bp = NULL,
    finished_at = NULL, closed_on = NULL WHERE id = $1
"""
_DONE_AGAIN = """
UPDATE orders SET state = 'completed', completion_entry_id = $2, final_division = $3, win_rate_bp = 8000,
    finished_at = $4, closed_on = $5 WHERE id = $1
"""


@dataclass(frozen=True)
class Done:
    """A completed order and its completion entry."""

    order_id: UUID
    code: int
    entry: Entry


class Books:
    """Completes, adjusts and reopens orders as somebody of the shop."""

    def __init__(self, db: Database, clock: Clock, shop: Shop) -> None:
        self._db = db
        self._clock = clock
        self._shop = shop

    def actor(self) -> Actor:
        """The dispatcher under a new command key."""
        return replace(self._shop.people["dispatcher"], command_key=f"books:{next(_KEYS)}")

    async def complete(
        self, booster: Actor, code: int, *, pay: int = 3500, margin: int = 900, pot: int = 200, division: str = "D1"
    ) -> Done:
        """A completed order: by default D1, both bonuses, ranked (46 / 35 / 9, pot 2)."""
        order_id = uuid7()
        actor = self.actor()
        async with self._db.tx(actor) as tx:
            entry = await self._entry(tx, order_id, booster, pay, margin, pot)
            now = self._clock.now()
            day = await posting_day(tx, self._clock)
            await tx.run(_ORDER, order_id, tx.tenant_id, code, division, pay + margin + pot, booster.member_id,
                         now - timedelta(days=3), entry.id, now, day, actor.command_key)  # fmt: skip
        return Done(order_id, code, entry)

    async def adjust(self, done: Done, booster: Actor, minor: int, kind: EntryKind = EntryKind.ADJUSTMENT) -> Entry:
        """Move money between company and booster; positive to the booster."""
        postings = [
            (AccountRef(AccountKind.ADJUSTMENTS), minor),
            (AccountRef(AccountKind.BOOSTER_PAYABLE, str(booster.member_id)), -minor),
        ]
        actor = self.actor()
        async with self._db.tx(actor) as tx:
            draft = EntryDraft(kind, done.order_id, postings, "tip", actor.command_key)
            return await post_entry(tx, self._clock, draft)

    async def reopen(self, done: Done) -> Entry:
        """Take the completion back."""
        actor = self.actor()
        async with self._db.tx(actor) as tx:
            entry = await reverse(tx, self._clock, done.entry.id, "wrong figures", actor.command_key)
            await tx.run(_REOPENED, done.order_id)
            return entry

    async def complete_again(self, done: Done, booster: Actor, *, pay: int = 3500, division: str = "D1") -> Done:
        """Complete a reopened order."""
        async with self._db.tx(self.actor()) as tx:
            entry = await self._entry(tx, done.order_id, booster, pay, 900, 200)
            day = await posting_day(tx, self._clock)
            await tx.run(_DONE_AGAIN, done.order_id, entry.id, division, self._clock.now(), day)
        return Done(done.order_id, done.code, entry)

    async def _entry(self, tx: Tx, order_id: UUID, booster: Actor, pay: int, margin: int, pot: int) -> Entry:
        postings = [
            (AccountRef(AccountKind.CUSTOMER_RECEIVABLE), pay + margin + pot),
            (AccountRef(AccountKind.BOOSTER_PAYABLE, str(booster.member_id)), -pay),
            (AccountRef(AccountKind.COMPANY_INCOME), -margin),
            (AccountRef(AccountKind.POT, f"{self._clock.now():%Y-%m}"), -pot),
        ]
        draft = EntryDraft(EntryKind.COMPLETION, order_id, postings, "", tx.actor.command_key)
        return await post_entry(tx, self._clock, draft)
