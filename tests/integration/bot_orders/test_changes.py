"""Everything else that happens to orders: release, pause, extend, abandon, cancel, ban."""

from datetime import timedelta

import pytest

from domain.kernel.roles import Role
from domain.orders.dto import OrderState
from sandbox.discord.errors import ClientRefusal
from tests.integration.bot.harness import labels
from tests.integration.bot_orders.floor import Floor, answers


async def test_the_buttons_offered_are_those_that_would_work(floor: Floor) -> None:
    card = await floor.claimed()
    wanted = {
        floor.ana: ["Complete", "Progress", "Release", "Abandon"],
        floor.bruno: [],
        floor.dani: ["Complete", "Progress", "Release", "Pause", "More days", "Abandon", "Account banned"],
    }
    for who, expected in wanted.items():
        details = await floor.click(who, card, "Details")
        assert labels(details.message) == expected
    await floor.change(floor.dani, details, "Pause", reason="exams")
    await floor.stage.deliver()
    assert card.text.startswith("### ⏸️ #1 · Paused")
    assert labels((await floor.click(floor.ana, card, "Details")).message) == []
    paused = await floor.click(floor.dani, card, "Details")
    assert labels(paused.message) == ["Resume", "More days"]
    assert "#1 goes on." in (await floor.slash(floor.dani, "order resume", {"code": 1})).text


async def test_a_viewer_sees_how_far_an_order_is_and_nothing_to_press(floor: Floor) -> None:
    card = await floor.claimed()
    await floor.slash(floor.ana, "order progress", {"code": 1, "division": "E1", "win-rate": 61.5})
    vera = await floor.stage.join("vera", Role.VIEWER)
    details = await floor.click(vera, card, "Details")
    assert "**E1** · 61.5% wins" in details.text
    assert labels(details.message) == []
    for secret in ("Marta", "marta01", "$"):
        assert secret not in details.text


async def test_release_by_button_opens_the_order_for_others(floor: Floor) -> None:
    card = await floor.posted()
    claimed = await floor.click(floor.ana, card, "Claim")
    released = await floor.change(floor.ana, claimed, "Release", reason="sick today")
    assert "#1 is released." in released.text
    assert "sick today" in released.text
    await floor.stage.deliver()
    assert labels(card) == ["Claim", "Details"]
    assert "Order #1 is yours" in (await floor.click(floor.bruno, card, "Claim")).text


@pytest.mark.parametrize(
    ("command", "label", "confirm", "state", "effect"),
    [
        ("abandon", "Abandon", "Abandon it", OrderState.ABANDONED, "Ana loses 10 ranking points"),
        ("ban", "Account banned", "End it: banned", OrderState.BANNED, "Ana is paid nothing and loses no points"),
    ],
)
async def test_a_bad_ending_says_its_effect_first_in_red(
    floor: Floor, command: str, label: str, confirm: str, state: OrderState, effect: str
) -> None:
    card = await floor.claimed()
    asked = await floor.click(floor.dani, await floor.click(floor.dani, card, "Details"), label)
    assert effect in asked.text
    assert "There is no undo." in asked.text
    assert asked.message is not None
    assert [(button.label, button.style) for button in asked.message.buttons] == [
        (confirm, 4), ("Leave it as it is", 2),
    ]  # fmt: skip
    assert asked.message.components[0]["accent_color"] == 0xD83C3E
    by_command = await floor.slash(floor.dani, f"order {command}", {"code": 1})
    assert by_command.text == asked.text
    assert (await floor.order()).state is OrderState.CLAIMED
    ended = await floor.change(floor.dani, by_command, confirm, reason="gone")
    assert (await floor.order()).state is state
    assert labels(ended.message) == []
    await floor.stage.deliver()
    assert labels(card) == ["Details"]
    assert "\n" not in card.text
    late = await floor.click(floor.dani, asked, confirm)
    assert f"Code: order.is_{state}" in answers(late)


async def test_abandoning_with_partial_pay_pays_exactly_that(floor: Floor) -> None:
    await floor.claimed()
    asked = await floor.slash(floor.dani, "order abandon", {"code": 1, "partial-pay": "12.50"})
    assert "Ana is paid **$12.50** for the part that is done." in asked.text
    too_much = await floor.slash(floor.dani, "order abandon", {"code": 1, "partial-pay": "45.01"})
    assert "Code: order.partial_pay" in too_much.text
    own = await floor.slash(floor.ana, "order abandon", {"code": 1, "partial-pay": "5"})
    assert "Code: permission.denied" in own.text
    await floor.change(floor.dani, asked, "Abandon it", reason="family")
    owed = await floor.stage.services.ledger.balances(await floor.stage.as_owner())
    assert {b.account.kind.value: b.balance.minor for b in owed}["booster_payable"] == -1250


async def test_cancelling_an_order_nobody_has(floor: Floor) -> None:
    card = await floor.posted()
    asked = await floor.slash(floor.dani, "order cancel", {"code": 1})
    assert "Nobody can claim it any more; nobody is paid." in asked.text
    await floor.change(floor.dani, asked, "Cancel the order", reason="customer left")
    await floor.stage.deliver()
    assert card.text.startswith("✖️ **#1** E4 → D1 · Cancelled")
    assert "customer left" in floor.log.messages[-1].text
    draft = await floor.draft(account="")
    await floor.click(floor.dani, draft, "Discard")


async def test_more_days_move_the_deadline_and_are_shown(floor: Floor) -> None:
    card = await floor.claimed()
    before = (await floor.order()).deadline_at
    details = await floor.click(floor.dani, card, "Details")
    moved = await floor.change(floor.dani, details, "More days", days="2", reason="queue times")
    assert "The deadline of #1 is moved." in moved.text
    after = (await floor.order()).deadline_at
    assert before is not None
    assert after == before + timedelta(days=2)
    await floor.stage.deliver()
    assert "+2 days" in card.text
    by_command = await floor.slash(floor.dani, "order extend", {"code": 1, "days": 1, "reason": "weekend"})
    assert "+3 days" in by_command.text
    for days in ("0", "-1", "366", "two"):
        refused = await floor.change(floor.dani, details, "More days", days=days, reason="x")
        assert "Code: order.extension_days" in answers(refused)
    with pytest.raises(ClientRefusal):
        await floor.slash(floor.dani, "order extend", {"code": 1, "days": 366, "reason": "x"})


async def test_progress_takes_a_link_and_refuses_what_is_none(floor: Floor) -> None:
    await floor.claimed()
    options = {"code": 1, "division": "E3", "win-rate": 55.5, "link": "javascript:alert(1)"}
    refused = await floor.slash(floor.ana, "order progress", options)
    assert "Code: order.tracking_url" in refused.text
    noted = await floor.slash(floor.ana, "order progress", options | {"link": "https://track.example/a_b"})
    assert "Tracking: <https://track.example/a_b>" in noted.text
    hidden = await floor.slash(floor.bruno, "order show", {"code": 1})
    assert "track.example" not in hidden.text
    with pytest.raises(ClientRefusal):
        await floor.slash(floor.ana, "order progress", options | {"win-rate": 100.5})
    form = await floor.click(floor.ana, noted, "Progress")
    assert form.modal is not None
    assert form.modal.field("link").value == "https://track.example/a_b"
    assert "Code: order.win_rate" in answers(await floor.submit(floor.ana, form, {"win_rate": "lots"}))
