"""Files in both directions; templates, numbers."""

import base64
import hashlib
import io
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.clock import ManualClock
from sandbox.whatsapp import ClientRefusal, Number, Phone, WhatsAppEmulator
from tests.sandbox_whatsapp.harness import Business, Graph, error_of

JPEG = b"\xff\xd8\xff\xe0 a picture"


async def fetched(graph: Graph, url: str, **headers: str) -> tuple[int, bytes]:
    async with graph.session.get(url, headers={**graph.headers, **headers}) as answer:
        return answer.status, await answer.read()


async def upload(graph: Graph, data: bytes, mime_type: str, **more: str) -> tuple[int, dict[str, Any]]:
    form = aiohttp.FormData({"messaging_product": "whatsapp", "type": mime_type, **more})
    form.add_field("file", io.BytesIO(data), filename="a file.bin", content_type=mime_type)
    return await graph.call("POST", f"{graph.number.phone_number_id}/media", data=form)


async def test_a_file_from_a_phone_is_described_and_fetched_while_its_address_lives(
    number: Number, marta: Phone, business: Business, graph: Graph, clock: ManualClock
) -> None:
    await marta.send_image(number, JPEG, caption="look")
    told = business.items("messages")[0]["image"]
    assert base64.b64decode(told["sha256"]) == hashlib.sha256(JPEG).digest()
    assert await fetched(graph, told["url"]) == (200, JPEG)
    status, described = await graph.call("GET", told["id"])
    assert (status, described["file_size"], described["mime_type"]) == (200, len(JPEG), "image/jpeg")
    assert described["sha256"] == hashlib.sha256(JPEG).hexdigest()
    assert await fetched(graph, described["url"]) == (200, JPEG)
    assert (await fetched(graph, described["url"], **{"User-Agent": ""}))[0] == 400
    assert (await fetched(graph, described["url"], Authorization="Bearer no"))[0] == 401
    assert (await fetched(graph, described["url"].replace("hash=", "hash=0")))[0] == 403
    clock.advance(timedelta(minutes=5, seconds=1))
    assert (await fetched(graph, described["url"]))[0] == 404
    clock.advance(timedelta(days=7))
    assert error_of(await graph.call("GET", told["id"])) == (400, 100)


async def test_a_file_of_another_account_does_not_exist(whatsapp: WhatsAppEmulator, graph: Graph) -> None:
    stranger = whatsapp.add_number("34911000999")
    media = whatsapp.add_media(stranger, JPEG, "image/jpeg")
    assert error_of(await graph.call("GET", media.id)) == (400, 100)


async def test_an_uploaded_file_is_sent_and_deleted(
    number: Number, marta: Phone, graph: Graph, whatsapp: WhatsAppEmulator
) -> None:
    await marta.write(number, "hi")
    status, answer = await upload(graph, b"%PDF", "application/pdf")
    assert status == 200
    await graph.accepted(marta.wa_id, type="document", document={"id": answer["id"], "filename": "bill.pdf"})
    shown = await marta.received("bill.pdf")
    assert shown.media is not None
    assert shown.media.data == b"%PDF"
    assert await graph.call("DELETE", answer["id"]) == (200, {"success": True})
    assert error_of(await graph.send(marta.wa_id, type="document", document={"id": answer["id"]}))[1] == 131009
    whatsapp.break_link("https://img.example/gone.jpg")
    await graph.accepted(marta.wa_id, type="image", image={"link": "https://img.example/gone.jpg"})
    await whatsapp.settled()
    assert whatsapp.sent_to(marta)[-1].error_code == 131053


@pytest.mark.parametrize(
    ("data", "mime_type", "code"),
    [
        (b"x" * (5 * 1024 * 1024 + 1), "image/jpeg", 131053),
        (b"x" * (100 * 1024 + 1), "image/webp", 131053),
        (b"RIFF....WEBPVP8X ANIM" + b"x" * 100 * 1024, "image/webp", None),
        (b"OggS", "audio/ogg; codecs=vorbis", 131053),
        (b"OggS", "audio/ogg; codecs=opus", None),
        (b"GIF89a", "image/gif", None),
    ],
    ids=["picture", "sticker", "animated", "vorbis", "opus", "gif"],
)
async def test_files_are_taken_by_type_and_size(graph: Graph, data: bytes, mime_type: str, code: int | None) -> None:
    status, answer = await upload(graph, data, mime_type)
    assert (None if status == 200 else answer["error"]["code"]) == code


