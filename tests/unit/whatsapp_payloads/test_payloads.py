"""Bodies of Graph's messages call, word for word."""

from typing import Any

import pytest

from channels.whatsapp.media_types import sent_as
from channels.whatsapp.meta.payloads import message_body
from domain.conversations.dto import Option, Outgoing, TemplateCall
from domain.kernel.errors import PermanentFailure
from domain.kernel.ids import uuid7

OUTBOUND = uuid7()
HEAD = {
    "messaging_product": "whatsapp", "recipient_type": "individual", "to": "34600", "biz_opaque_callback_data":
    str(OUTBOUND),
}  # fmt: skip


def _body(outgoing: Outgoing, media_id: str = "") -> dict[str, Any]:
    return message_body(outgoing, "34600", "to", OUTBOUND, media_id)


def test_text_is_converted_and_shows_no_preview() -> None:
    text = {"body": "*hi*", "preview_url": False}
    assert _body(Outgoing(text="**hi**")) == {**HEAD, "type": "text", "text": text}


def test_a_user_id_goes_into_recipient_and_never_into_to() -> None:
    body = message_body(Outgoing(text="hi"), "US.123", "recipient", OUTBOUND)
    assert body["recipient"] == "US.123"
    assert "to" not in body


def test_a_quote_is_a_context_but_a_reaction_carries_its_target_itself() -> None:
    assert _body(Outgoing(text="hi", reply_to="wamid.1"))["context"] == {"message_id": "wamid.1"}
    reaction = _body(Outgoing(reply_to="wamid.1", reaction=""))
    assert reaction == {**HEAD, "type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": ""}}


def test_buttons_and_lists() -> None:
    buttons = _body(Outgoing(text="Go?", options=(Option("y", "Yes"), Option("n", "No"))))["interactive"]
    assert buttons["action"]["buttons"][0] == {"type": "reply", "reply": {"id": "y", "title": "Yes"}}
    rows = (Option("a", "A", "first"), Option("b", "B"))
    listed = _body(Outgoing(text="Which?", options=rows, list_label="Open"))["interactive"]
    assert listed == {
        "type": "list",
        "body": {"text": "Which?"},
        "action": {
            "button": "Open",
            "sections": [{"rows": [{"id": "a", "title": "A", "description": "first"}, {"id": "b", "title": "B"}]}],
        },
    }


def test_options_that_cannot_be_shown_are_numbered() -> None:
    same = (Option("a", "Gold"), Option("b", "Gold"))
    assert _body(Outgoing(text="Which?", options=same, list_label="Open"))["text"]["body"] == (
        "Which?\n\n1. Gold\n2. Gold"
    )


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        ((), None),
        ((("2", "b"), ("1", "a")), [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
        ((("1", " \n "),), [{"type": "text", "text": "-"}]),
        ((("name", "Ana\t x"),), [{"type": "text", "text": "Ana x", "parameter_name": "name"}]),
    ],
)
def test_template_parameters(parameters: tuple[tuple[str, str], ...], shown: list[dict[str, str]] | None) -> None:
    template = _body(Outgoing(template=TemplateCall("order_update", "pt_BR", parameters)))["template"]
    expected: dict[str, Any] = {"name": "order_update", "language": {"code": "pt_BR"}}
    if shown is not None:
        expected["components"] = [{"type": "body", "parameters": shown}]
    assert template == expected


def test_a_file_above_a_template_is_the_headers_parameter_and_has_no_caption() -> None:
    call = TemplateCall("promo", "es", (("1", "Ana"), ("coupon.1", " WINTER 20 "), ("button.0", "77")))
    outgoing = Outgoing("Hola", template=call, media_path="a", media_mime="application/pdf", file_name="a.pdf")
    coupon = {"type": "coupon_code", "coupon_code": "WINTER 20"}
    assert _body(outgoing, "77")["template"]["components"] == [
        {"type": "header", "parameters": [{"type": "document", "document": {"id": "77", "filename": "a.pdf"}}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "77"}]},
        {"type": "button", "sub_type": "copy_code", "index": "1", "parameters": [coupon]},
    ]


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/jpeg", "image"), ("IMAGE/PNG", "image"), ("image/gif", "document"), ("image/webp", "sticker"),
        ("audio/ogg; codecs=opus", "audio"), ("video/mp4", "video"), ("application/pdf", "document"), ("", "document"),
    ],
)  # fmt: skip
def test_the_kind_of_a_file(mime: str, kind: str) -> None:
    assert sent_as(mime) == kind


def test_captions_and_names_stand_only_where_whatsapp_shows_them() -> None:
    paper = Outgoing(text="see", media_path="a", media_mime="application/pdf", file_name="a.pdf")
    assert _body(paper, "77")["document"] == {"id": "77", "caption": "see", "filename": "a.pdf"}
    sound = Outgoing(text="see", media_path="a", media_mime="audio/ogg", file_name="a.ogg")
    assert _body(sound, "77")["audio"] == {"id": "77"}


@pytest.mark.parametrize(
    ("outgoing", "code"),
    [
        (Outgoing(text=""), "empty"),
        (Outgoing(text="---"), "empty"),
        (Outgoing(text="x" * 4097), "too_long"),
        (Outgoing(text="x" * 1025, media_path="a", media_mime="image/png"), "too_long"),
        (Outgoing(text="x" * 4000, options=tuple(Option(f"{n}", f"Option {n}" * 5) for n in range(12))), "too_long"),
    ],
)
def test_what_does_not_fit_is_refused(outgoing: Outgoing, code: str) -> None:
    with pytest.raises(PermanentFailure) as refused:
        _body(outgoing, "77" if outgoing.media_path else "")
    assert refused.value.code == code
