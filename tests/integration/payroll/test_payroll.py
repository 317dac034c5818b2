from datetime import timedelta
from hashlib import sha256

import pytest

from domain.kernel.db import Database
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from domain.kernel.money import Money
from domain.ledger.dto import EntryKind
from domain.ledger.service import LedgerService
from domain.outbox.kinds import Kind
from domain.payroll.dto import RunState
from domain.payroll.service import PayrollService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop, found_shop
from tests.integration.payroll.books import Books
from tests.integration.payroll.world import outbox, payables, world


def usd(minor: int) -> Money:
    return Money(minor, "USD")


async def test_the_preview_has_a_line_per_entry_and_a_hash_over_exactly_those(
    payroll: PayrollService, books: Books, shop: Shop
) -> None:
    first = await books.complete(shop.ana, 1)
    second = await books.complete(shop.ana, 2, pay=1000, margin=400, pot=100, division="E2")
    tip = await books.adjust(first, shop.ana, 250)
    other = await books.complete(shop.bruno, 3, pay=700, margin=500, pot=0, division="P1")
    shown = await payroll.preview(shop.act("owner"))
    ana, bruno = shown.boosters
    assert (ana.name, ana.total, bruno.name, bruno.total) == ("Ana", usd(4750), "Bruno", usd(700))
    assert [(line.kind, line.order_code, line.division, line.amount) for line in ana.lines] == [
        ("completion", 1, "D1", usd(3500)),
        ("completion", 2, "E2", usd(1000)),
        ("adjustment", 1, "D1", usd(250)),
    ]
    assert (shown.total, shown.order_count, shown.carried, shown.approved_run) == (usd(5450), 3, (), None)
    lines = [
        f"{shop.ana.member_id} {first.entry.id} 3500 USD\n",
        f"{shop.ana.member_id} {second.entry.id} 1000 USD\n",
        f"{shop.ana.member_id} {tip.id} 250 USD\n",
        f"{shop.bruno.member_id} {other.entry.id} 700 USD\n",
    ]
    assert shown.hash == sha256("".join(sorted(lines)).encode()).hexdigest()


async def test_a_run_is_approved_paid_told_and_locked(
    payroll: PayrollService, books: Books, shop: Shop, db: Database, clock: ManualClock
) -> None:
    await books.complete(shop.ana, 1)
    await books.complete(shop.bruno, 2, pay=1000)
    shown = await payroll.preview(shop.act("admin"))
    run = await payroll.approve(shop.act("admin"), shown.hash)
    assert (run.number, run.state, run.total, run.member_count, run.order_count) == (
        1, RunState.APPROVED, usd(4500), 2, 2,
    )  # fmt: skip
    assert run.approved_by_name == "Admin"
    waiting = await payroll.preview(shop.act("owner"))
    assert (waiting.boosters, waiting.approved_run) == ((), run)
    paid = await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    assert (paid.state, paid.paid_by_name, paid.paid_at) == (RunState.PAID, "Olivia", clock.now())
    assert await payables(db, shop) == {"Ana": 0, "Bruno": 0}
    assert await outbox(db, shop, Kind.PAY_STUB) == [
        (shop.ana.member_id, run.id, {"run_number": 1, "total_minor": 3500}),
        (shop.bruno.member_id, run.id, {"run_number": 1, "total_minor": 1000}),
    ]
    assert await outbox(db, shop, Kind.PAYROLL_PAID) == [(None, run.id, {"run_number": 1})]
    assert await LedgerService(db).check(shop.owner) == []
    assert await payroll.lock_due(shop.tenant.id, "slot-1") == 0
    clock.advance(timedelta(days=7))
    assert await payroll.lock_due(shop.tenant.id, "slot-2") == 1
    assert await payroll.lock_due(shop.tenant.id, "slot-2") == 0
    details = await payroll.get(shop.owner, 1)
    assert (details.run.state, details.run.locked_at) == (RunState.LOCKED, clock.now())
    assert [(one.name, one.total) for one in details.boosters] == [("Ana", usd(3500)), ("Bruno", usd(1000))]


