"""The figures of orders, payroll and the close, through the real services from claim to pay."""

from datetime import date, timedelta

from domain.closing.dto import Figures, LineKind
from domain.closing.service import ClosingService
from domain.kernel.db import Database
from domain.kernel.money import Money
from domain.ledger.service import LedgerService
from domain.orders.dto import Completion
from domain.orders.service import OrderService
from domain.payroll.service import PayrollService
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.orders.desk import Desk, usd
from tests.integration.payroll.conftest import payroll, sealer

__all__ = ["payroll", "sealer"]


def figures(price: str, pay: str, margin: str, pot: str) -> Figures:
    return Figures(usd(price), usd(pay), usd(margin), usd(pot))


async def test_the_figures_of_the_old_tool_reach_the_report_and_the_pay(
    shop: Shop, db: Database, clock: ManualClock, closing: ClosingService, payroll: PayrollService
) -> None:
    desk, orders = Desk.of(shop, db, clock), OrderService(db, clock)
    both = Completion(
        "D1", 7200, order_bonus=True, win_rate_bonus=True, ranked=True, adjustment=usd("2.50"), adjustment_reason="tip"
    )
    first = await desk.completed("ana", both)
    unranked = Completion("D1", 7200, order_bonus=True, win_rate_bonus=True, ranked=False)
    second = await desk.completed("ana", unranked)
    docked = Completion("E1", 6000, ranked=True, adjustment=usd("-3"), adjustment_reason="late")
    third = await desk.completed("bruno", docked)
    fourth = await desk.claimed("bruno")
    await orders.abandon(shop.act("admin"), fourth.code, "ill", usd("4"))
    shown = await closing.preview(shop.owner)
    assert [(line.kind, line.order_code, line.booster_name, line.final_division) for line in shown.lines] == [
        (LineKind.COMPLETION, first.code, "Ana", "D1"),
        (LineKind.COMPLETION, second.code, "Ana", "D1"),
        (LineKind.COMPLETION, third.code, "Bruno", "E1"),
        (LineKind.ADJUSTMENT, fourth.code, "Bruno", None),
    ]
    assert [line.figures for line in shown.lines] == [
        figures("46", "37.50", "6.50", "2"),
        figures("45", "37", "8", "0"),
        figures("18", "10", "7", "1"),
        figures("0", "4", "-4", "0"),
    ]
    assert (shown.totals, shown.abandon_count) == (figures("109", "88.50", "17.50", "3"), 1)
    assert (shown.owed, shown.month_pot) == (usd("88.50"), usd("3"))
    due = await payroll.preview(shop.owner)
    assert [(one.name, one.total) for one in due.boosters] == [("Ana", usd("74.50")), ("Bruno", usd("14"))]
    assert due.total == shown.owed


async def test_each_line_keeps_the_division_it_was_completed_with(
    shop: Shop, db: Database, clock: ManualClock, closing: ClosingService
) -> None:
    desk, orders = Desk.of(shop, db, clock), OrderService(db, clock)
    order = await desk.completed("ana", Completion("D1", 7200))
    await orders.adjust(shop.act("admin"), order.code, usd("1"), "tip")
    clock.advance(timedelta(days=1))
    await orders.reopen(shop.act("admin"), order.code, "it was D2")
    await orders.complete(shop.act("admin"), order.code, Completion("D2", 6500))
    shown = await closing.preview(shop.owner)
    assert [(line.kind, line.final_division, line.win_rate_bp, line.figures) for line in shown.lines] == [
        (LineKind.REVERSAL, "D1", 7200, figures("-45", "-36", "-8", "-1")),
        (LineKind.COMPLETION, "D2", 6500, figures("35", "25", "9", "1")),
    ]
    yesterday = await closing.preview(shop.owner, date(2026, 11, 20))
    (line,) = yesterday.lines
    assert (line.final_division, line.win_rate_bp, line.figures) == ("D1", 7200, figures("45", "36", "8", "1"))
    assert shown.owed == yesterday.totals.pay + shown.totals.pay == usd("25")


async def test_an_order_reopened_after_its_pay_is_recovered_by_the_next_run(
    shop: Shop, db: Database, clock: ManualClock, payroll: PayrollService
) -> None:
    desk, orders = Desk.of(shop, db, clock), OrderService(db, clock)
    order = await desk.completed("ana", Completion("D1", 7200))
    run = await payroll.approve(shop.act("owner"), (await payroll.preview(shop.owner)).hash)
    await payroll.pay(shop.act("owner"), run.id, run.preview_hash)
    await orders.reopen(shop.act("admin"), order.code, "it was D2")
    await orders.complete(shop.act("admin"), order.code, Completion("D2", 6500))
    await desk.completed("ana", Completion("E1", 6000))
    due = await payroll.preview(shop.owner)
    assert [(line.kind, line.amount) for line in due.boosters[0].lines] == [
        ("reversal", usd("-35")), ("completion", usd("25")), ("completion", usd("13")),
    ]  # fmt: skip
    assert due.total == Money(300, "USD")
    assert await LedgerService(db).check(shop.owner) == []
