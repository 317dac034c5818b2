"""Completing, reopening and adjusting: the figures people see are the figures in the books."""

from typing import Any

import pytest

from domain.kernel.errors import Conflict
from domain.kernel.money import Money
from domain.orders.dto import Completion, OrderState
from tests.integration.bot.harness import labels
from tests.integration.bot_orders.floor import Floor, answers

DONE = {"code": 1, "division": "D1", "win-rate": 72.0}
SPEC: list[tuple[dict[str, Any], list[str]]] = [
    (
        DONE | {"win-rate-bonus": True, "ranked": True},
        ["Customer pays **$46.00**", "Booster earns **$35.00**", "Shop keeps **$9.00**",
         "Pot receives **$2.00** (order $1.00, win rate $1.00)"],
    ),
    (
        DONE | {"win-rate-bonus": True, "ranked": False},
        ["Customer pays **$45.00**", "Booster earns **$37.00**", "Shop keeps **$8.00**", "Pot receives $0.00"],
    ),
    (
        {"code": 1, "division": "E1", "win-rate": 60.0, "order-bonus": False, "adjustment": "-3"},
        ["Customer pays **$18.00**", "Booster earns **$10.00**", "Shop keeps **$8.00**", "Pot receives $0.00",
         "Adjustment -$3.00, already counted above"],
    ),
    (
        DONE | {"win-rate-bonus": True, "adjustment": "+2,50"},
        ["Customer pays **$46.00**", "Booster earns **$37.50**", "Shop keeps **$6.50**",
         "Pot receives **$2.00** (order $1.00, win rate $1.00)",
         "Adjustment +$2.50, already counted above"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("options", "figures"), SPEC)
async def test_the_figures_shown_are_those_of_the_rules_before_and_after(
    floor: Floor, options: dict[str, Any], figures: list[str]
) -> None:
    await floor.claimed()
    asked = await floor.slash(floor.stage.olivia, "order complete", options)
    assert [line for line in asked.text.splitlines() if line in figures] == figures
    assert await floor.entry_count() == 0
    if "adjustment" in options:
        done = await floor.change(floor.stage.olivia, asked, "Complete", reason="as agreed")
    else:
        done = await floor.click(floor.stage.olivia, asked, "Complete")
    assert done.message is asked.message
    assert [line for line in done.text.splitlines() if line in figures] == figures
    assert labels(done.message) == ["Details"]
    assert await floor.stage.services.ledger.check(await floor.stage.as_owner()) == []


async def test_a_redelivered_confirmation_is_one_journal_entry(floor: Floor) -> None:
    await floor.claimed()
    asked = await floor.slash(floor.dani, "order complete", DONE)
    done = await floor.click(floor.dani, asked, "Complete")
    record = done.text
    outcomes = floor.stage.bot.reporter.outcomes
    for copies in (1, 2):
        floor.stage.emulator.redeliver(done.interaction.id)
        await floor.stage.until(lambda wanted=copies: outcomes["too_late"] == wanted)  # type: ignore[misc]  # late binding is the point
    await floor.stage.settled(done)
    assert done.text == record
    assert await floor.entry_count() == 1


async def test_a_tariff_changed_between_preview_and_press_is_shown_again(floor: Floor) -> None:
    await floor.claimed()
    asked = await floor.slash(floor.dani, "order complete", DONE)
    owner = await floor.stage.as_owner()
    usd = (Money(5000, "USD"), Money(1000, "USD"))
    await floor.stage.services.tariffs.set_line(owner, "League of Legends", "D1", *usd, 45)
    again = await floor.click(floor.dani, asked, "Complete")
    assert "The figures changed since you looked. The order was not completed. Check them again." in again.text
    assert "Booster earns **$40.00**" in again.text
    assert await floor.entry_count() == 0
    done = await floor.click(floor.dani, again, "Complete")
    assert "#1 is completed" in done.text
    assert await floor.entry_count() == 1


async def test_a_warning_is_shown_before_and_after(floor: Floor) -> None:
    await floor.claimed()
    asked = await floor.slash(floor.ana, "order complete", {"code": 1, "division": "D1", "win-rate": 49.99})
    assert "⚠️ The win rate is under 50%." in asked.text
    assert "⚠️ There is no tracking link" in asked.text


async def test_the_completion_form_asks_boosters_less_than_staff(floor: Floor) -> None:
    card = await floor.claimed()
    for who, fields in (
        (floor.ana, ["division", "win_rate"]),
        (floor.dani, ["division", "win_rate", "order_bonus", "win_rate_bonus"]),
        (floor.stage.olivia, ["division", "win_rate", "order_bonus", "win_rate_bonus", "adjustment"]),
    ):
        opened = await floor.click(who, await floor.click(who, card, "Details"), "Complete")
        assert opened.modal is not None
        assert [field.custom_id for field in opened.modal.fields] == fields
    asked = await floor.submit(floor.stage.olivia, opened, {"win_rate": "72 %", "adjustment": "2.50"})
    assert "Booster earns **$37.50**" in asked.text
    done = await floor.change(floor.stage.olivia, asked, "Complete", reason="fast")
    assert "#1 is completed" in done.text


async def test_what_cannot_be_completed_is_refused_without_a_trace(floor: Floor) -> None:
    await floor.claimed()
    for options, code in (
        (DONE | {"division": "Z9"}, "tariff.unknown_division"),
        (DONE | {"adjustment": "-35.01"}, "order.adjustment_below_zero"),
        (DONE | {"adjustment": "a lot"}, "money.unreadable"),
        (DONE | {"code": 77}, "order.unknown"),
    ):
        assert f"Code: {code}" in (await floor.slash(floor.stage.olivia, "order complete", options)).text
    assert "Code: order.not_yours" in (await floor.slash(floor.bruno, "order complete", DONE)).text
    bonus = DONE | {"win-rate-bonus": True}
    assert "Code: order.bonuses_not_yours" in (await floor.slash(floor.ana, "order complete", bonus)).text
    assert await floor.entry_count() == 0
    assert (await floor.order()).state is OrderState.CLAIMED


async def test_reopening_asks_with_the_exact_amounts_and_takes_them_back(floor: Floor) -> None:
    card = await floor.claimed()
    await floor.click(floor.dani, await floor.slash(floor.dani, "order complete", DONE), "Complete")
    assert "permission.denied" in (await floor.slash(floor.dani, "order reopen", {"code": 1})).text
    asked = await floor.slash(floor.stage.olivia, "order reopen", {"code": 1})
    taken = "Taken back in the books: customer $45.00, booster $35.00, shop $9.00, pot $1.00."
    assert taken in asked.text
    assert "It can be completed again." in asked.text
    assert [button.style for button in asked.message.buttons] == [4, 2] if asked.message else False
    kept = await floor.click(floor.stage.olivia, asked, "Leave it as it is")
    assert "#1 · Completed" in kept.text
    asked = await floor.click(floor.stage.olivia, kept, "Reopen")
    reopened = await floor.change(floor.stage.olivia, asked, "Reopen it", reason="not D1 yet")
    assert "#1 is open for work again; its money is taken back." in reopened.text
    assert await floor.entry_count() == 2
    assert {b.balance.minor for b in await floor.stage.services.ledger.balances(await floor.stage.as_owner())} <= {0}
    await floor.stage.deliver()
    assert card.text.startswith("### 🎮 #1 · Under way")


async def test_adjusting_shows_pay_before_and_after_then_asks_why(floor: Floor) -> None:
    await floor.claimed()
    await floor.click(floor.dani, await floor.slash(floor.dani, "order complete", DONE), "Complete")
    asked = await floor.slash(floor.stage.olivia, "order adjust", {"code": 1, "amount": "2.50"})
    assert "Ana gets +$2.50 for this order: **$35.00 → $37.50**." in asked.text
    assert "Shop: $9.00 → $6.50." in asked.text
    done = await floor.change(floor.stage.olivia, asked, "Adjust the pay", reason="tip")
    assert "The pay of #1 is adjusted." in done.text
    assert "Booster earns **$37.50**" in done.text
    details = await floor.slash(floor.stage.olivia, "order show", {"code": 1})
    form = await floor.click(floor.stage.olivia, details, "Adjust pay")
    refused = await floor.submit(floor.stage.olivia, form, {"amount": "-37.51"})
    assert "The largest deduction possible is -$37.50." in answers(refused)
    assert "Your pay: **$37.50**" in (await floor.slash(floor.ana, "order show", {"code": 1})).text
    assert await floor.entry_count() == 2


async def test_an_adjustment_sent_twice_is_made_once_and_asked_again(floor: Floor) -> None:
    await floor.claimed()
    await floor.click(floor.dani, await floor.slash(floor.dani, "order complete", DONE), "Complete")
    olivia = floor.stage.olivia
    asked = await floor.slash(olivia, "order adjust", {"code": 1, "amount": "2.50"})
    forms = [await floor.click(olivia, asked, "Adjust the pay") for _ in range(2)]
    assert "**$35.00 → $37.50**" in asked.text
    assert "The pay of #1 is adjusted." in (await floor.submit(olivia, forms[0], {"reason": "tip"})).text
    again = await floor.submit(olivia, forms[1], {"reason": "tip"})
    assert "The figures changed since you looked. Nothing was changed." in again.text
    assert "**$37.50 → $40.00**" in again.text
    assert await floor.entry_count() == 2
    meant = await floor.change(olivia, again, "Adjust the pay", reason="another tip")
    assert "Booster earns **$40.00**" in meant.text


async def test_a_reopening_takes_back_no_more_than_was_shown(floor: Floor) -> None:
    await floor.claimed()
    await floor.click(floor.dani, await floor.slash(floor.dani, "order complete", DONE), "Complete")
    olivia = floor.stage.olivia
    asked = await floor.slash(olivia, "order reopen", {"code": 1})
    adjusted = await floor.slash(olivia, "order adjust", {"code": 1, "amount": "-5"})
    await floor.change(olivia, adjusted, "Adjust the pay", reason="late")
    again = await floor.change(olivia, asked, "Reopen it", reason="not D1 yet")
    assert "The figures changed since you looked. Nothing was changed." in again.text
    assert "booster $30.00" in again.text
    assert (await floor.order()).state is OrderState.COMPLETED


async def test_a_second_press_on_an_old_preview_completes_nothing_twice(floor: Floor) -> None:
    await floor.claimed()
    first = await floor.slash(floor.dani, "order complete", DONE)
    second = await floor.slash(floor.ana, "order complete", DONE)
    await floor.click(floor.dani, first, "Complete")
    refused = await floor.click(floor.ana, second, "Complete")
    assert "Order #1 was completed by Ana. Nothing was changed." in answers(refused)
    assert await floor.entry_count() == 1


async def test_the_service_itself_refuses_other_figures_than_were_shown(floor: Floor) -> None:
    await floor.claimed()
    orders, owner = floor.stage.services.orders, await floor.stage.as_owner()
    shown = await orders.preview_completion(owner, 1, Completion("D1", 7200))
    usd = (Money(5000, "USD"), Money(1000, "USD"))
    await floor.stage.services.tariffs.set_line(owner, "League of Legends", "D1", *usd, 45)
    with pytest.raises(Conflict) as refusal:
        await orders.complete(owner, 1, Completion("D1", 7200, expected=shown))
    assert refusal.value.code == "order.figures_changed"
    assert await floor.entry_count() == 0
