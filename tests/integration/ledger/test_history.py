"""The books after long random histories."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.kernel.db import Database
from domain.kernel.errors import Conflict
from domain.kernel.ids import uuid7
from domain.ledger.dto import AccountKind, AccountRef, Entry, EntryDraft, EntryKind
from domain.ledger.service import LedgerService, post_entry, posting_day, reverse
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop

amounts = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=4).filter(any)
places = st.integers(0, 10**6)
steps = st.one_of(
    st.tuples(st.just("post"), places, amounts),
    st.tuples(st.just("post"), places, amounts),
    st.tuples(st.just("repeat"), places, st.none()),
    st.tuples(st.just("reverse"), places, st.none()),
    st.tuples(st.just("wait"), st.integers(1, 40), st.none()),
    st.tuples(st.just("close"), places, st.none()),
)


@dataclass
class Books:
    """The database's books, beside a model of them."""

    db: Database
    clock: ManualClock
    shop: Shop
    accounts: list[AccountRef]
    entries: list[tuple[EntryDraft, Entry]] = field(default_factory=list)
    reversed_ids: set[UUID] = field(default_factory=set)
    balances: Counter[AccountRef] = field(default_factory=Counter)
    closed: set[date] = field(default_factory=set)
    entry_count: int = 0

    async def post(self, place: int, moved: list[int]) -> None:
        chosen = [self.accounts[(place + n) % len(self.accounts)] for n in range(len(moved) + 1)]
        lines = list(zip(chosen, [*moved, -sum(moved)], strict=True))
        if sum(1 for _, minor in lines if minor) < 2:
            return
        draft = EntryDraft(EntryKind.ADJUSTMENT, uuid7(), lines, "random", str(uuid7()))
        async with self.db.tx(self.shop.owner) as tx:
            entry = await post_entry(tx, self.clock, draft)
        self._added(entry, lines)
        self.entries.append((draft, entry))

    async def repeat(self, place: int, _: object) -> None:
        if self.entries:
            draft, entry = self.entries[place % len(self.entries)]
            async with self.db.tx(self.shop.owner) as tx:
                assert await post_entry(tx, self.clock, draft) == entry

    async def reverse(self, place: int, _: object) -> None:
        if not self.entries:
            return
        draft, entry = self.entries[place % len(self.entries)]
        key = f"undo {uuid7()}"
        if entry.id in self.reversed_ids:
            with pytest.raises(Conflict, match=r"ledger\.already_reversed"):
                await self._reverse(entry, key)
            return
        undone = await self._reverse(entry, key)
        assert undone.reverses_id == entry.id
        assert await self._reverse(entry, key) == undone
        self.reversed_ids.add(entry.id)
        self._added(undone, [(account, -minor) for account, minor in draft.postings])

    async def _reverse(self, entry: Entry, key: str) -> Entry:
        async with self.db.tx(self.shop.owner) as tx:
            return await reverse(tx, self.clock, entry.id, "random", key)

    async def wait(self, hours: int, _: object) -> None:
        self.clock.advance(timedelta(hours=hours))

    async def close(self, _: int, __: object) -> None:
        async with self.db.tx(self.shop.owner) as tx:
            day = await posting_day(tx, self.clock)
            await tx.run("INSERT INTO closed_days VALUES ($1, $2)", tx.tenant_id, day)
        self.closed.add(day)

    def _added(self, entry: Entry, lines: list[tuple[AccountRef, int]]) -> None:
        self.entry_count += 1
        assert entry.seq == self.entry_count
        assert entry.business_on >= self.shop.tenant.day_of(self.clock.now())
        assert entry.business_on not in self.closed
        for account, minor in lines:
            self.balances[account] += minor

    async def add_up(self) -> None:
        ledger = LedgerService(self.db)
        assert await ledger.check(self.shop.owner) == []
        stored = {line.account: line.balance.minor for line in await ledger.balances(self.shop.owner)}
        assert {k: v for k, v in stored.items() if v} == {k: v for k, v in self.balances.items() if v}
        assert sum(stored.values()) == 0


@pytest.fixture
def books(db: Database, clock: ManualClock, shop: Shop) -> Books:
    people = [shop.ana, shop.bruno]
    accounts = [AccountRef(AccountKind.BOOSTER_PAYABLE, str(person.member_id)) for person in people]
    accounts += [AccountRef(AccountKind.POT, month) for month in ("2026-11", "2026-12")]
    own = (AccountKind.BOOSTER_PAYABLE, AccountKind.POT)
    accounts += [AccountRef(kind) for kind in AccountKind if kind not in own]
    return Books(db, clock, shop, accounts)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, min_size=4, max_size=14))
async def test_balances_are_the_sums_of_postings_after_any_history(
    books: Books, history: list[tuple[str, int, Any]]
) -> None:
    """One growing history: each example goes on where the one before ended."""
    for step, place, detail in history:
        await getattr(books, step)(place, detail)
    await books.add_up()
