"""What happens at the same moment, on real connections."""

import asyncio
from collections.abc import Awaitable
from itertools import pairwise
from typing import Any

from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.errors import Conflict, DomainError, InvalidInput, LimitReached
from domain.kernel.ids import uuid7
from domain.kernel.roles import Role
from domain.orders.dto import Completion, NewOrder, Order, OrderState
from domain.orders.service import OrderService
from domain.orders.tariffs import TariffService
from domain.tenancy.dto import SettingsChange
from domain.tenancy.queries import upsert_member
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.fixtures.shop import found_shop
from tests.integration.orders.desk import Desk, usd


async def at_once(*work: Awaitable[Order]) -> tuple[list[Order], list[DomainError]]:
    """Run everything together; who got through, and who was refused."""
    results: list[Any] = await asyncio.gather(*work, return_exceptions=True)
    done = [result for result in results if isinstance(result, Order)]
    refused = [result for result in results if isinstance(result, DomainError)]
    assert len(done) + len(refused) == len(results), results
    return done, refused


async def boosters(db: Database, desk: Desk, count: int) -> list[Actor]:
    """As many new boosters."""
    found = []
    async with db.tx(desk.shop.owner) as tx:
        for n in range(count):
            member_id, _ = await upsert_member(tx, uuid7(), 9_000_000 + n, f"Booster {n}", desk.clock.now())
            roles = frozenset({Role.BOOSTER})
            found.append(Actor(desk.shop.tenant.id, f"Booster {n}", roles, str(uuid7()), member_id))
    return found


async def test_of_fifty_claimers_exactly_one_gets_the_order(desk: Desk, db: Database) -> None:
    people = await boosters(db, desk, 50)
    order = await desk.open()
    done, refused = await at_once(*(desk.orders.claim(person, order.code) for person in people))
    assert len(done) == 1
    assert {refusal.code for refusal in refused} == {"order.already_claimed"}
    assert {refusal.params["booster"] for refusal in refused} == {done[0].booster_name}
    assert await desk.count("SELECT count(*) FROM order_events WHERE transition = 'claim'") == 1


async def test_one_press_delivered_ten_times_at_once_claims_once(desk: Desk) -> None:
    order, press = await desk.open(), desk.shop.act("ana")
    done, refused = await at_once(*(desk.orders.claim(press, order.code) for _ in range(10)))
    assert (len(done), refused) == (10, [])
    assert await desk.count("SELECT count(*) FROM order_events WHERE transition = 'claim'") == 1


async def test_a_booster_who_claims_many_at_once_never_exceeds_the_limit(desk: Desk) -> None:
    codes = [(await desk.open()).code for _ in range(8)]
    done, refused = await at_once(*(desk.orders.claim(desk.shop.act("ana"), code) for code in codes))
    assert len(done) == desk.shop.tenant.live_orders_limit == 3
    assert {type(refusal) for refusal in refused} == {LimitReached}
    assert refused[0].params["count"] == 3


async def test_two_completions_at_once_make_one_entry(desk: Desk) -> None:
    order = await desk.claimed()
    people = ("ana", "dispatcher", "admin", "owner")
    done, refused = await at_once(
        *(desk.orders.complete(desk.shop.act(name), order.code, Completion("D1", 7200)) for name in people)
    )
    assert (len(done), {refusal.code for refusal in refused}) == (1, {"order.is_completed"})
    assert await desk.count("SELECT count(*) FROM journal_entries") == 1


async def test_adjustments_at_once_never_take_the_pay_below_zero(desk: Desk) -> None:
    order = await desk.completed()
    done, refused = await at_once(
        *(desk.orders.adjust(desk.shop.act("admin"), order.code, usd("-10"), f"fine {n}") for n in range(8))
    )
    assert len(done) == 3
    assert {type(refusal) for refusal in refused} == {InvalidInput}
    assert refused[0].params["largest"] == usd("-5")
    assert (await desk.balances())["booster_payable"] == -500


async def test_of_adjustments_and_reopenings_at_once_that_saw_the_same_figures_one_is_made(desk: Desk) -> None:
    order = await desk.completed()
    shown = (await desk.orders.get(desk.shop.owner, order.code)).figures
    act, orders = desk.shop.act, desk.orders
    done, refused = await at_once(
        *(orders.adjust(act("admin"), order.code, usd("2.50"), "tip", shown) for _ in range(6)),
        *(orders.reopen(act("admin"), order.code, "not D1 yet", shown) for _ in range(2)),
    )
    assert (len(done), {type(refusal) for refusal in refused}) == (1, {Conflict})
    assert (await desk.balances()).get("booster_payable", 0) in (-3750, 0)  # 35 and the tip, or all taken back


