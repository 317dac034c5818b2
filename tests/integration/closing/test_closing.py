from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from domain.closing.dto import Figures, LineKind
from domain.closing.service import ClosingService
from domain.kernel.db import Database
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from domain.kernel.money import Money
from domain.ledger.dto import EntryKind
from domain.outbox.kinds import Kind
from domain.payroll.service import PayrollService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop, found_shop
from tests.integration.payroll.books import Books
from tests.integration.payroll.conftest import payroll, sealer
from tests.integration.payroll.world import outbox, world

__all__ = ["payroll", "sealer"]

FRIDAY = date(2026, 11, 20)
SATURDAY = date(2026, 11, 21)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def figures(price: int, pay: int, margin: int, pot: int) -> Figures:
    return Figures(usd(price), usd(pay), usd(margin), usd(pot))


async def close(closing: ClosingService, shop: Shop, day: date) -> int:
    shown = await closing.preview(shop.act("owner"), day)
    return (await closing.close(shop.act("owner"), day, shown.hash)).number


async def test_the_day_shows_each_order_with_its_adjustments_and_totals_that_are_their_sum(
    closing: ClosingService, books: Books, shop: Shop
) -> None:
    done = await books.complete(shop.ana, 4821)
    await books.adjust(done, shop.ana, 250)
    fined = await books.complete(shop.bruno, 4822, pay=1000, margin=500, pot=0, division="E2")
    await books.adjust(fined, shop.bruno, -300, EntryKind.FINE)
    shown = await closing.preview(shop.owner)
    first, second = shown.lines
    assert (first.kind, first.order_code, first.booster_name) == (LineKind.COMPLETION, 4821, "Ana")
    assert (first.start_division, first.final_division, first.win_rate_bp) == ("P4", "D1", 7200)
    assert first.figures == figures(4600, 3750, 650, 200)
    assert second.figures == figures(1500, 700, 800, 0)
    assert shown.totals == figures(6100, 4450, 1450, 200)
    assert (shown.day, shown.shop, shown.order_count, shown.reversal_count, shown.abandon_count) == (
        FRIDAY, "Nova Boost", 2, 0, 0,
    )  # fmt: skip
    assert (shown.average_duration_s, shown.average_days) == (3 * 86_400, Decimal("3.0"))
    assert (shown.owed, shown.month, shown.month_pot, shown.paid_out) == (usd(4450), "2026-11", usd(200), usd(0))
    assert (shown.previous, shown.average, shown.closed_number) == ((), None, None)


async def test_a_reopened_order_is_a_negative_line_and_completing_again_a_new_one(
    closing: ClosingService, books: Books, shop: Shop
) -> None:
    done = await books.complete(shop.ana, 1)
    await books.reopen(done)
    await books.complete_again(done, shop.ana, pay=2000, division="D2")
    shown = await closing.preview(shop.owner)
    assert [(line.kind, line.order_code, line.booster_name, line.figures) for line in shown.lines] == [
        (LineKind.COMPLETION, 1, "Ana", figures(4600, 3500, 900, 200)),
        (LineKind.REVERSAL, 1, "Ana", figures(-4600, -3500, -900, -200)),
        (LineKind.COMPLETION, 1, "Ana", figures(3100, 2000, 900, 200)),
    ]
    assert shown.totals == figures(3100, 2000, 900, 200)
    assert (shown.order_count, shown.reversal_count) == (2, 1)


async def test_payroll_is_cash_and_not_earned_again(
    closing: ClosingService, books: Books, shop: Shop, payroll: PayrollService
) -> None:
    await books.complete(shop.ana, 1)
    run = await payroll.approve(shop.act("owner"), (await payroll.preview(shop.owner)).hash)
    await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    shown = await closing.preview(shop.owner)
    assert (shown.totals, len(shown.lines)) == (figures(4600, 3500, 900, 200), 1)
    assert (shown.paid_out, shown.owed) == (usd(3500), usd(0))


