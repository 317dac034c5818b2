"""What people type: bounds, dates, links, and the messages that leave."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.kernel.db import Database
from domain.kernel.errors import InvalidInput, NotFound
from domain.orders.dto import Completion, NewOrder, OrderState
from sandbox.clock import ManualClock
from tests.integration.orders.desk import Desk, usd


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"customer_name": "x" * 81}, "text.too_long", "customer_name"),
        ({"customer_name": " \n "}, "text.required", "customer_name"),
        ({"notes": "x" * 1001}, "text.too_long", "notes"),
        ({"account": "x" * 81}, "text.too_long", "account"),
        ({"start_division": ""}, "text.required", "start_division"),
        ({"start_division": "x" * 41}, "text.too_long", "start_division"),
        ({"target_division": "Z9"}, "tariff.unknown_division", "target_division"),
        ({"price": usd("0")}, "order.price", "price"),
        ({"price": usd("-5")}, "order.price", "price"),
        ({"deadline_text": "whenever"}, "date.unreadable", "deadline"),
    ],
)
async def test_a_draft_that_cannot_be_is_refused(desk: Desk, facts: dict[str, Any], code: str, field: str) -> None:
    await desk.draft()
    before = await desk.everything()
    with pytest.raises(InvalidInput) as refusal:
        await desk.draft(**facts)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert await desk.everything() == before


async def test_a_game_without_a_tariff_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound, match=r"tariff\.unknown_game"):
        await desk.draft(game="Chess")


async def test_texts_at_their_bounds_are_kept_as_typed(desk: Desk) -> None:
    order = await desk.draft(customer_name="@everyone " + "x" * 70, notes="y" * 1000, account="Smurf #1")
    assert (order.customer_name, order.notes, order.account) == (
        "@everyone " + "x" * 70, "y" * 1000, "Smurf #1",
    )  # fmt: skip


async def test_a_zero_byte_never_reaches_the_database(desk: Desk) -> None:
    order = await desk.draft(customer_name="Mar\x00ta", notes="a\x00b")
    assert (order.customer_name, order.notes) == ("Marta", "ab")


async def test_a_typed_deadline_is_an_instant_in_the_tenants_zone(desk: Desk) -> None:
    order = await desk.draft(deadline_text="25/11/2026")
    assert order.deadline_at == datetime(2026, 11, 25, 22, 59, 59, tzinfo=UTC)


async def test_an_extension_over_a_change_of_clocks_keeps_the_time_of_day(desk: Desk) -> None:
    order = await desk.claimed(deadline_text="24/10/2027 12:00")
    extended = await desk.orders.extend(desk.shop.act("dispatcher"), order.code, 8, "queues")
    assert order.deadline_at == datetime(2027, 10, 24, 10, 0, tzinfo=UTC)
    assert extended.deadline_at == datetime(2027, 11, 1, 11, 0, tzinfo=UTC)
    assert extended.extension_days == 8
    again = await desk.orders.extend(desk.shop.act("dispatcher"), order.code, 1, "more queues")
    assert again.extension_days == 9


async def test_an_order_without_a_deadline_has_nothing_to_extend(desk: Desk) -> None:
    order = await desk.open()
    with pytest.raises(InvalidInput, match=r"order\.no_deadline"):
        await desk.orders.extend(desk.shop.act("dispatcher"), order.code, 1, "queues")


async def test_a_link_that_is_a_script_is_refused(desk: Desk) -> None:
    order = await desk.claimed()
    before = await desk.everything()
    with pytest.raises(InvalidInput, match=r"order\.tracking_url"):
        await desk.orders.progress(desk.shop.act("ana"), order.code, "E2", 5000, "javascript:alert(1)")
    assert await desk.everything() == before


async def test_the_first_link_sets_the_time_and_later_ones_replace_the_link(desk: Desk, clock: ManualClock) -> None:
    order = await desk.claimed()
    ana = desk.shop.act
    first = await desk.orders.progress(ana("ana"), order.code, "e3", 5000, "https://example.org/1")
    clock.advance(timedelta(days=1))
    second = await desk.orders.progress(ana("ana"), order.code, "E2", 6000, "https://example.org/2")
    third = await desk.orders.progress(ana("ana"), order.code, "E1", 6100)
    assert (first.tracking_url, first.progress_division) == ("https://example.org/1", "E3")
    assert (second.tracking_url, second.tracked_at) == ("https://example.org/2", first.tracked_at)
    assert (third.tracking_url, third.progress_win_rate_bp) == ("https://example.org/2", 6100)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
async def test_a_reason_is_given_and_within_bounds(desk: Desk, reason: str) -> None:
    order = await desk.claimed()
    before = await desk.everything()
    for change in (desk.orders.release, desk.orders.pause, desk.orders.ban, desk.orders.abandon):
        with pytest.raises(InvalidInput) as refusal:
            await change(desk.shop.act("admin"), order.code, reason)
        assert refusal.value.field == "reason"
    assert await desk.everything() == before


async def messages(db: Database, desk: Desk) -> list[tuple[str, str | None, bool, str | None]]:
    """Kind, purpose, whether Ana gets it, transition; emptied by the look."""
    async with db.tx(desk.shop.owner) as tx:
        rows = await tx.rows(
            "SELECT kind, purpose, recipient_member_id = $1 AS is_ana, params->>'transition' AS transition "
            "FROM outbound_messages WHERE state = 'queued' ORDER BY position", desk.shop.ana.member_id,
        )  # fmt: skip
        await tx.run("UPDATE outbound_messages SET state = 'sent'")
    return [(row["kind"], row["purpose"], bool(row["is_ana"]), row["transition"]) for row in rows]


CARD = ("order.card", "orders", False, None)


async def test_a_draft_is_seen_by_nobody_until_it_is_published(desk: Desk, db: Database) -> None:
    order = await desk.draft()
    await desk.orders.cancel(desk.shop.act("admin"), order.code, "typo")
    assert await messages(db, desk) == []
    await desk.open()
    assert await messages(db, desk) == [CARD]


async def test_the_booster_hears_of_what_others_do_to_their_order(desk: Desk, db: Database) -> None:
    order = await desk.claimed()
    await messages(db, desk)
    act, orders = desk.shop.act, desk.orders
    await orders.pause(act("dispatcher"), order.code, "exams")
    assert await messages(db, desk) == [CARD, ("order.direct", None, True, "pause")]
    await orders.resume(act("dispatcher"), order.code)
    await messages(db, desk)
    await orders.complete(act("dispatcher"), order.code, Completion("D1", 7200))
    assert await messages(db, desk) == [CARD, ("order.direct", None, True, "complete")]
    await orders.adjust(act("admin"), order.code, usd("2.50"), "tip")
    told = ("order.notice", "log", False, "adjust"), ("order.direct", None, True, "adjust")
    assert await messages(db, desk) == [CARD, *told]
    await orders.reopen(act("admin"), order.code, "not yet")
    told = ("order.notice", "log", False, "reopen"), ("order.direct", None, True, "reopen")
    assert await messages(db, desk) == [CARD, *told]


async def test_a_booster_is_not_told_what_they_did_themselves(desk: Desk, db: Database) -> None:
    order = await desk.claimed()
    await messages(db, desk)
    await desk.orders.release(desk.shop.act("ana"), order.code, "no time")
    assert await messages(db, desk) == [CARD, ("order.notice", "log", False, "release")]


async def test_a_refused_change_sends_nothing(desk: Desk, db: Database) -> None:
    order = await desk.in_state(OrderState.CANCELLED)
    await messages(db, desk)
    with pytest.raises(Exception, match=r"order\.is_cancelled"):
        await desk.orders.claim(desk.shop.act("ana"), order.code)
    assert await messages(db, desk) == []


async def test_the_same_form_twice_keeps_the_first_words(desk: Desk) -> None:
    form = desk.shop.act("seller")
    first = await desk.orders.create(form, NewOrder("Marta", "E4", "D1"))
    assert await desk.orders.create(form, NewOrder("Luis", "E4", "D2")) == first
