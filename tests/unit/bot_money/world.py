"""A full day and a full payroll as DTOs: long names, every kind of line, large amounts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from domain.closing.dto import DayClose, DayFigures, DayReport, Figures, LineKind, ReportLine
from domain.kernel.actor import Actor
from domain.kernel.money import Money
from domain.kernel.roles import Role
from domain.payroll.dto import (
    BoosterPay,
    Dispute,
    PayLine,
    PayrollPreview,
    PayrollRun,
    PayrollRunDetails,
    PayStub,
    RunState,
)
from domain.tenancy.dto import SETTING_STEPS, Tenant

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
LONG_NAME = "**Ana** @everyone `x` " + "María-José " * 5
HASH = "ab" * 32


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def uid(number: int) -> UUID:
    return UUID(int=number)


def figures(price: int = 123_456_789, pay: int = 100_000_000, margin: int = 23_000_000) -> Figures:
    return Figures(usd(price), usd(pay), usd(margin), usd(price - pay - margin))


def report(line_count: int = 60, *, closed_number: int | None = None, day_count: int = 7) -> DayReport:
    kinds = list(LineKind)
    lines = tuple(
        ReportLine(kinds[n % 4] if n % 7 == 0 else LineKind.COMPLETION, 4821 + n, LONG_NAME, "Gold <4>", "*D1*", 7250,
                   figures())
        for n in range(line_count)
    )  # fmt: skip
    previous = tuple(DayFigures(DAY - timedelta(days=back), figures(), 1234) for back in range(day_count, 0, -1))
    total = sum((line.figures for line in lines), figures(0, 0, 0))
    return DayReport(
        day=DAY, shop="Nova $Boost$", currency="USD", lines=lines, totals=total, order_count=max(0, line_count - 3),
        reversal_count=2, abandon_count=31, average_duration_s=3 * 86_400 + 40_000, paid_out=usd(98_765_432),
        owed=usd(-98_765_432), month="2026-11", month_pot=usd(123_456), previous=previous, taken_at=NOW, hash=HASH,
        closed_number=closed_number,
    )  # fmt: skip


def closed(line_count: int = 60) -> DayClose:
    kept = report(line_count, closed_number=123)
    return DayClose(123, DAY, kept, 1, 900, uid(1), LONG_NAME, NOW, HASH, "cd" * 32)


def pay(number: int, line_count: int = 30, sign: int = 1) -> BoosterPay:
    kinds = ("completion", "completion", "adjustment", "fine", "reversal", "pot_settlement", "pot_dissolution", "new")
    lines = tuple(
        PayLine(uid(1000 * number + n), kinds[n % 8], usd(sign * 12_345_678), uid(n), 4821 + n, "D1 <x>",
                "because **he** said so " * 6)
        for n in range(line_count)
    )  # fmt: skip
    return BoosterPay(uid(number), f"{number} {LONG_NAME}", lines, usd(sign * 12_345_678 * line_count))


def run(state: RunState = RunState.APPROVED) -> PayrollRun:
    is_paid = state in (RunState.PAID, RunState.LOCKED)
    return PayrollRun(
        id=uid(9), number=1_234_567, state=state, preview_hash=HASH, total=usd(123_456_789), member_count=12,
        order_count=3456, approved_by=uid(1), approved_by_name=LONG_NAME, approved_at=NOW,
        paid_by=uid(1) if is_paid else None, paid_by_name=LONG_NAME if is_paid else None,
        paid_at=NOW if is_paid else None, locked_at=NOW if state is RunState.LOCKED else None, disputed_count=2,
    )  # fmt: skip


def details(state: RunState = RunState.APPROVED) -> PayrollRunDetails:
    disputes = tuple(Dispute(uid(n), LONG_NAME, "no <@1> " * 120, NOW) for n in range(2))
    return PayrollRunDetails(run(state), tuple(pay(n) for n in range(1, 5)), disputes)


def preview(booster_count: int = 5, waiting: PayrollRun | None = None) -> PayrollPreview:
    boosters = tuple(pay(n) for n in range(1, booster_count + 1))
    carried = (pay(99, 3, -1),) if booster_count else ()
    return PayrollPreview(HASH, boosters, usd(123_456_789), 150, carried, waiting)


def stub(line_count: int = 60, *, disputed: bool = False) -> PayStub:
    dispute = Dispute(uid(1), LONG_NAME, "no " * 330, NOW) if disputed else None
    return PayStub(run(RunState.PAID), pay(1, line_count), dispute)


def tenant() -> Tenant:
    return Tenant(
        id=uid(7), guild_id=1, name="Nova Boost", zone="Europe/Madrid", currency="USD", locale="en", cutoff_hour=6,
        order_bonus_minor=100, win_rate_bonus_minor=100, win_rate_threshold_bp=6000, low_win_rate_fine_percent=0,
        no_link_fine_percent=0, second_person_above_minor=5_000_000, live_orders_limit=3, payout_hold_hours=24,
        answered_steps=SETTING_STEPS, created_at=NOW,
    )  # fmt: skip


def owner(member: int = 1) -> Actor:
    return Actor(uid(7), "Olivia", frozenset({Role.OWNER}), "k", uid(member), 1)


def admin() -> Actor:
    return replace(owner(2), roles=frozenset({Role.ADMIN}))
