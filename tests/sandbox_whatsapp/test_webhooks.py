"""How webhooks arrive: packed, twice, late, shuffled, again; and not at all."""

import asyncio
from datetime import timedelta

import pytest

from sandbox.clock import ManualClock
from sandbox.whatsapp import Number, Phone, WhatsAppEmulator
from sandbox.whatsapp.envelopes import Packing
from tests.sandbox_whatsapp.harness import Business, Graph


async def test_several_messages_come_in_one_post_or_in_several(
    number: Number, marta: Phone, business: Business
) -> None:
    await marta.write_several(number, ["a", "b", "c"], as_one_post=True)
    assert len(business.bodies) == 1
    assert [message["text"]["body"] for message in business.items("messages")] == ["a", "b", "c"]
    assert len(next(business.changes())["value"]["contacts"]) == 1
    await marta.write_several(number, ["d", "e"])
    assert len(business.bodies) == 3


@pytest.mark.parametrize(
    ("packing", "shape"),
    [
        ("apart", [(1, 1, 1)] * 5),
        ("items", [(2, 2, 5)]),
        ("changes", [(2, 5, 5)]),
        ("entries", [(5, 5, 5)]),
    ],
)
async def test_what_was_held_back_is_packed_as_asked(
    whatsapp: WhatsAppEmulator,
    number: Number,
    marta: Phone,
    business: Business,
    packing: Packing,
    shape: list[tuple[int, int, int]],
) -> None:
    other = whatsapp.add_number("34911000222", app=number.app)
    luis = whatsapp.add_phone("34600333444", name="Luis")
    whatsapp.webhooks.hold()
    await marta.write_several(number, ["a", "b"])
    await luis.write(number, "c")
    await luis.write_several(other, ["d", "e"])
    assert (business.bodies, whatsapp.webhooks.held_count) == ([], 5)
    await whatsapp.webhooks.release(packing)
    found = []
    for post in business.posts:
        changes = [change for entry in post["entry"] for change in entry["changes"]]
        items = [item for change in changes for item in change["value"]["messages"]]
        found.append((len(post["entry"]), len(changes), len(items)))
    assert (found, business.bad_signatures) == (shape, 0)


async def test_webhooks_are_doubled_shuffled_and_late(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, clock: ManualClock
) -> None:
    whatsapp.webhooks.copies = 2
    await marta.write(number, "twice")
    assert len(business.bodies) == 2
    assert business.bodies[0] == business.bodies[1]
    whatsapp.webhooks.copies = 1
    whatsapp.webhooks.hold()
    await marta.write_several(number, list("abcdef"))
    await whatsapp.webhooks.release(shuffle_seed=1, copies=2)
    arrived = [message["text"]["body"] for message in business.items("messages")[2:]]
    assert sorted(arrived) == sorted("aabbccddeeff")
    assert arrived != sorted(arrived)
    whatsapp.webhooks.delay_s = 5
    await marta.write(number, "late")
    assert len(business.bodies) == 14
    clock.advance(timedelta(seconds=5))
    await business.until(lambda: len(business.bodies) == 15)


async def test_one_post_may_hold_the_same_message_twice_and_any_text_there_is(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business
) -> None:
    whatsapp.webhooks.hold()
    sent = await marta.write(number, "nul \x00, half a pair \ud83d")
    await whatsapp.webhooks.release("items", repeats=2)
    assert [message["id"] for message in business.items("messages")] == [sent.id, sent.id]
    assert business.items("messages")[0]["text"]["body"] == "nul \x00, half a pair \ud83d"
    assert (len(business.bodies), business.bad_signatures) == (1, 0)


async def test_a_refused_webhook_comes_again_with_growing_gaps_and_is_lost_in_the_end(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, clock: ManualClock
) -> None:
    whatsapp.webhooks.retry_gaps_s = (1, 10)
    business.status = 503
    await marta.write(number, "hi")
    clock.advance(timedelta(seconds=1))
    await business.until(lambda: len(business.bodies) == 2)
    await whatsapp.settled()
    clock.advance(timedelta(seconds=9))
    await asyncio.sleep(0.05)
    assert len(business.bodies) == 2
    business.status = 200
    clock.advance(timedelta(seconds=1))
    await whatsapp.settled()
    assert len(set(business.bodies)) == 1
    assert (whatsapp.webhooks.delivered_count, whatsapp.webhooks.lost_count) == (1, 0)
    assert [attempt.status for attempt in whatsapp.webhooks.attempts] == [503, 503, 200]
    business.status = 500
    whatsapp.webhooks.retry_gaps_s = ()
    await marta.write(number, "lost")
    assert whatsapp.webhooks.lost_count == 1


async def test_nobody_at_the_address_counts_as_a_failed_try(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, clock: ManualClock
) -> None:
    number.app.callback_url = "http://127.0.0.1:9/hook"
    await marta.write(number, "hi")
    assert [attempt.status for attempt in whatsapp.webhooks.attempts] == [0]
    number.app.callback_url = business.url
    clock.advance(timedelta(seconds=1))
    await business.until(lambda: len(business.bodies) == 1)


async def test_an_account_that_is_not_subscribed_hears_nothing(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, graph: Graph
) -> None:
    path = f"{number.waba_id}/subscribed_apps"
    assert await graph.call("DELETE", path) == (200, {"success": True})
    await marta.write(number, "hi")
    assert (business.bodies, whatsapp.webhooks.unsent_count) == ([], 1)
    assert (await graph.call("GET", path))[1] == {"data": []}
    assert await graph.call("POST", path) == (200, {"success": True})
    await marta.write(number, "hi")
    assert len(business.bodies) == 1


async def test_a_forged_signature_can_be_sent(whatsapp: WhatsAppEmulator, number: Number, business: Business) -> None:
    await whatsapp.webhooks.post_bytes(number.app, b"{}", signed="sha256=" + "0" * 64)
    assert business.bad_signatures == 1
