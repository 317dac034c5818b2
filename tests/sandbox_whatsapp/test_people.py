"""People do what their phone offers, and nothing else."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox.clock import ManualClock
from sandbox.whatsapp import ClientRefusal, Event, Message, Number, Phone, WhatsAppEmulator
from tests.sandbox_whatsapp.harness import Business, Graph

Json = dict[str, Any]


async def offered(whatsapp: WhatsAppEmulator, graph: Graph, to: Phone, kind: str, action: Json) -> Message:
    content = {"type": kind, "body": {"text": "Choose"}, "action": action}
    return whatsapp.world.messages[await graph.accepted(to.wa_id, type="interactive", interactive=content)]


YES_NO = {"buttons": [{"type": "reply", "reply": {"id": f"id-{t}", "title": t}} for t in ("Yes", "No")]}
RANKS = {"button": "Open", "sections": [{"title": "S", "rows": [{"id": "g", "title": "Gold", "description": "fast"}]}]}
FLOW = {"name": "flow", "parameters": {"flow_id": "1", "flow_cta": "Book", "flow_token": "tok"}}


async def test_only_buttons_and_rows_that_are_there_are_pressed(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, graph: Graph, business: Business
) -> None:
    await marta.write(number, "hi")
    asked = await offered(whatsapp, graph, marta, "button", YES_NO)
    assert asked.shown() == "Choose\n[Yes]\n[No]"
    with pytest.raises(ClientRefusal, match="there are: Yes, No"):
        await marta.press(asked, "Maybe")
    await marta.press(asked, "id-No")
    reply = business.items("messages")[-1]
    assert reply["interactive"] == {"type": "button_reply", "button_reply": {"id": "id-No", "title": "No"}}
    assert reply["context"] == {"from": "34911000111", "id": asked.id}
    listed = await offered(whatsapp, graph, marta, "list", RANKS)
    with pytest.raises(ClientRefusal, match="Gold"):
        await marta.choose(listed, "Silver")
    await marta.choose(listed, "Gold")
    chosen = business.items("messages")[-1]["interactive"]["list_reply"]
    assert chosen == {"id": "g", "title": "Gold", "description": "fast"}


async def test_a_flow_is_answered_with_its_token_in_a_json_text(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, graph: Graph, business: Business
) -> None:
    asked = await marta.write(number, "hi")
    flow = await offered(whatsapp, graph, marta, "flow", FLOW)
    with pytest.raises(ClientRefusal):
        await marta.answer_flow(asked, {})
    with pytest.raises(ClientRefusal, match="sends no message"):
        await marta.press(flow, "Book")
    await marta.answer_flow(flow, {"day": "Monday"})
    reply = business.items("messages")[-1]["interactive"]["nfm_reply"]
    assert json.loads(reply["response_json"]) == {"day": "Monday", "flow_token": "tok"}


async def test_nobody_acts_on_what_is_not_on_the_own_phone(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business
) -> None:
    luis = whatsapp.add_phone("34600333444", name="Luis")
    theirs = await luis.write(number, "mine")
    for act in (marta.reply_to(theirs, "x"), marta.press(theirs, "x"), marta.react(theirs, "👍"), marta.revoke(theirs)):
        with pytest.raises(ClientRefusal):
            await act
    with pytest.raises(ClientRefusal):
        await marta.write(number, " \n")
    with pytest.raises(ClientRefusal):
        await marta.order(number, [])
    assert len(business.bodies) == 1


async def test_own_messages_are_edited_for_15_minutes_and_deleted_for_60_hours(
    number: Number, marta: Phone, business: Business, clock: ManualClock
) -> None:
    first = await marta.write(number, "befor")
    await marta.edit(first, "before")
    edit = business.items("messages")[-1]
    assert edit["edit"] == {"original_message_id": first.id, "message": {"type": "text", "text": {"body": "before"}}}
    assert edit["id"] != first.id
    clock.advance(timedelta(minutes=16))
    with pytest.raises(ClientRefusal, match="late"):
        await marta.edit(first, "after")
    await marta.revoke(first)
    assert business.items("messages")[-1]["revoke"] == {"original_message_id": first.id}
    with pytest.raises(ClientRefusal, match="deleted"):
        await marta.reply_to(first, "x")


async def test_a_reaction_is_taken_back_once(number: Number, marta: Phone, business: Business) -> None:
    message = await marta.write(number, "hi")
    await marta.react(message, "👍")
    await marta.unreact(message, leaves_empty=False)
    with pytest.raises(ClientRefusal):
        await marta.unreact(message)
    spelt = [item["reaction"] for item in business.items("messages")[1:]]
    assert spelt == [{"message_id": message.id, "emoji": "👍"}, {"message_id": message.id}]


async def test_a_new_number_and_a_new_user_id_are_told_without_contacts(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, graph: Graph
) -> None:
    await marta.write(number, "hi")
    old_bsuid = marta.bsuid
    with pytest.raises(ClientRefusal):
        await marta.change_number("+34 600 111 222")
    await marta.change_number("34600999888")
    system = business.items("messages")[-1]
    assert (system["from"], system["system"]["wa_id"]) == ("34600111222", "34600999888")
    assert system["system"]["previous_user_id"] == old_bsuid != marta.bsuid
    assert "contacts" not in list(business.changes())[-1]["value"]
    await graph.text("34600999888", "you again")
    assert (await marta.received("again")).recipient == "34600999888"
    luis = whatsapp.add_phone("34600333444", name="Luis", username="luis", hides_number=True)
    await luis.write(number, "hi")
    before = luis.bsuid
    await luis.change_user_id()
    system = business.items("messages")[-1]
    assert "from" not in system
    assert system["system"]["type"] == "user_changed_user_id"
    assert (system["system"]["previous_user_id"], system["system"]["user_id"]) == (before, luis.bsuid)


async def test_the_phone_app_of_the_business_is_heard_as_an_echo(
    whatsapp: WhatsAppEmulator, marta: Phone, number: Number, business: Business
) -> None:
    with pytest.raises(ClientRefusal):
        await number.write_from_phone_app(marta, "hi")
    shop = whatsapp.add_number("34911000222", app=number.app, is_coexistence=True)
    await marta.write(shop, "hi")
    echo = await shop.write_from_phone_app(marta, "a person here")
    assert await marta.received("a person") is echo
    told = business.items("message_echoes")[0]
    assert (told["from"], told["to"], told["id"]) == ("34911000222", "34600111222", echo.id)
    assert list(business.changes())[-1]["field"] == "smb_message_echoes"
    await shop.share_history([marta], chunk_size=1)
    history = business.items("history")
    assert [chunk["metadata"]["progress"] for chunk in history] == [50, 100]
    assert history[0]["threads"][0]["messages"][0]["text"] == {"body": "hi"}
    await shop.decline_history()
    assert business.items("history")[-1]["errors"][0]["code"] == 2593109
    await shop.sync_contact(marta)
    await shop.sync_contact(marta, is_removed=True)
    assert [item["action"] for item in business.items("state_sync")] == ["add", "remove"]


async def test_a_first_contact_by_ad_may_be_unreadable(number: Number, marta: Phone, business: Business) -> None:
    await marta.send_unsupported(number)
    message = business.items("messages")[0]
    assert (message["type"], message["errors"][0]["code"]) == ("unsupported", 131060)
    await marta.click_ad(number, "info", ctwa_clid=None, source_type="post")
    referral = business.items("messages")[1]["referral"]
    assert (referral["source_type"], "ctwa_clid" in referral) == ("post", False)


async def test_a_blocked_number_reaches_nobody(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, graph: Graph
) -> None:
    await marta.write(number, "hi")
    marta.block(number)
    wamid = await graph.accepted(marta.wa_id, type="text", text={"body": "x"})
    await whatsapp.settled()
    assert (business.statuses(wamid), marta.inbox) == (["sent"], [])
    with pytest.raises(ClientRefusal):
        await marta.write(number, "hi")


async def test_each_message_is_handed_out_once_and_waited_for(number: Number, marta: Phone, graph: Graph) -> None:
    await marta.write(number, "hi")
    waiting = asyncio.create_task(marta.received("price"))
    await graph.text(marta.wa_id, "one moment")
    await graph.text(marta.wa_id, "the price is 30")
    assert (await waiting).text == "the price is 30"
    assert not await marta.received_nothing(0)
    await marta.received("moment")
    assert await marta.received_nothing(0.01)
    with pytest.raises(TimeoutError):
        await marta.received("price", timeout_s=0.05)


async def test_onlookers_hear_of_everything_in_order(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, graph: Graph
) -> None:
    events: list[Event] = []
    stop = whatsapp.on_event(events.append)
    message = await marta.write(number, "hi")
    await graph.send(None, status="read", message_id=message.id, typing_indicator={"type": "text"})
    await graph.text(marta.wa_id, "hello")
    await whatsapp.settled()
    await marta.react(marta.inbox[0], "👍")
    stop()
    await marta.write(number, "unheard")
    assert [(event.direction, event.kind, event.text) for event in events] == [
        ("to_business", "text", "hi"),
        ("to_phone", "typing", ""),
        ("to_phone", "text", "hello"),
        ("to_business", "status", "sent"),
        ("to_business", "status", "delivered"),
        ("to_business", "status", "read"),
        ("to_business", "reaction", "👍"),
    ]
    assert {(event.number, event.phone) for event in events} == {("34911000111", "34600111222")}
