"""What becomes of a message: statuses, windows, rates, recipients."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import ManualClock
from sandbox.whatsapp import Number, Phone, WhatsAppEmulator
from tests.sandbox_whatsapp.harness import Business, Graph, error_of

HELLO = {"name": "hello", "language": {"code": "en"}}


async def test_statuses_may_come_before_the_answer_and_carry_the_tracker(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, graph: Graph
) -> None:
    await marta.write(number, "hi")
    whatsapp.statuses.are_before_answer = True
    status, answer = await graph.text(marta.wa_id, biz_opaque_callback_data="outbox-7")
    reported = business.items("statuses")
    assert status == 200
    assert [item["status"] for item in reported] == ["sent", "delivered", "read"]
    assert {item["biz_opaque_callback_data"] for item in reported} == {"outbox-7"}
    assert {item["id"] for item in reported} == {answer["messages"][0]["id"]}


async def test_statuses_may_come_in_any_order_be_kept_back_and_be_collected(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, graph: Graph
) -> None:
    await marta.write(number, "hi")
    whatsapp.statuses.plan = ("read", "delivered", "sent")
    first = await graph.accepted(marta.wa_id, type="text", text={"body": "1"})
    await business.until(lambda: business.statuses(first) == ["read", "delivered", "sent"])
    assert whatsapp.sent_to(marta)[0].status == "read"
    whatsapp.statuses.withhold()
    second = await graph.accepted(marta.wa_id, type="text", text={"body": "2"})
    await whatsapp.settled()
    assert business.statuses(second) == []
    await whatsapp.statuses.release(reverse=True)
    assert business.statuses(second) == ["sent", "delivered", "read"]
    whatsapp.statuses.gather_s = 0.05
    count = len(business.bodies)
    third = await graph.accepted(marta.wa_id, type="text", text={"body": "3"})
    await business.until(lambda: len(business.statuses(third)) == 3)
    assert len(business.bodies) == count + 1


async def test_a_phone_that_is_off_gets_everything_later(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, business: Business, graph: Graph
) -> None:
    await marta.write(number, "hi")
    marta.reads_at_once = False
    marta.go_offline()
    wamid = await graph.accepted(marta.wa_id, type="text", text={"body": "later"})
    await whatsapp.settled()
    assert (business.statuses(wamid), marta.inbox) == (["sent"], [])
    await marta.go_online()
    assert business.statuses(wamid) == ["sent", "delivered"]
    await marta.read(number)
    assert business.statuses(wamid)[-1] == "read"
    assert (await marta.received("later")).status == "read"


async def test_outside_24_hours_only_templates_arrive(
    whatsapp: WhatsAppEmulator,
    number: Number,
    marta: Phone,
    business: Business,
    graph: Graph,
    clock: ManualClock,
) -> None:
    whatsapp.add_template(number, "hello", "en", "Hello")
    await marta.write(number, "hi")
    clock.advance(timedelta(hours=24))
    wamid = await graph.accepted(marta.wa_id, type="text", text={"body": "late"})
    await business.until(lambda: business.statuses(wamid) == ["failed"])
    assert business.items("statuses")[-1]["errors"][0]["code"] == 131047
    await graph.accepted(marta.wa_id, type="template", template=HELLO)
    assert [message.text for message in marta.inbox] == ["Hello"]


@pytest.mark.parametrize(("answered_after_h", "is_open"), [(23, True), (25, False)])
async def test_an_ad_opens_72_hours_when_answered_within_24(
    number: Number,
    marta: Phone,
    graph: Graph,
    clock: ManualClock,
    whatsapp: WhatsAppEmulator,
    answered_after_h: int,
    is_open: bool,
) -> None:
    whatsapp.add_template(number, "hello", "en", "Hello")
    await marta.click_ad(number, "I saw the ad")
    clock.advance(timedelta(hours=answered_after_h))
    await graph.accepted(marta.wa_id, type="template", template=HELLO)
    clock.advance(timedelta(hours=71))
    await graph.accepted(marta.wa_id, type="text", text={"body": "still there?"})
    await whatsapp.settled()
    assert (whatsapp.sent_to(marta)[-1].error_code is None) is is_open
    if is_open:
        assert (whatsapp.sent_to(marta)[-1].billing or {})["type"] == "free_entry_point"


async def test_one_person_gets_45_at_once_and_then_one_in_six_seconds(
    number: Number, marta: Phone, graph: Graph, clock: ManualClock, whatsapp: WhatsAppEmulator
) -> None:
    await marta.write(number, "hi")
    answers = [(await graph.text(marta.wa_id))[0] for _ in range(45)]
    assert answers == [200] * 45
    assert error_of(await graph.text(marta.wa_id)) == (400, 131056)
    other = whatsapp.add_phone("34600333444", name="Luis")
    assert (await graph.text(other.wa_id))[0] == 200
    clock.advance(timedelta(seconds=6))
    assert [(await graph.text(marta.wa_id))[0] for _ in range(2)] == [200, 400]
    number.limits.limits_pairs = False
    assert (await graph.text(marta.wa_id))[0] == 200


async def test_a_number_with_a_phone_app_sends_20_a_second(
    whatsapp: WhatsAppEmulator, marta: Phone, graph: Graph, clock: ManualClock
) -> None:
    graph.number = whatsapp.add_number("34911000222", is_coexistence=True, limits_pairs=False)
    assert [(await graph.text(marta.wa_id))[0] for _ in range(20)] == [200] * 20
    assert error_of(await graph.text(marta.wa_id)) == (400, 130429)
    clock.advance(timedelta(seconds=1))
    assert (await graph.text(marta.wa_id))[0] == 200


@pytest.mark.parametrize(
    ("canonical", "written", "is_reached"),
    [
        ("551187654321", "+55 11 9 8765-4321", True),
        ("5511987654321", "551187654321", True),
        ("541155556666", "5491155556666", True),
        ("5491155556666", "541155556666", False),
        ("5215512345678", "525512345678", True),
        ("525512345678", "5215512345678", True),
    ],
)
async def test_the_answer_names_the_canonical_number(
    whatsapp: WhatsAppEmulator, number: Number, graph: Graph, canonical: str, written: str, is_reached: bool
) -> None:
    phone = whatsapp.add_phone(canonical, name="Ana")
    await phone.write(number, "oi")
    _, answer = await graph.text(written)
    assert (answer["contacts"][0]["wa_id"] == canonical) is is_reached
    assert (len(phone.inbox) == 1) is is_reached


async def test_a_number_without_whatsapp_fails_later(graph: Graph, business: Business) -> None:
    wamid = await graph.accepted("34600777888", type="text", text={"body": "anybody?"})
    await business.until(lambda: business.statuses(wamid) == ["failed"])
    assert business.items("statuses")[-1]["errors"][0]["code"] == 131026


async def test_a_hidden_number_is_reached_by_its_user_id_and_only_as_recipient(
    whatsapp: WhatsAppEmulator, number: Number, graph: Graph, business: Business
) -> None:
    phone = whatsapp.add_phone("16505551234", name="Sheena", username="sheena", bsuid="US.134912", hides_number=True)
    await phone.write(number, "hi")
    assert "16505551234" not in business.bodies[0].decode()
    contact = next(business.changes())["value"]["contacts"][0]
    assert contact == {
        "profile": {"name": "Sheena", "username": "sheena"},
        "user_id": "US.134912",
        "parent_user_id": "US.ENT.134912",
    }
    status, answer = await graph.send(None, recipient="US.134912", type="text", text={"body": "yes"})
    assert (status, answer["contacts"]) == (200, [{"input": "US.134912", "user_id": "US.134912"}])
    wamid = answer["messages"][0]["id"]
    await business.until(lambda: len(business.statuses(wamid)) == 3)
    assert "recipient_id" not in business.items("statuses")[-1]
    dropped = await graph.accepted("US.134912", type="text", text={"body": "lost"})
    await whatsapp.settled()
    assert (business.statuses(dropped), len(phone.inbox)) == ([], 1)
    whatsapp.add_template(number, "code", "en", "Code", category="AUTHENTICATION")
    secret = {"name": "code", "language": {"code": "en"}}
    assert error_of(await graph.send(None, recipient="US.134912", type="template", template=secret))[1] == 131062


async def test_the_first_thousand_answers_of_a_month_are_free(
    number: Number, marta: Phone, graph: Graph, whatsapp: WhatsAppEmulator, clock: ManualClock
) -> None:
    assert clock.now() > datetime(2026, 10, 1, tzinfo=UTC)
    number.service_counts["2026-11"] = 999
    await marta.write(number, "hi")
    for _ in range(2):
        await graph.text(marta.wa_id)
    await whatsapp.settled()
    billed = [(message.billing or {})["billable"] for message in whatsapp.sent_to(marta)]
    assert billed == [False, True]


async def test_a_reaction_to_nothing_fails_later_and_a_real_one_is_shown(
    number: Number, marta: Phone, graph: Graph, business: Business, whatsapp: WhatsAppEmulator
) -> None:
    asked = await marta.write(number, "hi")
    await graph.accepted(marta.wa_id, type="reaction", reaction={"message_id": asked.id, "emoji": "👍"})
    assert asked.reactions == {"business": "👍"}
    await graph.accepted(marta.wa_id, type="reaction", reaction={"message_id": asked.id, "emoji": ""})
    assert (asked.reactions, marta.inbox) == ({}, [])
    wamid = await graph.accepted(marta.wa_id, type="reaction", reaction={"message_id": "wamid.X", "emoji": "👍"})
    await business.until(lambda: business.statuses(wamid) == ["failed"])
    failed = next(item for item in business.items("statuses") if item["id"] == wamid)
    assert failed["errors"][0]["code"] == 131009


async def test_reading_marks_everything_before_and_typing_lasts_25_seconds(
    number: Number, marta: Phone, graph: Graph, clock: ManualClock
) -> None:
    first, second, third = [await marta.write(number, text) for text in ("1", "2", "3")]
    seen = {"status": "read", "message_id": second.id}
    typing = {"typing_indicator": {"type": "text"}}
    assert await graph.send(None, **seen) == (200, {"success": True})
    assert [m.is_read_by_business for m in (first, second, third)] == [True, True, False]
    await graph.send(None, **seen, **typing)
    assert marta.is_typing_shown(number)
    clock.advance(timedelta(seconds=25))
    assert not marta.is_typing_shown(number)
    assert error_of(await graph.send(None, status="read", message_id="wamid.X"))[1] == 131009
    assert error_of(await graph.send(None, status="played", message_id=second.id))[1] == 100