async def test_a_day_is_closed_once_and_what_comes_after_belongs_to_the_next(
    closing: ClosingService, books: Books, shop: Shop, db: Database, clock: ManualClock
) -> None:
    await books.complete(shop.ana, 1)
    await books.complete(shop.bruno, 2)
    shown = await closing.preview(shop.owner)
    made = await closing.close(shop.act("owner"), FRIDAY, shown.hash)
    assert (made.number, made.business_on, made.journal_from, made.journal_to) == (1, FRIDAY, 1, 2)
    assert (made.closed_by_label, made.closed_at, made.previous_hash) == ("Olivia", clock.now(), "")
    assert made.report == replace(shown, closed_number=1)
    assert await outbox(db, shop, Kind.DAY_CLOSED) == [(None, None, {"number": 1})]
    late = await books.complete(shop.ana, 3)
    assert late.entry.business_on == SATURDAY
    before = await world(db, shop)
    assert await closing.close(shop.act("admin"), FRIDAY, "any hash") == made
    assert await closing.preview(shop.owner) == made.report
    assert await closing.get(shop.owner, FRIDAY) == made
    assert await closing.get(shop.owner, 1) == made
    assert await world(db, shop) == before
    assert (await closing.verify(shop.tenant.id)).is_whole


async def test_an_empty_day_is_closed_too(closing: ClosingService, shop: Shop) -> None:
    shown = await closing.preview(shop.owner)
    made = await closing.close(shop.act("owner"), FRIDAY, shown.hash)
    assert (made.journal_from, made.journal_to, made.report.lines) == (None, None, ())
    assert made.report.totals == figures(0, 0, 0, 0)
    check = await closing.verify(shop.tenant.id)
    assert (check.close_count, check.breaks) == (1, ())


async def test_a_report_that_changed_since_is_not_closed(
    closing: ClosingService, books: Books, shop: Shop, db: Database
) -> None:
    shown = await closing.preview(shop.owner)
    await books.complete(shop.ana, 1)
    before = await world(db, shop)
    with pytest.raises(Conflict, match=r"closing\.changed"):
        await closing.close(shop.act("owner"), FRIDAY, shown.hash)
    assert await world(db, shop) == before


async def test_days_to_come_and_days_before_the_shop_are_refused(
    closing: ClosingService, shop: Shop, db: Database
) -> None:
    before = await world(db, shop)
    with pytest.raises(InvalidInput, match=r"closing\.future_day") as refused:
        await closing.close(shop.act("owner"), SATURDAY, "")
    assert refused.value.params == {"day": SATURDAY, "today": FRIDAY}
    with pytest.raises(InvalidInput, match=r"closing\.future_day"):
        await closing.preview(shop.owner, SATURDAY)
    for day in (date(1, 1, 1), date(2026, 11, 18)):
        with pytest.raises(InvalidInput, match=r"closing\.before_shop"):
            await closing.preview(shop.owner, day)
    with pytest.raises(NotFound, match=r"closing\.not_closed"):
        await closing.get(shop.owner, FRIDAY)
    with pytest.raises(NotFound, match=r"closing\.unknown_number"):
        await closing.get(shop.owner, 1)
    assert await world(db, shop) == before


async def test_past_days_are_closed_late_in_any_order_and_numbered_as_they_come(
    closing: ClosingService, books: Books, shop: Shop, clock: ManualClock
) -> None:
    await books.complete(shop.ana, 1)
    clock.advance(timedelta(days=1))
    await books.complete(shop.ana, 2)
    clock.advance(timedelta(days=1))
    await books.complete(shop.ana, 3)
    assert await close(closing, shop, SATURDAY) == 1
    shown = await closing.preview(shop.owner, FRIDAY)
    await books.complete(shop.bruno, 4)  # today's work does not stand in the way of closing an earlier day
    second = await closing.close(shop.act("owner"), FRIDAY, shown.hash)
    assert await close(closing, shop, date(2026, 11, 22)) == 3
    assert (second.number, second.journal_from, second.journal_to) == (2, 1, 1)
    first = await closing.get(shop.owner, SATURDAY)
    assert second.previous_hash == first.hash
    assert (await closing.verify(shop.tenant.id)).breaks == ()
    page = await closing.list(shop.owner)
    assert ([one.number for one in page.rows], page.total_count) == ([3, 2, 1], 3)


