"""Templates with a file above them or a code to copy, as a phone shows them; and what Graph refuses of them."""

import pytest

from channels.whatsapp.meta.templates import TemplateSync
from domain.channels.dto import Template
from domain.conversations.dto import Outgoing, TemplateCall
from sandbox.whatsapp import Button
from tests.integration.whatsapp_sending.harness import Chat, Sending

FILES = {
    "IMAGE": ("promo.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(50)),
    "VIDEO": ("film.mp4", "video/mp4", b"\0\0\0\x18ftypmp42" + bytes(50)),
    "DOCUMENT": ("Rules ñ.pdf", "application/pdf", b"%PDF-1.7"),
}
COUPON = (Button("", "No more", "quick_reply"), Button("", "Copy code", "copy_code"))


async def synced(sending: Sending) -> Template:
    """The one template, as the house knows it."""
    await TemplateSync(sending.graph, sending.channels).sync(sending.shop.tenant.id, "job")
    [template] = await sending.channels.templates(sending.actor)
    return template


async def sent(sending: Sending, template: Template, *values: str, file: tuple[str, str, bytes] | None = None) -> Chat:
    """The template was handed over, to somebody who has not written."""
    chat = await sending.chat(is_open=False)
    filled = tuple(zip(template.parameters, values, strict=True))
    name, mime, data = file or ("", "", b"")
    if file is not None:
        (sending.data_dir / "kept").write_bytes(data)
    path = "kept" if file is not None else ""
    call = TemplateCall(template.name, template.language, filled)
    await sending.say(chat, Outgoing(template.filled(filled), (), "", call, path, mime, name))
    assert await sending.deliver(chat) == 1
    await sending.whatsapp.settled()
    return chat


@pytest.mark.parametrize("form", FILES)
async def test_a_file_is_uploaded_and_stands_above_the_template(sending: Sending, form: str) -> None:
    sending.whatsapp.add_template(sending.number, "promo", "es", "Hola {{1}}", header_format=form)
    template = await synced(sending)
    assert (template.file, template.hindrance, template.is_fillable) == (form.lower(), "", False)
    chat = await sent(sending, template, "Ana", file=FILES[form])
    [message] = chat.phone.inbox
    assert message.media is not None
    assert (message.text, message.media.mime_type, message.media.data) == ("Hola Ana", *FILES[form][1:])
    assert sending.whatsapp.counts["media.upload"] == 1
    name = " Rules ñ.pdf" if form == "DOCUMENT" else ""
    assert message.shown() == f"({form.lower()}{name})\nHola Ana"


async def test_a_code_to_copy_is_its_buttons_parameter(sending: Sending) -> None:
    sending.whatsapp.add_template(sending.number, "coupon", "es", "{{1}}% menos", buttons=COUPON)
    template = await synced(sending)
    assert (template.parameters, template.hindrance, template.is_fillable) == (("1", "coupon.1"), "", False)
    chat = await sent(sending, template, "20", " WINTER20 ")
    assert [(button.kind, button.id) for button in chat.phone.inbox[0].buttons][1:] == [("copy_code", "WINTER20")]


async def test_a_code_that_is_too_long_does_not_leave(sending: Sending) -> None:
    sending.whatsapp.add_template(sending.number, "coupon", "es", "Menos", buttons=COUPON)
    chat = await sent(sending, await synced(sending), "SIXTEENLETTERS16")
    assert await sending.states(chat) == [("failed", "meta: too_long")]
    assert sending.whatsapp.counts["messages"] == 0


async def test_without_its_file_graph_refuses_the_template(sending: Sending) -> None:
    sending.whatsapp.add_template(sending.number, "promo", "es", "Hola", header_format="IMAGE")
    template = await synced(sending)
    chat = await sent(sending, template)
    [(state, error)] = await sending.states(chat)
    assert state == "failed"
    assert "132012" in (error or "")
    assert chat.phone.inbox == []


async def test_an_upload_that_fails_is_made_again_for_a_template_too(sending: Sending) -> None:
    sending.whatsapp.add_template(sending.number, "promo", "es", "Hola", header_format="IMAGE")
    await synced(sending)
    chat = await sending.chat(is_open=False)
    name, mime, data = FILES["IMAGE"]
    (sending.data_dir / "kept").write_bytes(data)
    call = TemplateCall("promo", "es")
    await sending.say(chat, Outgoing("Hola", template=call, media_path="kept", media_mime=mime, file_name=name))
    sending.whatsapp.faults.reset("media.upload")
    assert await sending.deliver(chat) == 0
    assert await sending.deliver_after(chat, 60) == 1
    await sending.whatsapp.settled()
    assert [message.shown() for message in chat.phone.inbox] == ["(image)\nHola"]
