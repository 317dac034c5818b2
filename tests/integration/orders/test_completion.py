"""What completing, adjusting and reopening move, to the cent."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.kernel.db import Database
from domain.kernel.errors import Conflict, InvalidInput, PermissionDenied
from domain.kernel.money import Money
from domain.orders.dto import Completion, CompletionFigures, OrderState
from domain.orders.pay import LOW_WIN_RATE, NO_LINK
from domain.orders.tariffs import TariffService
from domain.staff.dto import Limits
from domain.staff.queries import set_limits
from domain.tenancy.dto import SettingsChange
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.integration.orders.desk import Desk, usd

FIGURES = [
    # final, wr, bonuses given (order, win rate), ranked, adjustment -> customer, booster, company, pot, pot
    ("D1", 7200, (True, True), True, "0", ("46", "35", "9", "1", "1")),
    ("D1", 5990, (True, True), True, "0", ("45", "35", "9", "1", "0")),
    ("D1", 7200, (True, True), False, "0", ("45", "37", "8", "0", "0")),
    ("D1", 7200, (True, True), True, "2.50", ("46", "37.50", "6.50", "1", "1")),
    ("E1", 6000, (False, False), True, "-3", ("18", "10", "8", "0", "0")),
    (" e1 ", 6000, (True, True), True, "0", ("19", "13", "4", "1", "1")),
]


@pytest.mark.parametrize(("final", "win_rate_bp", "given", "ranked", "adjustment", "expected"), FIGURES)
async def test_a_completion_moves_what_the_rules_say(
    desk: Desk, final: str, win_rate_bp: int, given: tuple[bool, bool], ranked: bool, adjustment: str,
    expected: tuple[str, ...],
) -> None:  # fmt: skip
    order = await desk.claimed()
    completion = Completion(
        final, win_rate_bp, given[0], given[1], ranked, usd(adjustment), "agreed" if usd(adjustment) else ""
    )
    shown = await desk.orders.preview_completion(desk.shop.act("admin"), order.code, completion)
    done = await desk.orders.complete(desk.shop.act("admin"), order.code, completion)
    figures = (await desk.orders.get(desk.shop.owner, order.code)).figures
    customer, booster, company, pot_order, pot_win_rate = map(usd, expected)
    assert shown == figures
    assert figures == CompletionFigures(
        customer, booster, company, pot_order, pot_win_rate, usd(adjustment), usd("0"), (NO_LINK,)
    )
    assert (done.final_division, done.win_rate_bp, done.is_ranked) == (final.strip().upper(), win_rate_bp, ranked)
    assert (done.closed_on, done.finished_at) == (date(2026, 11, 20), desk.clock.now())
    pot = pot_order + pot_win_rate
    balances = await desk.balances()
    assert balances["customer_receivable"] == customer.minor
    assert balances["booster_payable"] == -booster.minor
    assert balances.get("company_income", 0) + balances.get("adjustments", 0) == -company.minor
    assert balances.get("pot", 0) == -pot.minor
    assert await desk.books_are_whole()


async def test_the_pot_is_the_calendar_months_in_the_tenants_zone(desk: Desk) -> None:
    order = await desk.claimed()
    # Already December in Madrid, still the business day of the 30th.
    desk.clock.advance(datetime(2026, 11, 30, 23, 30, tzinfo=UTC) - desk.clock.now())
    done = await desk.orders.complete(desk.shop.act("ana"), order.code, Completion("D1", 7200))
    assert done.closed_on == date(2026, 11, 30)
    sql = "SELECT count(*) FROM ledger_accounts WHERE kind = 'pot' AND reference = '2026-12' AND balance_minor = -100"
    assert await desk.count(sql) == 1


async def test_defaults_follow_the_boosters_profile_and_the_order(desk: Desk, db: Database) -> None:
    async with db.tx(desk.shop.owner) as tx:
        assert desk.shop.ana.member_id is not None
        await set_limits(tx, desk.shop.ana.member_id, None, [], is_ranked=Limits(is_ranked=False).is_ranked)
    by_ana = await desk.claimed("ana")
    by_bruno = await desk.claimed("bruno")
    unranked = await desk.claimed("bruno", is_ranked=False)
    done = Completion("D1", 7200)
    assert not (await desk.orders.complete(desk.shop.act("ana"), by_ana.code, done)).is_ranked
    assert (await desk.orders.complete(desk.shop.act("bruno"), by_bruno.code, done)).is_ranked
    assert not (await desk.orders.complete(desk.shop.act("bruno"), unranked.code, done)).is_ranked


@pytest.mark.parametrize("division", ["", "D9", "Diamante", "D1; DROP TABLE", "0"])
async def test_an_unknown_division_is_refused_and_never_worth_nothing(desk: Desk, division: str) -> None:
    order = await desk.claimed()
    before = await desk.everything()
    with pytest.raises(InvalidInput, match=r"tariff\.unknown_division") as refusal:
        await desk.orders.complete(desk.shop.act("ana"), order.code, Completion(division, 7200))
    assert refusal.value.params["divisions"][:2] == ["D1", "D2"]
    assert await desk.everything() == before


async def test_pay_never_goes_below_zero_and_the_refusal_names_the_largest_deduction(desk: Desk) -> None:
    order = await desk.claimed()
    before = await desk.everything()
    with pytest.raises(InvalidInput, match=r"order\.adjustment_below_zero") as refusal:
        too_much = Completion("D1", 7200, adjustment=usd("-35.01"), adjustment_reason="damage")
        await desk.orders.complete(desk.shop.act("admin"), order.code, too_much)
    assert refusal.value.params["largest"] == usd("-35")
    assert await desk.everything() == before
    all_of_it = Completion("D1", 7200, adjustment=usd("-35"), adjustment_reason="damage")
    await desk.orders.complete(desk.shop.act("admin"), order.code, all_of_it)
    assert (await desk.balances()).get("booster_payable", 0) == 0
    with pytest.raises(InvalidInput) as second:
        await desk.orders.adjust(desk.shop.act("admin"), order.code, usd("-0.01"), "more")
    assert second.value.params["largest"] == usd("0")


async def test_adjustments_add_up_in_the_orders_figures(desk: Desk) -> None:
    order = await desk.completed()
    await desk.orders.adjust(desk.shop.act("owner"), order.code, usd("2.50"), "tip")
    await desk.orders.adjust(desk.shop.act("owner"), order.code, usd("-1"), "late")
    figures = (await desk.orders.get(desk.shop.owner, order.code)).figures
    assert figures is not None
    assert (figures.adjustment, figures.booster, figures.company) == (usd("1.50"), usd("36.50"), usd("7.50"))
    assert await desk.count("SELECT count(*) FROM journal_entries WHERE kind = 'adjustment'") == 2


@pytest.mark.parametrize("amount", [usd("0"), Money(100, "EUR")])
async def test_an_adjustment_of_nothing_or_in_another_currency_is_refused(desk: Desk, amount: Money) -> None:
    order = await desk.completed()
    before = await desk.everything()
    with pytest.raises(InvalidInput):
        await desk.orders.adjust(desk.shop.act("owner"), order.code, amount, "why not")
    assert await desk.everything() == before


async def test_reopening_takes_all_money_back_and_keeps_the_history(desk: Desk) -> None:
    with_tip = Completion("D1", 7200, win_rate_bonus=True, adjustment=usd("2.50"), adjustment_reason="tip")
    order = await desk.completed(completion=with_tip)
    reopened = await desk.orders.reopen(desk.shop.act("admin"), order.code, "it was D2")
    assert (reopened.state, reopened.booster_name) == (OrderState.CLAIMED, "Ana")
    assert (reopened.final_division, reopened.closed_on, reopened.points) == (None, None, None)
    assert await desk.balances() == {}
    again = await desk.orders.complete(desk.shop.act("ana"), order.code, Completion("D2", 7200))
    assert again.state is OrderState.COMPLETED
    details = await desk.orders.get(desk.shop.owner, order.code)
    assert details.figures is not None
    assert (details.figures.booster, details.figures.adjustment) == (usd("25"), usd("0"))
    assert [event.transition.value for event in details.events] == [
        "create", "publish", "claim", "complete", "reopen", "complete",
    ]  # fmt: skip
    assert await desk.count("SELECT count(*) FROM journal_entries") == 5
    assert await desk.books_are_whole()


async def test_an_order_keeps_the_tariff_it_was_completed_under(desk: Desk) -> None:
    order = await desk.completed()
    tariffs = TariffService(desk.db, desk.clock)
    changed = await tariffs.set_line(desk.shop.act("admin"), "league of legends", "d1", usd("99"), usd("20"), 60)
    assert (changed.game, changed.version, changed.lines[0].price) == ("League of Legends", 2, usd("99"))
    kept = await desk.count(
        "SELECT v.version FROM orders o JOIN tariff_versions v ON v.id = o.tariff_version_id WHERE o.code = $1",
        order.code,
    )
    assert kept == 1
    figures = (await desk.orders.get(desk.shop.owner, order.code)).figures
    assert figures is not None
    assert figures.customer == usd("45")
    assert (await desk.completed()).points == 60


async def test_both_fines_are_off_by_default_and_their_warnings_are_not(desk: Desk, clock: ManualClock) -> None:
    order = await desk.claimed()
    clock.advance(timedelta(days=6))
    completion = Completion("D1", 4000)
    shown = await desk.orders.preview_completion(desk.shop.act("ana"), order.code, completion)
    assert (shown.fine, shown.booster, shown.warnings) == (usd("0"), usd("35"), (LOW_WIN_RATE, NO_LINK))


async def test_fines_that_are_on_are_entries_of_their_own(desk: Desk, clock: ManualClock) -> None:
    change = SettingsChange(low_win_rate_fine_percent=25, no_link_fine_percent=25)
    await TenancyService(desk.db, clock).change_settings(desk.shop.act("owner"), change)
    order = await desk.claimed()
    clock.advance(timedelta(days=6))
    await desk.orders.complete(desk.shop.act("ana"), order.code, Completion("D1", 4000))
    figures = (await desk.orders.get(desk.shop.owner, order.code)).figures
    assert figures is not None
    assert (figures.fine, figures.booster, figures.company) == (usd("17.50"), usd("17.50"), usd("26.50"))
    assert await desk.count("SELECT count(*) FROM journal_entries WHERE kind = 'fine'") == 2
    assert await desk.books_are_whole()


async def test_new_rules_leave_what_was_earned_and_count_for_what_is_completed_next(
    desk: Desk, clock: ManualClock
) -> None:
    def done(expected: CompletionFigures | None = None) -> Completion:
        return Completion("D1", 7200, win_rate_bonus=True, ranked=False, expected=expected)

    act, orders = desk.shop.act, desk.orders
    old = await desk.completed(completion=done())
    before = (await orders.get(desk.shop.owner, old.code)).figures
    waiting = await desk.claimed()
    shown = await orders.preview_completion(act("admin"), waiting.code, done())
    change = SettingsChange(order_bonus_minor=2000, win_rate_bonus_minor=300, win_rate_threshold_bp=7200,
                            low_win_rate_fine_percent=25)  # fmt: skip
    await TenancyService(desk.db, clock).change_settings(act("owner"), change)
    assert (await orders.get(desk.shop.owner, old.code)).figures == before
    with pytest.raises(Conflict, match=r"order\.figures_changed"):
        await orders.complete(act("admin"), waiting.code, done(shown))
    await orders.complete(act("admin"), waiting.code, done())
    figures = (await orders.get(desk.shop.owner, waiting.code)).figures
    assert figures is not None
    assert (figures.booster, figures.company) == (usd("58"), usd("-13"))
    await TenancyService(desk.db, clock).change_settings(act("owner"), SettingsChange(win_rate_threshold_bp=7201))
    below = await desk.claimed()
    now = await orders.preview_completion(act("admin"), below.code, done())
    assert (now.booster, now.company) == (usd("55"), usd("-10"))
    assert await desk.books_are_whole()


async def test_a_link_in_time_leaves_no_warning(desk: Desk, clock: ManualClock) -> None:
    order = await desk.claimed()
    await desk.orders.progress(desk.shop.act("ana"), order.code, "E2", 6400, "https://example.org/t")
    clock.advance(timedelta(days=9))
    shown = await desk.orders.preview_completion(desk.shop.act("ana"), order.code, Completion("D1", 7200))
    assert shown.warnings == ()


async def test_partial_pay_moves_from_company_to_booster(desk: Desk) -> None:
    order = await desk.claimed()
    await desk.orders.abandon(desk.shop.act("dispatcher"), order.code, "ill", usd("12"))
    assert await desk.balances() == {"adjustments": 1200, "booster_payable": -1200}


@pytest.mark.parametrize("amount", [usd("0"), usd("-1"), usd("45.01"), Money(100, "EUR")])
async def test_partial_pay_is_positive_and_at_most_the_price(desk: Desk, amount: Money) -> None:
    order = await desk.claimed()
    before = await desk.everything()
    with pytest.raises(InvalidInput):
        await desk.orders.abandon(desk.shop.act("dispatcher"), order.code, "ill", amount)
    assert await desk.everything() == before


@pytest.mark.parametrize(
    "completion",
    [
        Completion("D1", 7200, win_rate_bonus=True),
        Completion("D1", 7200, order_bonus=False),
        Completion("D1", 7200, ranked=False),
        Completion("D1", 7200, adjustment=usd("50"), adjustment_reason="I am worth it"),
    ],
)
async def test_whoever_is_paid_does_not_decide_on_the_money(desk: Desk, completion: Completion) -> None:
    order = await desk.claimed()
    before = await desk.everything()
    with pytest.raises(PermissionDenied):
        await desk.orders.complete(desk.shop.act("ana"), order.code, completion)
    assert await desk.everything() == before


async def test_a_banned_order_moves_no_money(desk: Desk) -> None:
    await desk.in_state(OrderState.BANNED)
    assert await desk.count("SELECT count(*) FROM journal_entries") == 0
