"""Every transition from every state: legal, or refused with nothing changed."""

from collections.abc import Awaitable, Callable

import pytest

from domain.kernel.actor import Actor
from domain.kernel.errors import Conflict
from domain.orders.dto import Completion, NewOrder, Order, OrderState, Transition
from domain.orders.policy import TRANSITIONS
from domain.orders.service import OrderService
from tests.integration.orders.desk import Desk, usd

Change = Callable[[OrderService, Actor, int], Awaitable[Order]]
D1 = Completion("D1", 7200)
CHANGES: dict[Transition, tuple[str, Change]] = {
    Transition.REVISE: ("seller", lambda o, a, c: o.revise(a, c, NewOrder("Marta", "E2", "D2"))),
    Transition.PUBLISH: ("seller", lambda o, a, c: o.publish(a, c)),
    Transition.CLAIM: ("bruno", lambda o, a, c: o.claim(a, c)),
    Transition.RELEASE: ("ana", lambda o, a, c: o.release(a, c, "no time")),
    Transition.PAUSE: ("dispatcher", lambda o, a, c: o.pause(a, c, "exams")),
    Transition.RESUME: ("dispatcher", lambda o, a, c: o.resume(a, c)),
    Transition.CANCEL: ("dispatcher", lambda o, a, c: o.cancel(a, c, "customer left")),
    Transition.ABANDON: ("dispatcher", lambda o, a, c: o.abandon(a, c, "ill", usd("5"))),
    Transition.BAN: ("dispatcher", lambda o, a, c: o.ban(a, c, "account lost")),
    Transition.EXTEND: ("dispatcher", lambda o, a, c: o.extend(a, c, 2, "queue times")),
    Transition.PROGRESS: ("ana", lambda o, a, c: o.progress(a, c, "D3", 6550, "https://example.org/t")),
    Transition.COMPLETE: ("ana", lambda o, a, c: o.complete(a, c, D1)),
    Transition.REOPEN: ("admin", lambda o, a, c: o.reopen(a, c, "not D1 yet")),
    Transition.ADJUST: ("admin", lambda o, a, c: o.adjust(a, c, usd("2.50"), "tip")),
}
NEEDS_OWNER = (OrderState.OPEN, OrderState.DRAFT, OrderState.CANCELLED)


def test_every_transition_is_tried() -> None:
    assert set(CHANGES) | {Transition.CREATE} == set(Transition)


@pytest.mark.parametrize("state", list(OrderState))
async def test_from_each_state_only_the_legal_transitions_change_anything(desk: Desk, state: OrderState) -> None:
    for transition, (person, change) in CHANGES.items():
        order = await desk.in_state(state, deadline_text="25/11/2026")
        before = await desk.everything()
        rule = TRANSITIONS[transition]
        if state in rule.starts:
            after = await change(desk.orders, desk.shop.act(person), order.code)
            assert after.state is (rule.ends or state)
            event = (await desk.orders.get(desk.shop.owner, order.code)).events[-1]
            assert (event.transition, event.from_state, event.to_state) == (transition, state, after.state)
            assert event.actor_label == desk.shop.people[person].label
        else:
            with pytest.raises(Conflict) as refusal:
                await change(desk.orders, desk.shop.act(person), order.code)
            assert refusal.value.params["state"] is state
            assert refusal.value.params["booster"] == ("" if state in NEEDS_OWNER else "Ana")
            assert await desk.everything() == before
        await _set_aside(desk, order)
    assert await desk.books_are_whole()


@pytest.mark.parametrize("transition", list(CHANGES))
async def test_the_same_command_twice_changes_the_world_once(desk: Desk, transition: Transition) -> None:
    person, change = CHANGES[transition]
    state = sorted(TRANSITIONS[transition].starts)[0]
    order = await desk.in_state(state, deadline_text="25/11/2026")
    actor = desk.shop.act(person)
    first = await change(desk.orders, actor, order.code)
    after = await desk.everything()
    assert await change(desk.orders, actor, order.code) == first
    assert await desk.everything() == after


async def test_a_command_redelivered_after_later_changes_still_changes_nothing(desk: Desk) -> None:
    order = await desk.claimed()
    pause = desk.shop.act("dispatcher")
    await desk.orders.pause(pause, order.code, "exams")
    resumed = await desk.orders.resume(desk.shop.act("dispatcher"), order.code)
    before = await desk.everything()
    assert await desk.orders.pause(pause, order.code, "exams") == resumed
    assert await desk.everything() == before


async def test_a_claim_redelivered_after_the_release_does_not_claim_again(desk: Desk) -> None:
    order, press = await desk.open(), desk.shop.act("ana")
    await desk.orders.claim(press, order.code)
    released = await desk.orders.release(desk.shop.act("ana"), order.code, "no time")
    before = await desk.everything()
    assert await desk.orders.claim(press, order.code) == released
    assert await desk.everything() == before


async def test_a_claim_too_late_names_who_has_the_order(desk: Desk) -> None:
    order = await desk.claimed("ana")
    with pytest.raises(Conflict, match=r"order\.already_claimed") as refusal:
        await desk.orders.claim(desk.shop.act("bruno"), order.code)
    assert refusal.value.params["booster"] == "Ana"
    assert refusal.value.params["order"] == order.code


async def test_completing_twice_is_refused_and_posts_one_entry(desk: Desk) -> None:
    order = await desk.completed()
    with pytest.raises(Conflict, match=r"order\.is_completed"):
        await desk.orders.complete(desk.shop.act("dispatcher"), order.code, D1)
    assert await desk.count("SELECT count(*) FROM journal_entries") == 1


async def _set_aside(desk: Desk, order: Order) -> None:
    """End what is live, so that Ana stays below her limit."""
    state = (await desk.orders.get(desk.shop.owner, order.code)).order.state
    if state is OrderState.PAUSED:
        await desk.orders.resume(desk.shop.act("admin"), order.code)
    if state in (OrderState.PAUSED, OrderState.CLAIMED):
        await desk.orders.ban(desk.shop.act("admin"), order.code, "test is over")
