"""Every limit of a message, with the code that Graph answers; and what is just inside is taken."""

import random
from typing import Any

import pytest

from sandbox.whatsapp import Button, Number, Phone, WhatsAppEmulator
from tests.sandbox_whatsapp.harness import Graph, error_of

Json = dict[str, Any]


def interactive(kind: str, action: Json, body: str = "Choose", **more: Any) -> Json:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": body}, "action": action, **more}}


def buttons(*pairs: tuple[str, str], **more: Any) -> Json:
    given = [{"type": "reply", "reply": {"id": own_id, "title": title}} for own_id, title in pairs]
    return interactive("button", {"buttons": given}, **more)


def rows(count: int, button: str = "Open", **more: Any) -> Json:
    given = [{"id": str(i), "title": f"row {i}", **more} for i in range(count)]
    return interactive("list", {"button": button, "sections": [{"title": "S", "rows": given}]})


def link(text: str = "Pay", url: str = "https://pay.example") -> Json:
    return interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": text, "url": url}})


def image(**more: Any) -> Json:
    return {"type": "image", "image": {"link": "https://img.example/a.jpg", **more}}


THREE = (("a", "A"), ("b", "B"), ("c", "C"))
ONE = (("a", "A"),)
TAKEN: dict[str, Json] = {
    "text": {"type": "text", "text": {"body": "x" * 4096, "preview_url": True}},
    "buttons": buttons(*THREE, body="x" * 1024, footer={"text": "x" * 60}, header={"type": "text", "text": "x" * 60}),
    "titles": buttons(("x" * 256, "x" * 20)),
    "rows": rows(10),
    "row texts": rows(1, "x" * 20, id="x" * 200, title="x" * 24, description="x" * 72),
    "list body": interactive(
        "list", {"button": "Open", "sections": [{"rows": [{"id": "a", "title": "A"}]}]}, body="x" * 4096
    ),
    "link": link(),
    "caption": image(caption="x" * 1024),
    "location": {"type": "location", "location": {"latitude": "40.4", "longitude": -3.7}},
    "contacts": {"type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}]},
    "tracker": {"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "x" * 512},
}
REFUSED: dict[str, tuple[Json, int]] = {
    "text too long": ({"type": "text", "text": {"body": "x" * 4097}}, 100),
    "text empty": ({"type": "text", "text": {"body": ""}}, 131008),
    "text missing": ({"type": "text"}, 131008),
    "text not a text": ({"type": "text", "text": {"body": 7}}, 100),
    "unknown field": ({"type": "text", "text": {"body": "x", "bodie": "y"}}, 100),
    "unknown field at the top": ({"type": "text", "text": {"body": "x"}, "txt": 1}, 100),
    "unknown type": ({"type": "poll", "poll": {}}, 100),
    "group": ({"type": "text", "text": {"body": "x"}, "recipient_type": "group"}, 100),
    "context without id": ({"type": "text", "text": {"body": "x"}, "context": {}}, 131008),
    "tracker too long": ({"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "x" * 513}, 100),
    "body too long": (buttons(*ONE, body="x" * 1025), 131009),
    "header too long": (buttons(*ONE, header={"type": "text", "text": "x" * 61}), 131009),
    "footer too long": (buttons(*ONE, footer={"text": "x" * 61}), 131009),
    "four buttons": (buttons(*THREE, ("d", "D")), 131009),
    "no buttons": (interactive("button", {"buttons": []}), 131008),
    "same id twice": (buttons(("a", "A"), ("a", "B")), 131009),
    "same title twice": (buttons(("a", "A"), ("b", "A")), 131009),
    "title too long": (buttons(("a", "x" * 21)), 131009),
    "button id too long": (buttons(("x" * 257, "A")), 131009),
    "eleven rows": (rows(11), 131009),
    "no rows": (rows(0), 131008),
    "same row twice": (rows(2, id="a"), 131009),
    "row title too long": (rows(1, title="x" * 25), 131009),
    "row description too long": (rows(1, description="x" * 73), 131009),
    "row id too long": (rows(1, id="x" * 201), 131009),
    "list button too long": (rows(1, "x" * 21), 131009),
    "list with a picture above": (
        interactive("list", rows(1)["interactive"]["action"], header={"type": "image", "image": {"id": "1"}}),
        131009,
    ),
    "link that is none": (link(url="javascript:alert(1)"), 131009),
    "link text too long": (link("x" * 21), 131009),
    "unknown interactive": (interactive("quiz", {}), 100),
    "caption too long": (image(caption="x" * 1025), 100),
    "picture from nowhere": ({"type": "image", "image": {}}, 131008),
    "picture by id and link": (image(id="1"), 100),
    "picture of unknown id": ({"type": "image", "image": {"id": "1"}}, 131009),
    "picture link that is none": ({"type": "image", "image": {"link": "file:///etc/passwd"}}, 100),
    "caption on audio": ({"type": "audio", "audio": {"link": "https://a.example", "caption": "x"}}, 100),
    "reaction without target": ({"type": "reaction", "reaction": {"emoji": "👍"}}, 131008),
    "reaction in letters": ({"type": "reaction", "reaction": {"message_id": "x", "emoji": "ok"}}, 131009),
    "place off the globe": ({"type": "location", "location": {"latitude": 91, "longitude": 0}}, 131009),
    "template unknown": ({"type": "template", "template": {"name": "no", "language": {"code": "en"}}}, 132001),
    "template without language": ({"type": "template", "template": {"name": "no"}}, 131008),
}


@pytest.mark.parametrize("name", TAKEN)
async def test_what_is_just_inside_a_limit_is_taken(name: str, graph: Graph, marta: Phone, number: Number) -> None:
    await marta.write(number, "hi")
    status, answer = await graph.send(marta.wa_id, **TAKEN[name])
    assert status == 200, answer
    assert marta.inbox[-1].id == answer["messages"][0]["id"]


@pytest.mark.parametrize("name", REFUSED)
async def test_what_breaks_a_limit_is_refused_and_not_sent(
    name: str, graph: Graph, marta: Phone, number: Number, whatsapp: WhatsAppEmulator
) -> None:
    await marta.write(number, "hi")
    content, code = REFUSED[name]
    assert error_of(await graph.send(marta.wa_id, **content))[1] == code
    assert whatsapp.sent_to(marta) == []


@pytest.mark.parametrize(("to", "code"), [(None, 131008), ("", 131008), ("marta", 131009), ("34911000111", 131021)])
async def test_a_recipient_has_to_be_somebody_else(graph: Graph, to: str | None, code: int) -> None:
    assert error_of(await graph.send(to, type="text", text={"body": "x"}))[1] == code


async def test_the_product_is_always_named(graph: Graph, number: Number) -> None:
    body = {"to": "34600111222", "type": "text", "text": {"body": "x"}}
    assert error_of(await graph.call("POST", f"{number.phone_number_id}/messages", json=body)) == (400, 100)
    assert error_of(await graph.call("POST", f"{number.phone_number_id}/messages", data=b"{no")) == (400, 100)


@pytest.mark.parametrize(
    ("status", "components", "code"),
    [
        ("APPROVED", [], 132000),
        ("APPROVED", [{"type": "body", "parameters": [{"type": "text", "text": "Ana"}] * 3}], 132000),
        ("APPROVED", [{"type": "body", "parameters": [{"type": "text"}] * 2}], 132012),
        ("APPROVED", [{"type": "body", "parameters": [{"type": "text", "text": "x" * 600}] * 2}], 132005),
        ("PAUSED", [], 132015),
        ("DISABLED", [], 132016),
        ("PENDING", [], 132001),
    ],
)
async def test_a_template_is_refused_by_its_state_and_its_parameters(
    whatsapp: WhatsAppEmulator, number: Number, graph: Graph, status: str, components: list[Json], code: int
) -> None:
    whatsapp.add_template(number, "ready", "es", "Hola {{1}}, {{2}}", status=status)
    content = {"name": "ready", "language": {"code": "es"}} | ({"components": components} if components else {})
    assert error_of(await graph.send("34600111222", type="template", template=content))[1] == code


async def test_a_template_with_names_a_header_and_buttons_is_filled_in(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, graph: Graph
) -> None:
    pressed = [Button("", "Yes", "quick_reply"), Button("", "See", "url", "https://x.example/{{1}}")]
    whatsapp.add_template(number, "ready", "es", "Order {{order}}", header="Hi {{name}}", buttons=pressed)
    named = [
        {"type": "header", "parameters": [{"type": "text", "parameter_name": "name", "text": "Ana"}]},
        {"type": "body", "parameters": [{"type": "text", "parameter_name": "order", "text": "77"}]},
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "0",
            "parameters": [{"type": "payload", "payload": "y"}],
        },
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "77"}]},
    ]
    content = {"name": "ready", "language": {"code": "es"}, "components": named}
    await graph.accepted(marta.wa_id, type="template", template=content)
    shown = marta.inbox[0]
    assert shown.shown() == "Hi Ana\nOrder 77\n[Yes]\n[See]"
    assert [(button.id, button.url) for button in shown.buttons] == [("y", ""), ("", "https://x.example/77")]


