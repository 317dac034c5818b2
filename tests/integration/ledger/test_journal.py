"""What the journal does, and what the database itself refuses."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from domain.kernel.db import Database, Tx
from domain.kernel.errors import Conflict, NotFound, PermissionDenied
from domain.kernel.ids import uuid7
from domain.ledger.dto import AccountKind, AccountRef, DiscrepancyKind, Entry, EntryDraft, EntryKind
from domain.ledger.service import LedgerService, post_entry, posting_day, reverse
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop, found_shop

INCOME = AccountRef(AccountKind.COMPANY_INCOME)
CUSTOMERS = AccountRef(AccountKind.CUSTOMER_RECEIVABLE)


def sale(key: str, minor: int = 4500) -> EntryDraft:
    return EntryDraft(EntryKind.COMPLETION, uuid7(), [(CUSTOMERS, minor), (INCOME, -minor)], "", key)


async def post(db: Database, clock: ManualClock, shop: Shop, draft: EntryDraft) -> Entry:
    async with db.tx(shop.owner) as tx:
        return await post_entry(tx, clock, draft)


async def raw_entry(tx: Tx, lines: list[tuple[str, str, int]]) -> UUID:
    """An entry written past the service: account kind, currency and amount per line."""
    entry_id = uuid7()
    await tx.run(
        "INSERT INTO journal_entries (id, tenant_id, seq, kind, subject_id, currency, business_on, command_key, "
        "actor_label, recorded_at) VALUES ($1, $2, next_number('journal'), 'adjustment', $1, 'USD', '2026-11-20', "
        "$3, 'test', now())", entry_id, tx.tenant_id, str(entry_id),
    )  # fmt: skip
    for line, (kind, currency, minor) in enumerate(lines, start=1):
        account_id = uuid7()
        await tx.run(
            "INSERT INTO ledger_accounts (id, tenant_id, kind, currency, reference) VALUES ($1, $2, $3, $4, $5)",
            account_id, tx.tenant_id, kind, currency, str(line),
        )  # fmt: skip
        await tx.run(
            "INSERT INTO postings VALUES ($1, $2, $3, $4, $5, $6)",
            tx.tenant_id, entry_id, line, account_id, currency, minor,
        )  # fmt: skip
    return entry_id


@pytest.mark.parametrize(
    "lines",
    [
        [("company_income", "USD", 100), ("adjustments", "USD", -99)],
        [("company_income", "USD", 100)],
        [],
        [("company_income", "USD", 100), ("adjustments", "EUR", -100)],
        [("company_income", "USD", 0), ("adjustments", "USD", 0)],
    ],
    ids=["unbalanced", "one line", "no line", "two currencies", "lines of nothing"],
)
async def test_the_database_refuses_an_entry_that_does_not_add_up(
    shop: Shop, db: Database, lines: list[tuple[str, str, int]]
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        async with db.tx(shop.owner) as tx:
            await raw_entry(tx, lines)
    async with db.tx(shop.owner) as tx:
        assert await tx.value("SELECT count(*) FROM journal_entries") == 0
        assert await tx.value("SELECT count(*) FROM ledger_accounts") == 0


async def test_the_database_refuses_a_line_added_later(shop: Shop, db: Database, clock: ManualClock) -> None:
    entry = await post(db, clock, shop, sale("one"))
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.tx(shop.owner) as tx:
            account = await tx.value("SELECT id FROM ledger_accounts LIMIT 1")
            await tx.run("INSERT INTO postings VALUES ($1, $2, 9, $3, 'USD', 5)", tx.tenant_id, entry.id, account)
    assert await LedgerService(db).check(shop.owner) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal_entries SET reason = 'x'", "DELETE FROM journal_entries",
        "UPDATE postings SET amount_minor = 1",
        "DELETE FROM postings", "UPDATE ledger_accounts SET balance_minor = 0", "DELETE FROM ledger_accounts",
        "DELETE FROM closed_days", "UPDATE order_events SET reason = 'x'", "DELETE FROM order_events",
        "UPDATE tariff_lines SET price_minor = 1", "DELETE FROM orders", "UPDATE counters SET value = 1",
        "TRUNCATE postings",
    ],
)  # fmt: skip
async def test_the_application_may_not_rewrite_history(shop: Shop, db: Database, sql: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with db.tx(shop.owner) as tx:
            await tx.run(sql)


async def test_one_key_is_one_entry_even_at_the_same_moment(shop: Shop, db: Database, clock: ManualClock) -> None:
    draft = sale("press")
    entries = await asyncio.gather(*(post(db, clock, shop, draft) for _ in range(10)))
    assert len({entry.id for entry in entries}) == 1
    assert (await post(db, clock, shop, sale("next"))).seq == 2


async def test_entries_at_once_are_numbered_without_gaps(shop: Shop, db: Database, clock: ManualClock) -> None:
    entries = await asyncio.gather(*(post(db, clock, shop, sale(f"k{n}")) for n in range(20)))
    assert sorted(entry.seq for entry in entries) == list(range(1, 21))
    assert await LedgerService(db).check(shop.owner) == []


async def test_a_rolled_back_entry_leaves_no_gap(shop: Shop, db: Database, clock: ManualClock) -> None:
    with pytest.raises(RuntimeError):
        async with db.tx(shop.owner) as tx:
            await post_entry(tx, clock, sale("lost"))
            raise RuntimeError
    assert (await post(db, clock, shop, sale("kept"))).seq == 1


async def test_a_reversal_takes_back_once(shop: Shop, db: Database, clock: ManualClock) -> None:
    entry = await post(db, clock, shop, sale("one"))
    async with db.tx(shop.owner) as tx:
        undone = await reverse(tx, clock, entry.id, "wrong", "undo")
        assert await reverse(tx, clock, entry.id, "wrong", "undo") == undone
    balances = await LedgerService(db).balances(shop.owner)
    assert [line.balance.minor for line in balances] == [0, 0]
    for entry_id, code in ((entry.id, "ledger.already_reversed"), (undone.id, "ledger.is_reversal")):
        with pytest.raises(Conflict, match=code):
            async with db.tx(shop.owner) as tx:
                await reverse(tx, clock, entry_id, "again", "other key")


async def test_another_tenants_entry_cannot_be_reversed(shop: Shop, db: Database, clock: ManualClock) -> None:
    entry = await post(db, clock, shop, sale("one"))
    other = await found_shop(db, clock, guild_id=2002)
    with pytest.raises(NotFound, match=r"ledger\.unknown_entry"):
        async with db.tx(other.owner) as tx:
            await reverse(tx, clock, entry.id, "mine now", "undo")


async def close(db: Database, shop: Shop, *days: date) -> None:
    async with db.tx(shop.owner) as tx:
        for day in days:
            await tx.run("INSERT INTO closed_days VALUES ($1, $2)", tx.tenant_id, day)


async def test_what_comes_after_a_close_belongs_to_the_next_open_day(
    shop: Shop, db: Database, clock: ManualClock
) -> None:
    await close(db, shop, date(2026, 11, 20), date(2026, 11, 21))
    async with db.tx(shop.owner) as tx:
        assert await posting_day(tx, clock) == date(2026, 11, 22)
    assert (await post(db, clock, shop, sale("late"))).business_on == date(2026, 11, 22)


async def test_before_the_cutoff_it_is_still_yesterday(shop: Shop, db: Database, clock: ManualClock) -> None:
    clock.advance(timedelta(hours=11, minutes=59))  # 05:59 in Madrid
    assert (await post(db, clock, shop, sale("night"))).business_on == date(2026, 11, 20)
    clock.advance(timedelta(minutes=1))
    assert (await post(db, clock, shop, sale("morning"))).business_on == date(2026, 11, 21)


async def test_days_never_go_back_when_a_clock_does(shop: Shop, db: Database, clock: ManualClock) -> None:
    behind = ManualClock(clock.now() - timedelta(days=2))
    await post(db, clock, shop, sale("today"))
    assert (await post(db, behind, shop, sale("slow machine"))).business_on == date(2026, 11, 20)


async def test_the_check_names_what_was_tampered_with(
    shop: Shop, db: Database, clock: ManualClock, owner_url: str
) -> None:
    await post(db, clock, shop, sale("one"))
    await post(db, clock, shop, sale("two"))
    superuser = await asyncpg.connect(owner_url)
    await superuser.execute(
        "SET search_path = guildhall; SET session_replication_role = replica; "
        "UPDATE ledger_accounts SET balance_minor = 1 WHERE kind = 'company_income'; "
        "UPDATE postings SET amount_minor = 7 WHERE line = 1 AND entry_id = "
        "(SELECT id FROM journal_entries WHERE seq = 1); "
        "UPDATE journal_entries SET seq = 5, business_on = '2026-11-01' WHERE seq = 2"
    )
    await superuser.close()
    found = {(issue.kind, issue.subject) for issue in await LedgerService(db).check(shop.owner)}
    assert found == {
        (DiscrepancyKind.BALANCE_DIFFERS, "company_income: USD"),
        (DiscrepancyKind.BALANCE_DIFFERS, "customer_receivable: USD"),
        (DiscrepancyKind.ENTRY_UNBALANCED, "entry 1"),
        (DiscrepancyKind.SEQUENCE_GAP, "entry 5"),
        (DiscrepancyKind.DAY_GOES_BACK, "entry 5"),
        (DiscrepancyKind.TOTAL_NOT_ZERO, "all accounts USD"),
    }


async def test_the_books_are_for_leads(shop: Shop, db: Database) -> None:
    for person in ("dispatcher", "seller", "ana", "viewer"):
        with pytest.raises(PermissionDenied):
            await LedgerService(db).balances(shop.people[person])
        with pytest.raises(PermissionDenied):
            await LedgerService(db).check(shop.people[person])


async def test_a_draft_cannot_pretend_to_be_a_reversal(shop: Shop, db: Database, clock: ManualClock) -> None:
    draft = EntryDraft(EntryKind.REVERSAL, uuid7(), [(INCOME, 1), (CUSTOMERS, -1)], "", "k")
    with pytest.raises(ValueError, match="reverse"):
        await post(db, clock, shop, draft)
