"""An order from the form to the record, as each person sees it."""

from domain.orders.dto import OrderState
from tests.integration.bot.harness import labels
from tests.integration.bot_orders.floor import Floor, answers


async def test_an_order_goes_from_the_form_to_the_record(floor: Floor) -> None:
    draft = await floor.draft()
    assert draft.ephemeral
    assert labels(draft.message) == ["Post", "Edit", "Price and notes", "Discard"]
    assert "Customer: Marta" in draft.text
    assert "Price: **$45.00**" in draft.text
    posted = await floor.click(floor.dani, draft, "Post")
    assert posted.message is draft.message
    assert f"Order #1 is open. Its card goes to <#{floor.orders.id}>." in posted.text
    await floor.stage.deliver()
    [card] = floor.orders.messages
    assert card.text == "### 🟢 #1 · Open\n**E4 → D1** · League of Legends\n⏳ Due <t:1795647599:R>"
    assert labels(card) == ["Claim", "Details"]
    claimed = await floor.click(floor.ana, card, "Claim")
    assert claimed.ephemeral
    assert claimed.text.startswith("### ✅ Order #1 is yours\n**E4 → D1**")
    assert "Account: **marta01**\n💰 Pays you **$35.00** at D1" in claimed.text
    assert labels(claimed.message) == ["Progress", "Release"]
    await floor.stage.deliver()
    assert card.text.splitlines()[0] == "### 🎮 #1 · Under way"
    assert card.text.splitlines()[-1] == "🎮 Ana, <t:1795194000:R>"
    assert labels(card) == ["Details"]
    noted = await floor.change(
        floor.ana, claimed, "Progress", division="E1", win_rate="61,5", link="https://track.example/ana"
    )
    assert noted.message is claimed.message
    assert "Progress of #1 is noted." in noted.text
    await floor.stage.deliver()
    assert card.text.splitlines()[-1] == "▰▰▰▰▱▱▱▱▱▱ 43% · **E1** · 61.5% wins · <t:1795194000:R>"
    asked = await floor.slash(floor.ana, "order complete", {"code": 1, "division": "d1", "win-rate": 72.0})
    assert "Your pay: **$35.00**" in asked.text
    assert "Customer" not in asked.text
    done = await floor.click(floor.ana, asked, "Complete")
    assert done.message is asked.message
    assert done.text.startswith("### ✅ #1 is completed")
    assert "Completed by Ana" in done.text
    await floor.stage.deliver()
    assert card.text == "✅ **#1** E4 → D1 · Ana · 72% wins · <t:1795194000:R>"
    assert labels(card) == ["Details"]
    assert len(floor.orders.messages) == 1


async def test_the_public_card_never_shows_customer_price_account_or_notes(floor: Floor) -> None:
    draft = await floor.draft()
    await floor.change(floor.dani, draft, "Price and notes", price="51.25", notes="Play support only")
    await floor.click(floor.dani, draft, "Post")
    await floor.stage.deliver()
    [card] = floor.orders.messages
    details = await floor.click(floor.ana, card, "Details")
    assert details.ephemeral
    for text in (card.text, details.text):
        for secret in ("Marta", "45.00", "51.25", "marta01"):
            assert secret not in text
    assert "support" not in card.text
    assert "Notes:\n> Play support only" in details.text
    assert labels(details.message) == ["Claim"]


async def test_the_booster_is_told_what_others_do_to_their_order(floor: Floor) -> None:
    card = await floor.claimed()
    details = await floor.click(floor.dani, card, "Details")
    paused = await floor.change(floor.dani, details, "Pause", reason="Exams until **Friday**")
    assert "#1 is paused. The booster keeps it." in paused.text
    await floor.click(floor.dani, paused, "Resume")
    asked = await floor.slash(floor.dani, "order complete", {"code": 1, "division": "D1", "win-rate": 72.0})
    await floor.click(floor.dani, asked, "Complete")
    await floor.stage.deliver()
    assert [message.text.splitlines()[0] for message in floor.ana.inbox] == [
        "### ⏸️ Dani paused your order #1; it stays yours: Exams until \\*\\*Friday\\*\\*",
        "### 🎮 Dani resumed your order #1",
        "### ✅ Dani completed your order #1",
    ]
    assert "Your pay: **$35.00**" in floor.ana.inbox[-1].text
    assert "46" not in floor.ana.inbox[-1].text


async def test_a_draft_is_edited_repriced_and_discarded(floor: Floor) -> None:
    draft = await floor.draft()
    opened = await floor.click(floor.dani, draft, "Edit")
    assert opened.modal is not None
    assert {field.custom_id: field.value for field in opened.modal.fields if field.value} == {
        "customer": "Marta", "start": "E4", "deadline": "25/11/2026", "account": "marta01",
    }  # fmt: skip
    edited = await floor.submit(floor.dani, opened, {"target": "E1", "deadline": ""})
    assert edited.message is draft.message
    assert "**E4 → E1**" in edited.text
    assert "Price: **$18.00**" in edited.text
    assert "No deadline" in edited.text
    priced = await floor.change(floor.dani, edited, "Price and notes", price="20", notes="")
    assert "Price: **$20.00**" in priced.text
    kept = await floor.change(floor.dani, priced, "Edit", target="E2")
    assert "Price: **$20.00**" in kept.text
    gone = await floor.click(floor.dani, kept, "Discard")
    assert "Draft #1 is discarded." in gone.text
    assert labels(gone.message) == []
    await floor.stage.deliver()
    assert floor.orders.messages == []
    assert (await floor.order()).state is OrderState.CANCELLED


async def test_an_unreadable_deadline_or_a_busy_account_does_not_lose_what_was_typed(floor: Floor) -> None:
    await floor.draft()
    second = await floor.draft(customer="Leo", deadline="next week-ish")
    assert "I cannot read “next week-ish” as a date, so the draft has no deadline." in second.text
    assert "The account marta01 is on order #1, which has not ended, so the draft has no account." in second.text
    order = await floor.order(2)
    assert (order.customer_name, order.account, order.deadline_at) == ("Leo", "", None)


async def test_an_order_that_ends_goes_to_the_log_with_its_reason(floor: Floor) -> None:
    await floor.claimed()
    released = await floor.slash(floor.ana, "order release", {"code": 1, "reason": "no time @everyone"})
    assert "#1 is released. It is open for everybody again." in answers(released)
    await floor.stage.deliver()
    assert floor.log.messages[-1].text == "🟢 **#1** E4 → D1 · released by Ana: no time @\u200beveryone"
    assert floor.log.messages[-1].mention_everyone is False
    assert labels(floor.orders.messages[0]) == ["Claim", "Details"]
