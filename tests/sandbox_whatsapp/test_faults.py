"""Misfortunes of Graph, on demand."""

import asyncio

import aiohttp
import pytest

from sandbox.whatsapp import Number, Phone, WhatsAppEmulator
from tests.sandbox_whatsapp.harness import Business, Graph, error_of


async def test_the_next_calls_fail_with_a_code_for_one_recipient(
    whatsapp: WhatsAppEmulator, marta: Phone, graph: Graph
) -> None:
    fault = whatsapp.faults.fail("messages", 131056, times=2, to=marta.wa_id)
    assert (await graph.text("34600333444"))[0] == 200
    assert error_of(await graph.text("+" + marta.wa_id)) == (400, 131056)
    assert error_of(await graph.text(marta.wa_id)) == (400, 131056)
    assert (await graph.text(marta.wa_id))[0] == 200
    assert fault.caught_count == 2
    assert len(whatsapp.sent_to(marta)) == 1
    assert [call.status for call in whatsapp.calls] == [200, 400, 400, 200]
    assert whatsapp.counts == {"messages": 4}


@pytest.mark.parametrize(("status", "body"), [(429, b""), (500, b'{"error":{"code":1}}'), (502, b"<html>")])
async def test_a_proxy_answers_instead(
    whatsapp: WhatsAppEmulator, marta: Phone, graph: Graph, status: int, body: bytes
) -> None:
    whatsapp.faults.answer("*", status, body, headers={"Retry-After": "3"})
    url = f"{graph.origin}/v26.0/{graph.number.phone_number_id}/messages"
    content = {"messaging_product": "whatsapp", "to": marta.wa_id, "text": {"body": "x"}}
    async with graph.session.post(url, json=content, headers=graph.headers) as answer:
        assert (answer.status, await answer.read(), answer.headers["Retry-After"]) == (status, body, "3")
    assert whatsapp.sent_to(marta) == []


async def test_a_lost_answer_hides_a_message_that_was_sent(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, graph: Graph, business: Business
) -> None:
    await marta.write(number, "hi")
    whatsapp.faults.lose_answer()
    with pytest.raises(aiohttp.ClientError):
        await graph.text(marta.wa_id, "once", biz_opaque_callback_data="outbox-9")
    assert (await marta.received("once")).tracker == "outbox-9"
    await business.until(lambda: len(business.items("statuses")) == 3)
    assert whatsapp.calls[-1].status == 0


async def test_a_reset_connection_sends_nothing(whatsapp: WhatsAppEmulator, marta: Phone, graph: Graph) -> None:
    whatsapp.faults.reset("messages")
    with pytest.raises(aiohttp.ClientError):
        await graph.text(marta.wa_id)
    assert whatsapp.sent_to(marta) == []


async def test_a_slow_call_and_a_held_one(whatsapp: WhatsAppEmulator, marta: Phone, graph: Graph) -> None:
    whatsapp.faults.slow("messages", 0.2)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert (await graph.text(marta.wa_id))[0] == 200
    assert loop.time() - begun >= 0.2
    held = whatsapp.faults.hold("messages", is_served=True)
    task = asyncio.create_task(graph.text(marta.wa_id))
    await whatsapp.wait_until(lambda: len(whatsapp.sent_to(marta)) == 2)
    assert not task.done()
    held.release()
    assert (await task)[0] == 200


async def test_a_call_whose_client_has_gone_is_not_served_after_a_hold(
    whatsapp: WhatsAppEmulator, marta: Phone, graph: Graph
) -> None:
    held = whatsapp.faults.hold("messages")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(graph.text(marta.wa_id), 0.1)
    await asyncio.sleep(0.05)
    held.release()
    await whatsapp.wait_until(lambda: len(whatsapp.calls) == 1)
    assert whatsapp.sent_to(marta) == []


async def test_a_message_fails_after_it_was_sent(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, graph: Graph, business: Business
) -> None:
    await marta.write(number, "hi")
    whatsapp.faults.fail_later(131049, is_after_sent=True)
    wamid = await graph.accepted(marta.wa_id, type="text", text={"body": "x"})
    await business.until(lambda: business.statuses(wamid) == ["sent", "failed"])
    assert marta.inbox == []


async def test_graph_goes_away_and_comes_back(whatsapp: WhatsAppEmulator, marta: Phone, graph: Graph) -> None:
    assert (await graph.text(marta.wa_id))[0] == 200
    await whatsapp.go_away()
    with pytest.raises(aiohttp.ClientError):
        await graph.text(marta.wa_id)  # over the connection that was kept
    async with aiohttp.ClientSession() as fresh:
        with pytest.raises(aiohttp.ClientConnectorError):
            await fresh.get(whatsapp.origin)
    await whatsapp.come_back()
    assert (await graph.text(marta.wa_id))[0] == 200


async def test_clearing_ends_every_fault(whatsapp: WhatsAppEmulator, marta: Phone, graph: Graph) -> None:
    whatsapp.faults.fail("*", 131000, times=None)
    assert error_of(await graph.text(marta.wa_id)) == (500, 131000)
    whatsapp.faults.clear()
    assert whatsapp.faults.is_quiet
    assert (await graph.text(marta.wa_id))[0] == 200