async def test_an_account_is_on_one_live_order(desk: Desk) -> None:
    work = (
        desk.orders.create(desk.shop.act("seller"), NewOrder(f"C{n}", "E4", "D1", account=f"Player{n % 2}"))
        for n in range(6)
    )
    done, refused = await at_once(*work)
    assert len(done) == 2
    assert {(type(refusal), refusal.code) for refusal in refused} == {(Conflict, "order.account_in_use")}
    assert {refusal.params["other"] for refusal in refused} == {order.code for order in done}
    assert {order.code for order in done} == {1, 2}


async def test_an_account_is_free_again_when_its_order_ends(desk: Desk) -> None:
    first = await desk.completed(account="Player1")
    second = await desk.draft(account="PLAYER1")
    before = await desk.everything()
    _, refused = await at_once(desk.orders.reopen(desk.shop.act("admin"), first.code, "not done"))
    assert (refused[0].code, refused[0].params["other"]) == ("order.account_in_use", second.code)
    assert await desk.everything() == before


async def test_reopening_and_selling_the_account_again_at_once_leaves_one_live_order(desk: Desk) -> None:
    order = await desk.completed(account="Player1")
    done, refused = await at_once(
        desk.orders.reopen(desk.shop.act("admin"), order.code, "not done"),
        desk.orders.create(desk.shop.act("seller"), NewOrder("Luis", "E4", "D1", account="player1")),
    )
    assert (len(done), [refusal.code for refusal in refused]) == (1, ["order.account_in_use"])


async def test_orders_written_at_once_are_numbered_without_gaps(desk: Desk) -> None:
    done, refused = await at_once(*(desk.draft() for _ in range(12)))
    assert (sorted(order.code for order in done), refused) == (list(range(1, 13)), [])


async def test_one_form_delivered_ten_times_at_once_is_one_order(desk: Desk) -> None:
    form, new = desk.shop.act("seller"), NewOrder("Marta", "E4", "D1")
    done, _ = await at_once(*(desk.orders.create(form, new) for _ in range(10)))
    assert {order.code for order in done} == {1}
    assert (await desk.draft()).code == 2


async def test_every_change_at_once_leaves_one_history_that_adds_up(desk: Desk) -> None:
    order = await desk.claimed()
    act, orders = desk.shop.act, desk.orders
    done, refused = await at_once(
        orders.release(act("ana"), order.code, "no time"),
        orders.pause(act("dispatcher"), order.code, "exams"),
        orders.complete(act("admin"), order.code, Completion("D1", 7200)),
        orders.abandon(act("dispatcher"), order.code, "ill", usd("5")),
        orders.ban(act("owner"), order.code, "lost"),
        orders.claim(act("bruno"), order.code),
    )
    details = await orders.get(act("owner"), order.code)
    assert len(done) + len(refused) == 6
    states = [(event.from_state, event.to_state) for event in details.events]
    assert all(before[1] == after[0] for before, after in pairwise(states))
    assert states[-1][1] == details.order.state
    assert await desk.books_are_whole()


async def test_limits_come_from_the_settings_of_this_moment(desk: Desk) -> None:
    change = SettingsChange(live_orders_limit=1)
    await TenancyService(desk.db, desk.clock).change_settings(desk.shop.act("owner"), change)
    await desk.claimed("ana")
    second = await desk.open()
    _, refused = await at_once(desk.orders.claim(desk.shop.act("ana"), second.code))
    assert (refused[0].code, refused[0].params["limit"]) == ("order.live_limit", 1)
    assert (await desk.orders.get(desk.shop.owner, second.code)).order.state is OrderState.OPEN


async def test_a_currency_never_changes_under_an_order_that_is_being_written(db: Database, clock: ManualClock) -> None:
    tenancy, orders = TenancyService(db, clock), OrderService(db, clock)
    for guild_id in range(3001, 3006):
        shop = await found_shop(db, clock, guild_id=guild_id)
        await TariffService(db, clock).games(shop.owner)
        order, _ = await asyncio.gather(
            orders.create(shop.act("seller"), NewOrder("Kim", "P4", "D1")),
            tenancy.change_settings(shop.act("owner"), SettingsChange(currency="JPY")),
            return_exceptions=True,
        )
        assert isinstance(order, Order), order
        assert order.price.currency == (await tenancy.tenant(shop.owner)).currency
