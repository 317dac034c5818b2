"""Who may do what, on whose order, and never across tenants."""

from collections.abc import Awaitable, Callable

import pytest

from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.errors import DomainError, NotFound, PermissionDenied
from domain.kernel.roles import Role
from domain.orders.dto import Completion, NewOrder, OrderFilter, OrderState
from domain.orders.service import OrderService
from domain.orders.tariffs import TariffService
from domain.staff.dto import Limits
from domain.staff.queries import set_limits
from domain.tenancy.policy import PERMISSIONS, Permission
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop, found_shop
from tests.integration.orders.desk import Desk, usd

Use = Callable[[OrderService, Actor, int], Awaitable[object]]
D1 = Completion("D1", 7200)
USES: dict[str, tuple[Permission, OrderState, Use]] = {
    "create": (Permission.ORDER_CREATE, OrderState.OPEN, lambda o, a, c: o.create(a, NewOrder("Eva", "E4", "D1"))),
    "publish": (Permission.ORDER_CREATE, OrderState.DRAFT, lambda o, a, c: o.publish(a, c)),
    "claim": (Permission.ORDER_CLAIM, OrderState.OPEN, lambda o, a, c: o.claim(a, c)),
    "release": (Permission.ORDER_WORK, OrderState.CLAIMED, lambda o, a, c: o.release(a, c, "r")),
    "pause": (Permission.ORDER_RUN, OrderState.CLAIMED, lambda o, a, c: o.pause(a, c, "r")),
    "resume": (Permission.ORDER_RUN, OrderState.PAUSED, lambda o, a, c: o.resume(a, c)),
    "cancel": (Permission.ORDER_RUN, OrderState.OPEN, lambda o, a, c: o.cancel(a, c, "r")),
    "abandon": (Permission.ORDER_WORK, OrderState.CLAIMED, lambda o, a, c: o.abandon(a, c, "r")),
    "partial pay": (Permission.ORDER_RUN, OrderState.CLAIMED, lambda o, a, c: o.abandon(a, c, "r", usd("1"))),
    "ban": (Permission.ORDER_RUN, OrderState.CLAIMED, lambda o, a, c: o.ban(a, c, "r")),
    "extend": (Permission.ORDER_RUN, OrderState.OPEN, lambda o, a, c: o.extend(a, c, 1, "r")),
    "progress": (Permission.ORDER_WORK, OrderState.CLAIMED, lambda o, a, c: o.progress(a, c, "D4", 5000)),
    "preview": (Permission.ORDER_WORK, OrderState.CLAIMED, lambda o, a, c: o.preview_completion(a, c, D1)),
    "complete": (Permission.ORDER_WORK, OrderState.CLAIMED, lambda o, a, c: o.complete(a, c, D1)),
    "reopen": (Permission.ORDER_REOPEN, OrderState.COMPLETED, lambda o, a, c: o.reopen(a, c, "r")),
    "adjust": (Permission.ORDER_ADJUST, OrderState.COMPLETED, lambda o, a, c: o.adjust(a, c, usd("1"), "r")),
    "get": (Permission.ORDER_LIST, OrderState.OPEN, lambda o, a, c: o.get(a, c)),
}
PEOPLE = ("owner", "admin", "dispatcher", "seller", "ana", "bruno", "viewer")
WHOLE_LIST: dict[str, Use] = {
    "list": lambda o, a, c: o.list(a, OrderFilter()),
    "suggest": lambda o, a, c: o.suggest(a, ""),
    "mine": lambda o, a, c: o.mine(a),
}


@pytest.mark.parametrize("use", list(USES))
async def test_each_use_is_open_to_its_roles_and_to_nobody_else(desk: Desk, use: str) -> None:
    permission, state, run = USES[use]
    for person in PEOPLE:
        order = await desk.in_state(state, deadline_text="25/11/2026")
        actor = desk.shop.act(person)
        may = bool(actor.roles & PERMISSIONS[permission])
        is_others = permission is Permission.ORDER_WORK and person == "bruno"
        if may and not is_others:
            await run(desk.orders, actor, order.code)
        else:
            before = await desk.everything()
            with pytest.raises(PermissionDenied, match="not_yours" if is_others else "permission.denied"):
                await run(desk.orders, actor, order.code)
            assert await desk.everything() == before
        await _end(desk, order.code)


