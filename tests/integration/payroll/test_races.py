import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.kernel.db import Database
from domain.kernel.errors import Conflict
from domain.kernel.money import Money
from domain.ledger.dto import EntryKind
from domain.ledger.service import LedgerService
from domain.outbox.kinds import Kind
from domain.payroll.dto import PayrollRun, RunState
from domain.payroll.service import PayrollService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.payroll.books import Books, Done
from tests.integration.payroll.world import outbox, payables, world

Meanwhile = Callable[[Books, Shop, Done], Awaitable[object]]


async def approved(payroll: PayrollService, shop: Shop) -> PayrollRun:
    shown = await payroll.preview(shop.act("owner"))
    return await payroll.approve(shop.act("owner"), shown.hash)


async def test_twenty_approvals_at_once_make_one_run(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    await books.complete(shop.ana, 1)
    shown = await payroll.preview(shop.owner)
    presses = [payroll.approve(shop.act("owner" if n % 2 else "admin"), shown.hash) for n in range(20)]
    runs = await asyncio.gather(*presses)
    assert {run.id for run in runs} == {runs[0].id}
    assert len((await world(db, shop))["payroll_runs"]) == 1


async def test_twenty_payments_at_once_pay_once(
    payroll: PayrollService, books: Books, shop: Shop, db: Database, clock: ManualClock
) -> None:
    await books.complete(shop.ana, 1)
    run = await approved(payroll, shop)
    paid = await asyncio.gather(*(payroll.pay(shop.act("owner"), run.id, run.preview_hash) for _ in range(20)))
    assert {(one.id, one.state, one.paid_at) for one in paid} == {(run.id, RunState.PAID, clock.now())}
    assert await payables(db, shop) == {"Ana": 0}
    assert len(await outbox(db, shop, Kind.PAY_STUB)) == 1
    assert len(await outbox(db, shop, Kind.PAYROLL_PAID)) == 1
    assert await LedgerService(db).check(shop.owner) == []


async def test_redelivered_presses_change_nothing_more(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    await books.complete(shop.ana, 1)
    shown = await payroll.preview(shop.owner)
    approval, payment = shop.act("admin"), shop.act("owner")
    run = await payroll.approve(approval, shown.hash)
    paid = await payroll.pay(payment, run.id, run.preview_hash)
    before = await world(db, shop)
    assert await payroll.approve(approval, shown.hash) == paid
    assert await payroll.approve(shop.act("admin"), shown.hash) == paid
    assert await payroll.pay(payment, run.id, run.preview_hash) == paid
    assert await world(db, shop) == before


async def test_an_approval_of_lines_that_changed_is_refused(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    await books.complete(shop.ana, 1)
    shown = await payroll.preview(shop.owner)
    await books.complete(shop.bruno, 2)
    before = await world(db, shop)
    with pytest.raises(Conflict, match=r"payroll\.changed"):
        await payroll.approve(shop.act("owner"), shown.hash)
    assert await world(db, shop) == before


async def test_one_run_at_a_time_waits_for_payment(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    await books.complete(shop.ana, 1)
    await approved(payroll, shop)
    await books.complete(shop.ana, 2)
    shown = await payroll.preview(shop.owner)
    assert shown.total == Money(3500, "USD")
    before = await world(db, shop)
    with pytest.raises(Conflict, match=r"payroll\.run_waiting") as refused:
        await payroll.approve(shop.act("owner"), shown.hash)
    assert refused.value.params == {"number": 1}
    assert await world(db, shop) == before


async def test_a_payment_bound_to_another_hash_is_refused(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    await books.complete(shop.ana, 1)
    run = await approved(payroll, shop)
    before = await world(db, shop)
    with pytest.raises(Conflict, match=r"payroll\.changed"):
        await payroll.pay(shop.act("owner"), run.id, "0" * 64)
    assert await world(db, shop) == before


async def _finish_another(books: Books, shop: Shop, done: Done) -> None:
    later = await books.complete(shop.ana, 2, pay=1000)
    await books.adjust(later, shop.ana, 100)
    await books.reopen(await books.complete(shop.ana, 3))


async def test_orders_finished_between_approve_and_pay_stay_for_the_next_run(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    done = await books.complete(shop.ana, 1)
    run = await approved(payroll, shop)
    await _finish_another(books, shop, done)
    paid = await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    assert (paid.state, paid.total) == (RunState.PAID, Money(3500, "USD"))
    assert (await payroll.preview(shop.owner)).total == Money(1100, "USD")
    assert await payables(db, shop) == {"Ana": -1100}


async def _reopen(books: Books, shop: Shop, done: Done) -> None:
    await books.reopen(done)


async def _reopen_and_complete(books: Books, shop: Shop, done: Done) -> None:
    await books.reopen(done)
    await books.complete_again(done, shop.ana, pay=2000, division="D2")


async def _adjust(books: Books, shop: Shop, done: Done) -> None:
    await books.adjust(done, shop.ana, 250)


async def _fine(books: Books, shop: Shop, done: Done) -> None:
    await books.adjust(done, shop.ana, -875, EntryKind.FINE)


@pytest.mark.parametrize(
    ("meanwhile", "owed_minor"),
    [(_reopen, 0), (_reopen_and_complete, 2000), (_adjust, 3750), (_fine, 2625)],
)
async def test_a_run_whose_orders_changed_is_refused_and_shown_again(
    payroll: PayrollService, books: Books, shop: Shop, db: Database, meanwhile: Meanwhile, owed_minor: int
) -> None:
    done = await books.complete(shop.ana, 1)
    await books.complete(shop.bruno, 5, pay=800)
    run = await approved(payroll, shop)
    await meanwhile(books, shop, done)
    journal = (await world(db, shop))["journal_entries"]
    with pytest.raises(Conflict, match=r"payroll\.run_stale") as refused:
        await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    assert refused.value.params == {"number": 1}
    after = await world(db, shop)
    assert after["journal_entries"] == journal
    assert after["outbound_messages"] == []
    assert (await payroll.get(shop.owner, 1)).run.state is RunState.REFUSED
    shown = await payroll.preview(shop.owner)
    assert (shown.total, shown.approved_run) == (Money(owed_minor + 800, "USD"), None)
    with pytest.raises(Conflict, match=r"payroll\.run_refused"):
        await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    assert await world(db, shop) == after
    again = await payroll.approve(shop.act("owner"), shown.hash)
    paid = await payroll.pay(shop.act("owner"), again.id, again.preview_hash)
    assert (paid.number, paid.total) == (2, Money(owed_minor + 800, "USD"))
    assert await payables(db, shop) == {"Ana": 0, "Bruno": 0}


async def test_an_order_paid_before_and_reopened_meanwhile_makes_the_run_stale(
    payroll: PayrollService, books: Books, shop: Shop
) -> None:
    old = await books.complete(shop.ana, 1)
    run = await approved(payroll, shop)
    await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    await books.complete(shop.ana, 2)
    run = await approved(payroll, shop)
    await books.reopen(old)
    with pytest.raises(Conflict, match=r"payroll\.run_stale"):
        await payroll.pay(shop.act("owner"), run.id, run.preview_hash)


async def test_another_boosters_change_does_not_stop_the_run(payroll: PayrollService, books: Books, shop: Shop) -> None:
    mine = await books.complete(shop.bruno, 1)
    await books.reopen(mine)
    await books.complete(shop.ana, 2)
    run = await approved(payroll, shop)
    assert run.member_count == 1
    await books.adjust(mine, shop.bruno, -100)
    assert (await payroll.pay(shop.act("owner"), run.id, run.preview_hash)).state is RunState.PAID


async def test_paying_while_the_order_is_reopened_never_loses_or_doubles_money(
    payroll: PayrollService, books: Books, shop: Shop, db: Database, clock: ManualClock
) -> None:
    for code in range(1, 9):
        done = await books.complete(shop.ana, code)
        run = await approved(payroll, shop)
        outcome, _ = await asyncio.gather(
            payroll.pay(shop.act("owner"), run.id, run.preview_hash), books.reopen(done), return_exceptions=True
        )
        state = (await payroll.get(shop.owner, run.number)).run.state
        if isinstance(outcome, PayrollRun):
            assert state is RunState.PAID
        else:
            assert isinstance(outcome, Conflict)
            assert state is RunState.REFUSED
        # Even the score: what was overpaid is earned back, so that the next round starts from nothing owed.
        overpaid = (await payables(db, shop))["Ana"]
        assert overpaid in (0, 3500)
        if overpaid:
            await books.complete(shop.ana, 100 + code)
        assert (await payables(db, shop))["Ana"] == 0
    assert await LedgerService(db).check(shop.owner) == []


async def test_refusing_and_paying_at_once_ends_in_one_of_both(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    await books.complete(shop.ana, 1)
    run = await approved(payroll, shop)
    results = await asyncio.gather(
        payroll.pay(shop.act("owner"), run.id, run.preview_hash),
        payroll.refuse(shop.act("admin"), run.id),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    state = (await payroll.get(shop.owner, 1)).run.state
    assert await payables(db, shop) == {"Ana": 0 if state is RunState.PAID else -3500}
