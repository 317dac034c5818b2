"""Cards follow the orders channel."""

from domain.tenancy.dto import Purpose
from tests.integration.bot.harness import labels
from tests.integration.bot_orders.floor import Floor


async def test_a_new_orders_channel_gets_the_cards_of_what_is_open_or_under_way(floor: Floor) -> None:
    await floor.posted()
    stage, owner = floor.stage, await floor.stage.as_owner()
    elsewhere = stage.guild.add_channel("new-orders")
    await stage.services.tenancy.bind_channel(owner.for_step("bind"), Purpose.ORDERS, elsewhere.id)
    assert await stage.services.orders.move_cards(owner.for_step("move"), elsewhere.id) == 1
    await stage.deliver()
    [card] = elsewhere.messages
    assert labels(card) == ["Claim", "Details"]
    assert await stage.services.orders.move_cards(owner.for_step("again"), elsewhere.id) == 1
    await stage.deliver()
    assert len(elsewhere.messages) == 1