async def test_nothing_owed_makes_no_run(payroll: PayrollService, shop: Shop, db: Database) -> None:
    shown = await payroll.preview(shop.owner)
    before = await world(db, shop)
    with pytest.raises(Conflict, match=r"payroll\.nothing_to_pay"):
        await payroll.approve(shop.act("owner"), shown.hash)
    assert await world(db, shop) == before


async def test_a_zero_or_negative_balance_is_carried_over(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    done = await books.complete(shop.ana, 1)
    await books.complete(shop.bruno, 2)
    shown = await payroll.preview(shop.owner)
    run = await payroll.approve(shop.act("owner"), shown.hash)
    await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    await books.reopen(done)
    await books.complete(shop.bruno, 3, pay=1200)
    shown = await payroll.preview(shop.owner)
    assert [(one.name, one.total) for one in shown.boosters] == [("Bruno", usd(1200))]
    assert [(one.name, one.total) for one in shown.carried] == [("Ana", usd(-3500))]
    run = await payroll.approve(shop.act("owner"), shown.hash)
    await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    assert await payables(db, shop) == {"Ana": 3500, "Bruno": 0}
    await books.complete(shop.ana, 4, pay=5000)
    shown = await payroll.preview(shop.owner)
    assert [(one.name, one.total) for one in shown.boosters] == [("Ana", usd(1500))]
    assert (await payroll.owed(shop.ana)).owed == usd(1500)


async def test_above_the_limit_the_approver_may_not_pay(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    async with db.tx(shop.owner) as tx:
        await tx.run("UPDATE tenants SET second_person_above_minor = 3499 WHERE id = $1", shop.tenant.id)
    await books.complete(shop.ana, 1)
    shown = await payroll.preview(shop.owner)
    run = await payroll.approve(shop.act("owner"), shown.hash)
    before = await world(db, shop)
    with pytest.raises(Conflict, match=r"payroll\.second_person") as refused:
        await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    assert refused.value.params == {"number": 1, "name": "Olivia", "limit": usd(3499)}
    assert await world(db, shop) == before
    await payroll.refuse(shop.act("admin"), run.id)
    run = await payroll.approve(shop.act("admin"), shown.hash)
    paid = await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    assert (paid.number, paid.state) == (2, RunState.PAID)


async def test_at_the_limit_one_person_is_enough(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    async with db.tx(shop.owner) as tx:
        await tx.run("UPDATE tenants SET second_person_above_minor = 3500 WHERE id = $1", shop.tenant.id)
    await books.complete(shop.ana, 1)
    run = await payroll.approve(shop.act("owner"), (await payroll.preview(shop.owner)).hash)
    assert (await payroll.pay(shop.act("owner"), run.id, run.preview_hash)).state is RunState.PAID


async def test_a_paid_run_is_not_refused(payroll: PayrollService, books: Books, shop: Shop, db: Database) -> None:
    await books.complete(shop.ana, 1)
    run = await payroll.approve(shop.act("owner"), (await payroll.preview(shop.owner)).hash)
    await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    before = await world(db, shop)
    with pytest.raises(Conflict, match=r"payroll\.already_paid"):
        await payroll.refuse(shop.act("owner"), run.id)
    assert await world(db, shop) == before


async def test_a_booster_sees_what_is_owed_and_the_last_pay(payroll: PayrollService, books: Books, shop: Shop) -> None:
    nothing = await payroll.owed(shop.ana)
    assert (nothing.owed, nothing.lines, nothing.last_run, nothing.last_paid) == (usd(0), (), None, None)
    done = await books.complete(shop.ana, 1)
    await books.adjust(done, shop.ana, -500, EntryKind.FINE)
    run = await payroll.approve(shop.act("owner"), (await payroll.preview(shop.owner)).hash)
    approved = await payroll.owed(shop.ana)
    assert (approved.owed, len(approved.lines)) == (usd(3000), 2)
    await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    await books.complete(shop.ana, 2, pay=800)
    own = await payroll.owed(shop.ana)
    assert (own.owed, own.last_paid) == (usd(800), usd(3000))
    assert own.last_run is not None
    assert own.last_run.number == 1


async def test_a_stub_is_disputed_once(payroll: PayrollService, books: Books, shop: Shop, db: Database) -> None:
    await books.complete(shop.ana, 1)
    run = await payroll.approve(shop.act("owner"), (await payroll.preview(shop.owner)).hash)
    await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    press = shop.act("ana")
    stub = await payroll.dispute(press, run.id, " The bonus is missing. ")
    assert stub.dispute is not None
    assert (stub.dispute.name, stub.dispute.text) == ("Ana", "The bonus is missing.")
    before = await world(db, shop)
    assert await payroll.dispute(press, run.id, "redelivered") == stub
    with pytest.raises(Conflict, match=r"payroll\.already_disputed"):
        await payroll.dispute(shop.act("ana"), run.id, "again")
    with pytest.raises(InvalidInput, match=r"text\.required"):
        await payroll.dispute(shop.act("ana"), run.id, "  ")
    with pytest.raises(NotFound, match=r"payroll\.not_in_run"):
        await payroll.dispute(shop.act("bruno"), run.id, "mine?")
    assert await world(db, shop) == before
    assert await outbox(db, shop, Kind.PAYROLL_DISPUTE) == [
        (None, run.id, {"run_number": 1, "member": "Ana", "text": "The bonus is missing."})
    ]
    details = await payroll.get(shop.owner, 1)
    assert (details.run.disputed_count, details.disputes) == (1, (stub.dispute,))


async def test_only_the_right_roles_see_approve_and_pay(
    payroll: PayrollService, books: Books, shop: Shop, db: Database
) -> None:
    await books.complete(shop.ana, 1)
    shown = await payroll.preview(shop.owner)
    run = await payroll.approve(shop.act("owner"), shown.hash)
    before = await world(db, shop)
    for name in ("dispatcher", "seller", "ana", "viewer"):
        for attempt in (
            payroll.preview(shop.act(name)),
            payroll.approve(shop.act(name), shown.hash),
            payroll.pay(shop.act(name), run.id, run.preview_hash),
            payroll.refuse(shop.act(name), run.id),
            payroll.list(shop.act(name)),
            payroll.get(shop.act(name), 1),
            payroll.csv(shop.act(name), 1, "en"),
            payroll.stub(shop.act("bruno"), run.id, shop.people["ana"].member_id or run.id),
        ):
            with pytest.raises(PermissionDenied, match=r"permission\.denied"):
                await attempt
    with pytest.raises(PermissionDenied):
        await payroll.pay(shop.act("admin"), run.id, run.preview_hash)
    with pytest.raises(PermissionDenied):
        await payroll.owed(shop.viewer)
    assert await world(db, shop) == before


async def test_another_shop_sees_and_pays_nothing_of_ours(
    payroll: PayrollService, books: Books, shop: Shop, db: Database, clock: ManualClock
) -> None:
    await books.complete(shop.ana, 1)
    run = await payroll.approve(shop.act("owner"), (await payroll.preview(shop.owner)).hash)
    theirs = await found_shop(db, clock, guild_id=2002, name="Rival")
    before = await world(db, shop)
    assert (await payroll.preview(theirs.owner)).boosters == ()
    assert (await payroll.list(theirs.owner)).total_count == 0
    with pytest.raises(Conflict, match=r"payroll\.changed"):
        await payroll.approve(theirs.act("owner"), run.preview_hash)
    for attempt in (
        payroll.pay(theirs.act("owner"), run.id, run.preview_hash),
        payroll.refuse(theirs.act("owner"), run.id),
        payroll.get(theirs.act("owner"), 1),
        payroll.csv(theirs.act("owner"), 1, "en"),
        payroll.stub(theirs.act("owner"), run.id, shop.people["ana"].member_id or run.id),
    ):
        with pytest.raises(NotFound, match=r"payroll\.unknown_run"):
            await attempt
    assert await world(db, shop) == before


@pytest.mark.parametrize("number", [-1, 0, 2, 2**31, 2**70])
async def test_a_number_that_is_no_run_is_not_found(payroll: PayrollService, shop: Shop, number: int) -> None:
    with pytest.raises(NotFound, match=r"payroll\.unknown_run"):
        await payroll.get(shop.owner, number)
    assert (await payroll.list(shop.owner, number)).rows == ()
