"""Custom ids that were made up, edited or left over: refused, and nothing changes."""

from domain.orders.dto import OrderState
from tests.integration.bot_orders.floor import Floor

GARBAGE = [
    "v1:order.claim:99999999999999999999",
    "v1:order.claim:-1",
    "v1:order.claim:0",
    "v1:order.claim:abc",
    "v1:order.claim",
    "v1:order.claim:1:2",
    "v1:order.ask:1:claim",
    "v1:order.ask:1:release",
    "v1:order.ask:1:<@1>",
    "v1:order.why:1:complete",
    "v1:order.why:7:release",
    "v1:order.why:1:adjust:99999999999999999999",
    "v1:order.complete:1:D1:7200:zzz:0:000000000000",
    "v1:order.complete:1:D1:7200:ydyd:0:000000000000",
    "v1:order.complete:1:D1:-1:ddd:0:000000000000",
    "v1:order.complete:1:X9:7200:ddd:0:000000000000",
    f"v1:order.complete_why:1:{'z' * 60}:7200:ddd:0:x",
    "v1:orders.page:1:everything",
    "v1:setup.role:admin",
    "v1:staff.page:999999999999999999",
    "v1:order.post:1",
    "v1:order.edit:1",
    "v1:order.discard:1",
    "v1:order.terms:1",
    "v1:nothing.known:1",
    "hello",
    "::::",
]


async def test_a_made_up_press_is_refused_and_changes_nothing(floor: Floor) -> None:
    card = await floor.claimed(floor.bruno)
    before = await floor.order()
    for custom_id in GARBAGE:
        told = await floor.press_forged(floor.ana, card, custom_id)
        assert "Code: " in told, custom_id
        assert "Something broke" not in told, custom_id
    assert await floor.order() == before
    assert await floor.entry_count() == 0


async def test_a_booster_who_forges_the_buttons_of_others_is_refused(floor: Floor) -> None:
    card = await floor.claimed(floor.bruno)
    wanted = {
        "complete:1:D1:7200:ddd:0:000000000000": "order.not_yours", "finish:1": "order.not_yours",
        "why:1:release": "order.not_yours", "progress:1": "order.not_yours", "why:1:pause": "permission.denied",
        "resume:1": "permission.denied", "ask:1:ban": "permission.denied", "ask:1:reopen": "permission.denied",
        "extend:1": "permission.denied", "adjust:1": "permission.denied", "ask:1:abandon": "order.not_yours",
    }  # fmt: skip
    for action, code in wanted.items():
        assert f"Code: {code}" in await floor.press_forged(floor.ana, card, f"v1:order.{action}"), action
    assert (await floor.order()).state is OrderState.CLAIMED


async def test_an_old_card_offers_the_current_one(floor: Floor) -> None:
    card = await floor.claimed(floor.bruno)
    for custom_id in ("v0:order.claim:1", "v2:order.why:1:release", "v1:order.claim:1:2", "v0:order.gone:1"):
        await floor.press_forged(floor.ana, card, custom_id)
        told = [m for m in floor.orders.visible_to(floor.ana) if "out of date" in m.text][-1]
        shown = await floor.click(floor.ana, told, "Show the current one")
        assert "#1 · Under way" in shown.text, custom_id


async def test_flags_of_a_forged_completion_give_a_booster_no_bonus(floor: Floor) -> None:
    card = await floor.claimed()
    told = await floor.press_forged(floor.ana, card, "v1:order.complete:1:D1:7200:yyn:0:000000000000")
    assert "order.bonuses_not_yours" in told
    await floor.stage.deliver()
    told = await floor.press_forged(floor.ana, card, "v1:order.complete:1:D1:7200:ddd:5000:000000000000")
    assert "permission.denied" in told
    assert await floor.entry_count() == 0


async def test_a_completion_with_another_hash_is_shown_again_and_posts_nothing(floor: Floor) -> None:
    card = await floor.claimed()
    told = await floor.press_forged(floor.ana, card, "v1:order.complete:1:D1:7200:ddd:0:000000000000")
    assert "The figures changed since you looked. The order was not completed." in told
    assert await floor.entry_count() == 0
