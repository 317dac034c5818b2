"""What belongs to a template besides its text: a file or a place above it, a code to copy; and what Graph answers."""

import io
from typing import Any

import aiohttp
import pytest

from sandbox.whatsapp import Button, Number, Phone, WhatsAppEmulator
from tests.sandbox_whatsapp.harness import Graph, error_of

Json = dict[str, Any]
FILES = {"png": ("image", "image/png"), "gif": ("image", "image/gif"), "docx": ("document", "application/msword"),
         "pdf": ("document", "application/pdf")}  # fmt: skip
BUTTONS = {
    "COUPON": Button("", "Copy", "copy_code"), "URL": Button("", "See", "url", "https://x.example/{{1}}"),
}  # fmt: skip


async def uploaded(graph: Graph, name: str, **more: str) -> Json:
    """A header's component with a file that was handed over before."""
    kind, mime = FILES[name]
    form = aiohttp.FormData({"messaging_product": "whatsapp", "type": mime})
    form.add_field("file", io.BytesIO(b"x"), filename=name, content_type=mime)
    _, answer = await graph.call("POST", f"{graph.number.phone_number_id}/media", data=form)
    return _header(kind, id=answer["id"], **more)


def _header(kind: str, **content: str) -> Json:
    return {"type": "header", "parameters": [{"type": kind, kind: content}]}


def _coupon(code: str, kind: str = "copy_code") -> Json:
    return {
        "type": "button",
        "sub_type": kind,
        "index": "0",
        "parameters": [{"type": "coupon_code", "coupon_code": code}],
    }


@pytest.mark.parametrize(
    ("form", "components", "code", "details"),
    [
        ("IMAGE", [], 132012, "header: Format mismatch, expected IMAGE, received UNKNOWN"),
        ("VIDEO", ["png"], 132012, "header: Format mismatch, expected VIDEO, received IMAGE"),
        ("LOCATION", [], 132012, "header: Format mismatch, expected LOCATION, received UNKNOWN"),
        ("IMAGE", [_header("image", id="1")], 131009, "Media ID is not valid"),
        ("IMAGE", [_header("image", link="https://x.example/a.png", caption="x")], 100, "caption"),
        ("DOCUMENT", [_header("image", id="1")], 132012, "received IMAGE"),
        ("DOCUMENT", ["docx"], 131053, "application/pdf"),
        ("IMAGE", ["gif"], 131053, "image/gif"),
        ("", ["png"], 132000, "number of localizable_params (1)"),
        ("COUPON", [], 131008, "buttons: Button at index 0 of type CopyCode requires a parameter"),
        ("COUPON", [_coupon("x" * 16)], 131009, "longer than 15"),
        ("COUPON", [_coupon("X", "url")], 132012, "coupon_code"),
        ("URL", [], 131008, "buttons: Button at index 0 of type Url requires a parameter"),
    ],
)
async def test_a_template_is_refused_without_what_belongs_to_it(
    whatsapp: WhatsAppEmulator, number: Number, graph: Graph, form: str, components: list[Any], code: int, details: str
) -> None:
    buttons = [BUTTONS[form]] if form in BUTTONS else []
    whatsapp.add_template(number, "promo", "es", "Hola", header_format="" if buttons else form, buttons=buttons)
    filled = [await uploaded(graph, one) if isinstance(one, str) else one for one in components]
    content = {"name": "promo", "language": {"code": "es"}} | ({"components": filled} if filled else {})
    answer = await graph.send("34600111222", type="template", template=content)
    assert error_of(answer)[1] == code
    assert details in answer[1]["error"]["error_data"]["details"]


async def test_a_template_with_all_that_belongs_to_it_is_shown(
    whatsapp: WhatsAppEmulator, number: Number, marta: Phone, graph: Graph
) -> None:
    whatsapp.add_template(number, "rules", "es", "Hola", header_format="DOCUMENT", buttons=[BUTTONS["COUPON"]])
    whatsapp.add_template(number, "place", "es", "Hola", header_format="LOCATION")
    rules = [await uploaded(graph, "pdf", filename="a.pdf"), _coupon("WINTER20")]
    here: Json = {"latitude": 40.4, "longitude": -3.7, "name": "Sol"}
    place: Json = {"type": "header", "parameters": [{"type": "location", "location": here}]}
    for name, components in (("rules", rules), ("place", [place])):
        content = {"name": name, "language": {"code": "es"}, "components": components}
        await graph.accepted(marta.wa_id, type="template", template=content)
    assert [message.shown() for message in marta.inbox] == ["(document a.pdf)\nHola\n[Copy]", "Sol\nHola"]
    assert marta.inbox[0].buttons[0].id == "WINTER20"