async def _end(desk: Desk, code: int) -> None:
    """Free the booster's hands."""
    state = (await desk.orders.get(desk.shop.owner, code)).order.state
    if state is OrderState.PAUSED:
        await desk.orders.resume(desk.shop.act("admin"), code)
    if state in (OrderState.PAUSED, OrderState.CLAIMED):
        await desk.orders.ban(desk.shop.act("admin"), code, "test is over")


@pytest.mark.parametrize("use", [*USES, *WHOLE_LIST])
async def test_a_stranger_without_roles_is_refused_everything(desk: Desk, use: str) -> None:
    order = await desk.claimed()
    run = USES[use][2] if use in USES else WHOLE_LIST[use]
    stranger = Actor(desk.shop.tenant.id, "Stranger", frozenset(), "k")
    before = await desk.everything()
    with pytest.raises(PermissionDenied):
        await run(desk.orders, stranger, order.code)
    assert await desk.everything() == before


@pytest.mark.parametrize("use", [use for use in USES if use != "create"])
async def test_another_tenants_order_does_not_exist(desk: Desk, db: Database, clock: ManualClock, use: str) -> None:
    theirs = await desk.in_state(USES[use][1], deadline_text="25/11/2026")
    other: Shop = await found_shop(db, clock, guild_id=2002, name="Other")
    person = "ana" if use == "claim" else "owner"
    before = await desk.everything()
    for ref in (theirs.code, theirs.id):
        with pytest.raises(NotFound, match=r"order\.unknown"):
            await USES[use][2](desk.orders, other.act(person), ref)  # type: ignore[arg-type]  # an id is a ref too
    assert await desk.everything() == before


@pytest.mark.parametrize("code", [0, -1, 99, 2**31, 10**30])
async def test_a_code_that_cannot_be_is_not_found(desk: Desk, code: int) -> None:
    with pytest.raises(NotFound):
        await desk.orders.get(desk.shop.owner, code)
    with pytest.raises(NotFound):
        await desk.orders.claim(desk.shop.act("ana"), code)


async def test_only_those_who_may_see_money_see_the_figures(desk: Desk) -> None:
    order = await desk.completed()
    for person in PEOPLE:
        figures = (await desk.orders.get(desk.shop.people[person], order.code)).figures
        assert (figures is not None) == (person in ("owner", "admin", "dispatcher", "seller"))


async def test_a_booster_claims_what_their_profile_allows(desk: Desk, db: Database) -> None:
    assert desk.shop.ana.member_id is not None
    async with db.tx(desk.shop.owner) as tx:
        await set_limits(tx, desk.shop.ana.member_id, 1, Limits(divisions=("E1", "D4")).divisions, is_ranked=True)
    too_high = await desk.open(target_division="D1")
    before = await desk.everything()
    with pytest.raises(PermissionDenied, match=r"order\.division_not_yours") as refusal:
        await desk.orders.claim(desk.shop.act("ana"), too_high.code)
    assert refusal.value.params["divisions"] == ["E1", "D4"]
    assert await desk.everything() == before
    assert (await desk.claimed("ana", target_division="e1")).booster_name == "Ana"
    with pytest.raises(DomainError, match=r"order\.live_limit"):
        await desk.claimed("ana", target_division="D4")


async def test_a_suspended_booster_claims_nothing(desk: Desk, db: Database) -> None:
    order = await desk.open()
    async with db.tx(desk.shop.owner) as tx:
        await tx.run("UPDATE members SET status = 'suspended' WHERE id = $1", desk.shop.ana.member_id)
    with pytest.raises(PermissionDenied, match=r"member\.suspended"):
        await desk.orders.claim(desk.shop.act("ana"), order.code)


async def test_an_actor_who_is_no_member_claims_nothing(desk: Desk) -> None:
    order = await desk.open()
    ghost = Actor(desk.shop.tenant.id, "Ghost", frozenset({Role.BOOSTER}), "k")
    with pytest.raises(PermissionDenied, match=r"member\.unknown"):
        await desk.orders.claim(ghost, order.code)


async def test_tariffs_are_changed_by_leads_only(desk: Desk) -> None:
    tariffs = TariffService(desk.db, desk.clock)
    before = await tariffs.current(desk.shop.owner)
    for person in PEOPLE[2:]:
        with pytest.raises(PermissionDenied):
            await tariffs.set_line(desk.shop.act(person), before.game, "D1", usd("1"), usd("0"), 2)
    assert await tariffs.current(desk.shop.owner) == before