async def test_a_file_of_the_wrong_kind_is_refused(graph: Graph, marta: Phone, number: Number) -> None:
    await marta.write(number, "hi")
    _, answer = await upload(graph, b"GIF89a", "image/gif")
    assert error_of(await graph.send(marta.wa_id, type="image", image={"id": answer["id"]}))[1] == 131053
    assert error_of(await upload(graph, b"x", "image/png", messaging_product="sms"))[1] == 100
    assert error_of(await graph.call("POST", f"{number.phone_number_id}/media", json={}))[1] == 100


async def test_a_phone_refuses_files_that_are_too_big(number: Number, marta: Phone) -> None:
    with pytest.raises(ClientRefusal):
        await marta.send_image(number, b"x" * (16 * 1024 * 1024 + 1))
    with pytest.raises(ClientRefusal):
        await marta.send_image(number, JPEG, caption="x" * 1025)


async def test_templates_are_listed_in_pages(whatsapp: WhatsAppEmulator, number: Number, graph: Graph) -> None:
    for i in range(5):
        whatsapp.add_template(number, f"t{i}", "es", "Hola {{name}}", status="APPROVED" if i else "PAUSED")
    path = f"{number.waba_id}/message_templates"
    _, first = await graph.call("GET", path, params={"limit": "2"})
    assert [t["name"] for t in first["data"]] == ["t0", "t1"]
    assert first["data"][0]["status"] == "PAUSED"
    assert first["data"][0]["parameter_format"] == "NAMED"
    assert first["data"][0]["components"] == [{"type": "BODY", "text": "Hola {{name}}"}]
    async with graph.session.get(first["paging"]["next"], headers=graph.headers) as answer:
        second = await answer.json()
    assert [t["name"] for t in second["data"]] == ["t2", "t3"]
    _, last = await graph.call("GET", path, params={"limit": "2", "after": second["paging"]["cursors"]["after"]})
    assert ([t["name"] for t in last["data"]], "next" in last["paging"]) == (["t4"], False)
    _, narrowed = await graph.call("GET", path, params={"status": "PAUSED", "fields": "name,status"})
    assert narrowed["data"] == [{"id": first["data"][0]["id"], "name": "t0", "status": "PAUSED"}]
    for bad in ({"limit": "0"}, {"after": "???"}):
        assert error_of(await graph.call("GET", path, params=bad)) == (400, 100)


async def test_a_change_of_a_template_is_told_and_takes_effect(
    whatsapp: WhatsAppEmulator, number: Number, graph: Graph, business: Business
) -> None:
    template = whatsapp.add_template(number, "hello", "en", "Hello")
    await whatsapp.set_template_status(number, template, "PAUSED")
    change = next(business.changes())
    assert (change["field"], change["value"]["event"]) == ("message_template_status_update", "PAUSED")
    content = {"name": "hello", "language": {"code": "en"}}
    assert error_of(await graph.send("34600111222", type="template", template=content))[1] == 132015


async def test_a_number_tells_its_state(number: Number, graph: Graph, whatsapp: WhatsAppEmulator) -> None:
    fields = {"fields": "display_phone_number,quality_rating,throughput"}
    assert await graph.call("GET", number.phone_number_id, params=fields) == (
        200,
        {
            "id": number.phone_number_id,
            "display_phone_number": "+34911000111",
            "quality_rating": "GREEN",
            "throughput": {"level": "STANDARD"},
        },
    )
    assert error_of(await graph.call("GET", number.phone_number_id, params={"fields": "colour"})) == (400, 100)
    graph.number = whatsapp.add_number("34911000222", is_coexistence=True)
    _, answer = await graph.call("GET", graph.number.phone_number_id)
    assert answer["throughput"] == {"level": "NOT_APPLICABLE"}
