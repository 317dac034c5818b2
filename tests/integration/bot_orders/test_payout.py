"""Where a booster is paid: set from /me, sealed, held, told to the owner, on the pay sheet afterwards."""

from datetime import timedelta

from domain.kernel.actor import Actor
from domain.orders.dto import Completion
from tests.integration.bot_orders.floor import Floor

IBAN = "ES91 2100 0418 4502 0005 1332"


async def _sheet(floor: Floor, owner: Actor) -> str:
    """Approve and pay what is owed; the pay sheet."""
    payroll = floor.stage.services.payroll
    preview = await payroll.preview(owner)
    run = await payroll.approve(owner.for_step("approve"), preview.hash)
    await payroll.pay(owner.for_step("pay"), run.id, preview.hash)
    return (await payroll.csv(owner, run.number, "en")).decode("utf-8-sig")


async def test_a_payout_address_is_sealed_held_told_and_then_on_the_pay_sheet(floor: Floor) -> None:
    form = await floor.ana.click(await floor.slash(floor.ana, "me"), "🏦 Payout address")
    kept = await floor.stage.settled(await floor.ana.submit(form, {"address": IBAN}))
    assert kept.ephemeral
    assert "Your payout address is saved" in kept.text
    assert "Until then the payroll file has no address for you." in kept.text
    assert IBAN not in kept.text
    await floor.stage.deliver()
    assert any("Ana" in message.text and IBAN not in message.text for message in floor.stage.olivia.inbox)
    owner = await floor.stage.as_owner()
    async with floor.stage.db.tx(owner) as tx:
        sealed = await tx.value(
            "SELECT payout_pending_sealed FROM staff_profiles WHERE payout_pending_sealed IS NOT NULL"
        )
    assert IBAN.encode() not in bytes(sealed)
    floor.stage.clock.advance(timedelta(hours=25))
    await floor.claimed(account="")
    await floor.stage.services.orders.complete(owner.for_step("complete"), 1, Completion("D1", 6000))
    assert IBAN in await _sheet(floor, owner)


async def test_the_same_address_again_changes_nothing(floor: Floor) -> None:
    for expected in ("Your payout address is saved", "It is used from"):
        form = await floor.ana.click(await floor.slash(floor.ana, "me"), "🏦 Payout address")
        kept = await floor.stage.settled(await floor.ana.submit(form, {"address": IBAN}))
        assert expected in kept.text
    await floor.stage.deliver()
    assert len([message for message in floor.stage.olivia.inbox if "Ana" in message.text]) == 1
