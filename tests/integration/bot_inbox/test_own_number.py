"""The shop's own number is nobody's customer."""

import pytest

from tests.integration.bot_inbox.desk import Desk


async def _orders_count(desk: Desk) -> int:
    async with desk.stage.db.tx(await desk.system()) as tx:
        return int(await tx.value("SELECT count(*) FROM orders"))


@pytest.mark.parametrize("typed", ["+34 911 000 000", "0034911000000", "Marta 911 000 000"])
async def test_our_own_number_as_the_customers_is_refused_in_a_clear_sentence(desk: Desk, typed: str) -> None:
    _, thread = await desk.shown("hola")
    form = await desk.click(desk.sole, thread.messages[0], "New order")
    refused = await desk.submit(desk.sole, form, {"customer": typed, "start": "E4", "target": "D1"})
    said = refused.text + "".join(message.text for message in refused.followups)
    assert "+34 911 000 000 is the shop’s own WhatsApp number. The order was not saved." in said
    assert await _orders_count(desk) == 0


async def test_a_customers_number_is_taken_and_not_exchanged_for_ours_afterwards(desk: Desk) -> None:
    _, thread = await desk.shown("hola")
    form = await desk.click(desk.sole, thread.messages[0], "New order")
    draft = await desk.submit(desk.sole, form, {"customer": "+34 600 111 222", "start": "E4", "target": "D1"})
    edit = await desk.click(desk.sole, draft, "Edit")
    await desk.submit(desk.sole, edit, {"customer": "+34 911 000 000", "start": "E4", "target": "D1"})
    order = (await desk.stage.services.orders.get(await desk.seller(), 1)).order
    assert order.customer_name == "+34 600 111 222"
