"""Buttons, lists, templates, files, reactions, quotes, user ids: what a phone shows of them."""

import pytest

from channels.whatsapp.meta.templates import TemplateSync
from channels.whatsapp.presence import WhatsAppPresence
from channels.whatsapp.splitting import split_outgoing
from domain.conversations.dto import Option, Outgoing, TemplateCall
from domain.kernel.errors import TransientFailure
from sandbox.whatsapp import Button
from tests.integration.whatsapp_sending.harness import CANARY, Sending, texts

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50


async def test_a_few_options_are_buttons_that_can_be_pressed(sending: Sending) -> None:
    chat = await sending.chat()
    options = (Option("yes", "Yes, please"), Option("no", "No, thanks"))
    await sending.say(chat, Outgoing(text="Shall I go **on**?", options=options))
    assert await sending.deliver(chat) == 1
    [message] = chat.phone.inbox
    assert (message.text, [b.title for b in message.buttons]) == ("Shall I go *on*?", ["Yes, please", "No, thanks"])
    await chat.phone.press(message, "Yes, please")


async def test_more_options_are_a_list_and_too_many_are_numbered(sending: Sending) -> None:
    chat = await sending.chat()
    rows = tuple(Option(f"d{n}", f"Division {n}", f"{n} wins") for n in range(1, 11))
    await sending.say(chat, Outgoing(text="Which?", options=rows, list_label="Divisions"))
    many = tuple(Option(f"m{n}", f"Master {n}") for n in range(1, 13))
    await sending.say(chat, Outgoing(text="Which one?", options=many, list_label="Divisions"))
    assert await sending.deliver(chat) == 2
    listed, numbered = chat.phone.inbox
    assert (listed.list_button, len(listed.rows)) == ("Divisions", 10)
    assert numbered.text.startswith("Which one?\n\n1. Master 1\n2. Master 2")


@pytest.mark.parametrize(
    ("body", "parameters", "shown"),
    [
        ("Hi {{1}}, order {{2}} is done", (("1", "Ana\n Mía"), ("2", "77")), "Hi Ana Mía, order 77 is done"),
        ("Hi {{1}}, order {{2}} is done", (("2", "77"), ("1", "Ana")), "Hi Ana, order 77 is done"),
        ("Hi {{name}}, order {{code}}", (("code", "77"), ("name", "Ana")), "Hi Ana, order 77"),
        ("Good news.", (), "Good news."),
    ],
)
async def test_a_template_leaves_outside_the_window_with_its_parameters(
    sending: Sending, body: str, parameters: tuple[tuple[str, str], ...], shown: str
) -> None:
    sending.whatsapp.add_template(sending.number, "order_update", "es", body)
    chat = await sending.chat(is_open=False)
    await sending.say(chat, Outgoing(template=TemplateCall("order_update", "es", parameters)))
    assert await sending.deliver(chat) == 1
    await sending.whatsapp.settled()
    assert texts(chat) == [shown]


async def test_a_templates_header_and_addresses_are_filled_in_too(sending: Sending) -> None:
    buttons = (Button("", "Yes", "quick_reply"), Button("", "See", "url", "https://x.example/{{1}}"))
    sending.whatsapp.add_template(
        sending.number, "ready", "es", "Order {{order}} is done", header="Hi {{name}}", buttons=buttons
    )
    await TemplateSync(sending.graph, sending.channels).sync(sending.shop.tenant.id, "job")
    [template] = await sending.channels.templates(sending.actor)
    assert template.parameters == ("header.name", "order", "button.1")
    chat = await sending.chat(is_open=False)
    values = tuple(zip(template.parameters, ("Ana", "77", "o/77"), strict=True))
    await sending.say(chat, Outgoing(template.filled(values), template=TemplateCall("ready", "es", values)))
    assert await sending.deliver(chat) == 1
    await sending.whatsapp.settled()
    assert chat.phone.inbox[0].shown() == "Hi Ana\nOrder 77 is done\n[Yes]\n[See]"
    assert [button.url for button in chat.phone.inbox[0].buttons] == ["", "https://x.example/o/77"]
    assert template.filled(values) == "Order 77 is done"


async def test_a_reaction_and_its_removal_and_a_quote(sending: Sending) -> None:
    chat = await sending.chat()
    asked = chat.phone.messages[0]
    await sending.say(chat, Outgoing(reply_to=asked.id, reaction="👍"))
    await sending.say(chat, Outgoing(text="this one", reply_to=asked.id))
    assert await sending.deliver(chat) == 2
    assert asked.reactions["business"] == "👍"
    assert chat.phone.inbox[-1].quoted is asked
    await sending.say(chat, Outgoing(reply_to=asked.id, reaction=""))
    assert await sending.deliver(chat) == 1
    assert not asked.reactions.get("business")


async def test_a_person_without_a_number_is_reached_by_user_id(sending: Sending) -> None:
    chat = await sending.chat()
    chat.phone.hides_number = True
    await sending.say(chat, "hello", to=chat.phone.bsuid, kind="recipient")
    assert await sending.deliver(chat) == 1
    assert texts(chat) == ["hello"]
    assert sending.recipients.canonical == []