async def test_garbled_calls_are_always_answered_in_graphs_shape(
    whatsapp: WhatsAppEmulator, graph: Graph, marta: Phone, number: Number
) -> None:
    """One field after another is replaced by something else: it is taken or refused, never a crash."""
    number.limits.per_s, number.limits.limits_pairs = None, False
    await marta.write(number, "hi")
    draw = random.Random(3)
    whatsapp.add_template(number, "ready", "es", "Hola {{1}}")
    component = {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}
    filled = {"name": "ready", "language": {"code": "es"}, "components": [component]}
    bases = [*TAKEN.values(), *(content for content, _ in REFUSED.values()), {"type": "template", "template": filled}]
    for content in bases:
        for _ in range(6):
            body = {"messaging_product": "whatsapp", "to": marta.wa_id, **content}
            garbled = {key: _garbled(inside, draw) for key, inside in body.items()}
            status, answer = await graph.call("POST", f"{number.phone_number_id}/messages", json=garbled)
            assert status == 200 or answer["error"]["code"], answer


def _garbled(value: Any, draw: random.Random) -> Any:
    if draw.random() < 0.15:
        return draw.choice([None, 7, "", "x", [], {}, [None], {"type": 1}, True])
    if isinstance(value, dict):
        return {key: _garbled(inside, draw) for key, inside in value.items()}
    return [_garbled(inside, draw) for inside in value] if isinstance(value, list) else value