async def test_the_day_is_compared_with_the_seven_before(
    closing: ClosingService, books: Books, shop: Shop, clock: ManualClock
) -> None:
    for code in range(1, 10):
        await books.complete(shop.ana, code, pay=code * 100, margin=0, pot=0)
        clock.advance(timedelta(days=1))
    shown = await closing.preview(shop.owner)
    assert [(one.day.day, one.figures.price, one.order_count) for one in shown.previous] == [
        (22, usd(300), 1), (23, usd(400), 1), (24, usd(500), 1), (25, usd(600), 1), (26, usd(700), 1),
        (27, usd(800), 1), (28, usd(900), 1),
    ]  # fmt: skip
    assert shown.average is not None
    assert (shown.average.figures, shown.average.order_count) == (figures(600, 600, 0, 0), 1)
    early = await closing.preview(shop.owner, date(2026, 11, 22))
    assert [one.figures.price for one in early.previous] == [usd(100), usd(200)]
    clock.advance(timedelta(days=2))
    quiet = await closing.preview(shop.owner)
    assert [one.figures.price.minor for one in quiet.previous] == [500, 600, 700, 800, 900, 0, 0]


@pytest.mark.parametrize(
    ("local", "day"),
    [
        ("2026-11-21 00:30", FRIDAY),
        ("2026-11-21 05:59", FRIDAY),
        ("2026-11-21 06:00", SATURDAY),
        ("2027-03-28 05:59", date(2027, 3, 27)),  # the night clocks go forward
        ("2027-03-28 06:00", date(2027, 3, 28)),
        ("2027-10-31 02:30", date(2027, 10, 30)),  # the hour that happens twice
        ("2027-10-31 06:00", date(2027, 10, 31)),
    ],
)
async def test_the_cutoff_decides_the_business_day(
    closing: ClosingService, books: Books, shop: Shop, clock: ManualClock, local: str, day: date
) -> None:
    instant = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Madrid")).astimezone(UTC)
    clock.advance(instant - clock.now())
    done = await books.complete(shop.ana, 1)
    shown = await closing.preview(shop.owner)
    assert (done.entry.business_on, shown.day, shown.order_count) == (day, day, 1)


async def test_only_leads_close(closing: ClosingService, shop: Shop, db: Database) -> None:
    shown = await closing.preview(shop.act("admin"))
    before = await world(db, shop)
    for name in ("dispatcher", "seller", "ana", "viewer"):
        for attempt in (
            closing.preview(shop.act(name)),
            closing.close(shop.act(name), FRIDAY, shown.hash),
            closing.get(shop.act(name), FRIDAY),
            closing.list(shop.act(name)),
        ):
            with pytest.raises(PermissionDenied, match=r"permission\.denied"):
                await attempt
    assert await world(db, shop) == before


async def test_another_shop_has_its_own_days(
    closing: ClosingService, books: Books, shop: Shop, db: Database, clock: ManualClock
) -> None:
    await books.complete(shop.ana, 1)
    theirs = await found_shop(db, clock, guild_id=2002, name="Rival")
    shown = await closing.preview(shop.owner)
    with pytest.raises(Conflict, match=r"closing\.changed"):
        await closing.close(theirs.act("owner"), FRIDAY, shown.hash)
    assert await close(closing, theirs, FRIDAY) == 1
    assert (await closing.get(theirs.owner, FRIDAY)).report.totals == figures(0, 0, 0, 0)
    assert await closing.preview(shop.owner) == shown
    assert await close(closing, shop, FRIDAY) == 1


async def test_the_reminder_comes_once_for_an_open_day_with_entries(
    closing: ClosingService, books: Books, shop: Shop, db: Database, clock: ManualClock
) -> None:
    slot_at = datetime(2026, 11, 21, 5, tzinfo=UTC)
    assert not await closing.remind(shop.tenant.id, slot_at, "job-1")
    await books.complete(shop.ana, 1)
    clock.advance(timedelta(hours=12))
    assert await closing.remind(shop.tenant.id, slot_at, "job-2")
    assert not await closing.remind(shop.tenant.id, slot_at, "job-2")
    assert await outbox(db, shop, Kind.CLOSE_REMINDER) == [(None, None, {"business_on": "2026-11-20"})]
    await close(closing, shop, FRIDAY)
    assert not await closing.remind(shop.tenant.id, slot_at + timedelta(days=1), "job-3")


@pytest.mark.parametrize("number", [-1, 0, 2, 2**31, 2**70])
async def test_a_number_that_is_no_close_is_not_found(closing: ClosingService, shop: Shop, number: int) -> None:
    with pytest.raises(NotFound, match=r"closing\.unknown_number"):
        await closing.get(shop.owner, number)
    assert (await closing.list(shop.owner, number)).rows == ()