async def test_a_file_is_uploaded_and_sent_with_its_caption(sending: Sending) -> None:
    chat = await sending.chat()
    (sending.data_dir / "proof.png").write_bytes(PNG)
    await sending.say(chat, Outgoing(text="**Proof**", media_path="proof.png", media_mime="image/png"))
    (sending.data_dir / "doc.bin").write_bytes(b"%PDF-1.4")
    document = Outgoing(media_path="doc.bin", media_mime="application/pdf", file_name="Rules ñ.pdf")
    await sending.say(chat, document)
    assert await sending.deliver(chat) == 2
    picture, paper = chat.phone.inbox
    assert picture.media is not None
    assert (picture.kind, picture.text, picture.media.data) == ("image", "*Proof*", PNG)
    assert (paper.kind, paper.media.data if paper.media else b"") == ("document", b"%PDF-1.4")


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/hostname", "gone.png", "."])
async def test_only_files_below_the_data_folder_leave_the_house(sending: Sending, path: str) -> None:
    (sending.data_dir.parent / "secret.txt").write_text("secret")
    chat = await sending.chat()
    await sending.say(chat, Outgoing(media_path=path, media_mime="image/png"))
    assert await sending.deliver(chat) == 1
    assert await sending.states(chat) == [("failed", "meta: no_such_file")]
    assert sending.whatsapp.counts["media.upload"] == 0


async def test_an_upload_that_fails_is_made_again_and_nothing_is_unknown(sending: Sending) -> None:
    chat = await sending.chat()
    (sending.data_dir / "proof.png").write_bytes(PNG)
    await sending.say(chat, Outgoing(media_path="proof.png", media_mime="image/png"))
    sending.whatsapp.faults.reset("media.upload")
    assert await sending.deliver(chat) == 0
    assert [state for state, _ in await sending.states(chat)] == ["queued"]
    assert await sending.deliver_after(chat, 60) == 1


async def test_a_long_text_becomes_messages_that_each_fit(sending: Sending) -> None:
    chat = await sending.chat()
    text = "\n\n".join(f"**Paragraph {n}** " + "word " * 120 for n in range(20))
    pieces = split_outgoing(Outgoing(text=text))
    await sending.say(chat, *pieces)
    assert await sending.deliver(chat) == len(pieces) > 1
    assert all(len(shown) <= 4096 for shown in texts(chat))
    assert [n for n in range(20) if f"*Paragraph {n}*" in " ".join(texts(chat))] == list(range(20))


async def test_what_was_not_split_is_refused_here(sending: Sending) -> None:
    chat = await sending.chat()
    await sending.say(chat, "x" * 5000, "")
    assert await sending.deliver(chat) == 2
    assert await sending.states(chat) == [("failed", "meta: too_long"), ("failed", "meta: empty")]
    assert sending.whatsapp.counts["messages"] == 0


async def test_typing_is_shown_and_marks_as_read(sending: Sending) -> None:
    chat = await sending.chat()
    presence = WhatsAppPresence(sending.graph, sending.channels, sending.clock)
    await presence.typing(sending.shop.tenant.id, sending.account.id, chat.phone.messages[0].id)
    assert chat.phone.is_typing_shown(sending.number)
    assert chat.phone.messages[0].is_read_by_business


async def test_presence_never_raises_and_never_stops_a_number(
    sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    presence, tenant_id = WhatsAppPresence(sending.graph, sending.channels, sending.clock), sending.shop.tenant.id
    await presence.read(tenant_id, sending.account.id, "wamid.unknown")
    await presence.read(tenant_id, sending.shop.tenant.id, "wamid.unknown")
    sending.whatsapp.faults.slow("read", 2)
    sending.lose_patience()
    await presence.typing(tenant_id, sending.account.id, "wamid.unknown")
    sending.regain_patience()
    sending.number.expire_token()
    await presence.typing(tenant_id, sending.account.id, "wamid.unknown")
    [account] = await sending.channels.accounts(sending.actor)
    assert account.state == "active"
    assert CANARY not in caplog.text


async def test_templates_are_read_over_all_pages_with_their_parameters(sending: Sending) -> None:
    for n in range(130):
        sending.whatsapp.add_template(sending.number, f"t{n:03}", "es", "Hola {{1}}, {{2}} y {{1}}")
    body = "Hi {{name}}, {{ code }}"
    sending.whatsapp.add_template(
        sending.number, "z_named", "en", body, status="PENDING", buttons=(Button("a", "Yes", "quick_reply"),)
    )
    sync = TemplateSync(sending.graph, sending.channels)
    assert await sync.sync(sending.shop.tenant.id, "job") == 131
    templates = await sending.channels.templates(sending.actor)
    assert (templates[0].name, templates[0].status, templates[0].parameters) == ("t000", "approved", ("1", "2"))
    assert (templates[-1].status, templates[-1].parameters) == ("pending", ("name", "code"))
    assert await sync.sync(sending.shop.tenant.id, "job-2") == 131


async def test_templates_stay_as_they_are_when_graph_is_away_or_the_token_is_refused(sending: Sending) -> None:
    sending.whatsapp.add_template(sending.number, "kept", "es", "Hola")
    sync = TemplateSync(sending.graph, sending.channels)
    await sync.sync(sending.shop.tenant.id, "job")
    for code in (2, 80007):
        sending.whatsapp.faults.fail("templates", code)
        with pytest.raises(TransientFailure):
            await sync.sync(sending.shop.tenant.id, "job")
    sending.whatsapp.faults.answer("templates", 502, b"<html>")
    with pytest.raises(TransientFailure):
        await sync.sync(sending.shop.tenant.id, "job")
    sending.number.expire_token()
    assert await sync.sync(sending.shop.tenant.id, "job") == 0
    assert [one.name for one in await sending.channels.templates(sending.actor)] == ["kept"]
    [account] = await sending.channels.accounts(sending.actor)
    assert account.state == "stopped"
