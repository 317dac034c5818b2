"""Templates with a file or a code, sent from Discord; those that cannot be sent say why."""

from datetime import timedelta
from typing import Any

import pytest

from channels.whatsapp.meta.templates import read_template
from domain.channels.dto import Template
from domain.contacts import identifier_rows
from domain.contacts.identifiers import keys_of_address
from sandbox.discord import Channel
from sandbox.discord.drafts import Upload
from sandbox.discord.driver.reply import Reply
from sandbox.discord.errors import ClientRefusal
from tests.integration.bot_inbox.desk import MARTA, Desk

PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
PICTURE = Upload("0", "promo winter.png", "image/png", PNG)
FILM = Upload("0", "film.mp4", "video/mp4", b"\0\0\0\x18ftypmp42" + bytes(60))
PAPER = Upload("0", "rules.pdf", "application/pdf", b"%PDF-1.7")


def body(text: str = "Hola {{1}}") -> dict[str, Any]:
    return {"type": "BODY", "text": text}


def header(form: str) -> dict[str, Any]:
    return {"type": "HEADER", "format": form}


def buttons(*kinds: str) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": [{"type": kind, "text": kind.lower()} for kind in kinds]}


def read(desk: Desk, name: str, *components: dict[str, Any], **more: str) -> Template:
    """A template as Graph describes it."""
    described = {"name": name, "language": "es", "status": "APPROVED", "category": "MARKETING", **more}
    found = read_template(desk.account_id, {**described, "components": list(components)})
    assert found is not None
    return found


async def keep(desk: Desk, *templates: Template) -> None:
    await desk.stage.services.channels.save_templates(await desk.system(), desk.account_id, templates)


async def late(desk: Desk, *templates: Template) -> Channel:
    """The thread of a customer who wrote more than a day ago."""
    await keep(desk, *templates)
    _, thread = await desk.shown("hola")
    desk.stage.clock.advance(timedelta(hours=25))
    return thread


async def opened(desk: Desk, thread: Channel, name: str) -> Reply:
    return await desk.slash(desk.sole, thread, "conversation template", {"template": name})


async def sent(desk: Desk) -> list[dict[str, Any]]:
    system = await desk.system()
    sql = """SELECT m.kind, m.body, m.content, a.mime, a.path, a.file_name FROM messages m LEFT JOIN media a
             ON a.message_id = m.id WHERE m.tenant_id = $1 AND m.direction = 'out' ORDER BY m.position"""
    async with desk.stage.db.tx(system) as tx:
        return [dict(row) for row in await tx.rows(sql, system.tenant_id)]


async def nothing(desk: Desk) -> bool:
    return await sent(desk) == [] and not any(path.is_file() for path in desk.data_dir.rglob("*out-*"))


async def test_a_template_with_a_picture_asks_for_it_and_stands_in_the_thread_with_it(desk: Desk) -> None:
    thread = await late(desk, read(desk, "promo", header("IMAGE"), body()))
    form = await opened(desk, thread, "promo")
    assert form.modal is not None
    assert [field.label for field in form.modal.fields] == ["Picture: JPG or PNG, 5 MB at most", "Value of 1"]
    answered = await desk.submit(desk.sole, form, {"file": PICTURE, "p0": "Marta"})
    assert "On its way to **Marta**." in answered.text
    [message] = await sent(desk)
    assert (message["kind"], message["body"]) == ("template", "Hola Marta")
    assert (message["mime"], message["file_name"]) == ("image/png", "promo winter.png")
    assert (desk.data_dir / message["path"]).read_bytes() == PNG
    assert message["content"]["template"]["parameters"] == [["1", "Marta"]]
    await desk.stage.deliver()
    shown = next(post for post in thread.messages if "Hola Marta" in post.text)
    assert [file.filename for file in shown.attachments] == ["promo_winter.png"]
    assert "promo winter.png" in shown.text


async def test_the_card_of_a_closed_window_offers_it_too(desk: Desk) -> None:
    thread = await late(desk, read(desk, "rules", header("DOCUMENT"), body("Normas")))
    card = await desk.click(desk.sole, thread.messages[0], "Reply")
    assert card.message is not None
    form = await desk.choose(desk.sole, card, card.message.selects[0].options[0]["value"])
    await desk.submit(desk.sole, form, {"file": PAPER})
    [message] = await sent(desk)
    assert (message["body"], message["mime"], message["file_name"]) == ("Normas", "application/pdf", "rules.pdf")


async def test_without_its_file_the_form_does_not_leave_discord(desk: Desk) -> None:
    thread = await late(desk, read(desk, "promo", header("IMAGE"), body("Hola")))
    with pytest.raises(ClientRefusal, match="required"):
        await desk.submit(desk.sole, await opened(desk, thread, "promo"), {})


async def test_a_template_that_wants_a_file_by_now_says_which(desk: Desk) -> None:
    thread = await late(desk, read(desk, "promo", body("Hola")))
    form = await opened(desk, thread, "promo")
    await keep(desk, read(desk, "promo", header("IMAGE"), body("Hola")))
    refused = await desk.submit(desk.sole, form, {})
    assert "This template goes out with a file. Picture: JPG or PNG, 5 MB at most. Nothing was sent." in refused.text
    assert await nothing(desk)


async def test_a_template_that_asks_for_more_by_now_is_not_sent_with_gaps(desk: Desk) -> None:
    thread = await late(desk, read(desk, "pay", body("Hola {{1}}")))
    form = await opened(desk, thread, "pay")
    await keep(desk, read(desk, "pay", body("Hola {{1}}, son {{2}}")))
    refused = await desk.submit(desk.sole, form, {"p0": "Marta"})
    assert "Code: conversation.template_value" in refused.text
    assert await nothing(desk)


async def test_blanks_are_no_value(desk: Desk) -> None:
    thread = await late(desk, read(desk, "coupon", body("Para ti"), buttons("COPY_CODE")))
    refused = await desk.submit(desk.sole, await opened(desk, thread, "coupon"), {"p0": "  "})
    assert "Code: conversation.template_value" in refused.text
    assert await nothing(desk)


async def test_the_thread_shows_a_value_in_one_line_as_the_person_reads_it(desk: Desk) -> None:
    thread = await late(desk, read(desk, "hi", body("Hola {{1}}")))
    await desk.submit(desk.sole, await opened(desk, thread, "hi"), {"p0": "Marta \n y  Ana {{1}}"})
    assert await desk.out() == ["Hola Marta y Ana {{1}}"]


LONG = Upload("0", "long.png", "image/png", PNG + bytes(5 * 2**20))
PHONE_PICTURE = Upload("0", "a.heic", "image/heic", bytes(60))
WORD = Upload("0", "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", bytes(60))


@pytest.mark.parametrize(
    ("form", "file", "wanted"),
    [
        ("IMAGE", PAPER, "Picture: JPG or PNG, 5 MB at most"),
        ("IMAGE", LONG, "Picture: JPG or PNG, 5 MB at most"),
        ("IMAGE", PHONE_PICTURE, "Picture: JPG or PNG, 5 MB at most"),
        ("VIDEO", PICTURE, "Film: MP4 or 3GP, 16 MB at most"),
        ("DOCUMENT", WORD, "Document: PDF, 16 MB at most"),
    ],
)
async def test_a_file_that_does_not_fit_is_refused_and_not_kept(
    desk: Desk, form: str, file: Upload, wanted: str
) -> None:
    thread = await late(desk, read(desk, "promo", header(form), body("Hola")))
    refused = await desk.submit(desk.sole, await opened(desk, thread, "promo"), {"file": file})
    assert f"{wanted}. Nothing was sent." in refused.text
    assert await nothing(desk)


async def test_a_film_fits_above_its_template(desk: Desk) -> None:
    thread = await late(desk, read(desk, "film", header("VIDEO"), body("Mira")))
    await desk.submit(desk.sole, await opened(desk, thread, "film"), {"file": FILM})
    assert [(one["body"], one["mime"]) for one in await sent(desk)] == [("Mira", "video/mp4")]


async def test_a_file_for_a_person_who_wants_nothing_more_is_dropped(desk: Desk) -> None:
    await keep(desk, read(desk, "promo", header("IMAGE"), body("Hola")))
    _, thread = await desk.shown("hola", "STOP")
    before = await desk.out()
    refused = await desk.submit(desk.sole, await opened(desk, thread, "promo"), {"file": PICTURE})
    assert "Code: conversation.opted_out" in refused.text
    assert await desk.out() == before
    assert not any(path.is_file() for path in desk.data_dir.rglob("*out-*"))


async def test_a_coupon_is_one_more_field_of_fifteen_characters(desk: Desk) -> None:
    thread = await late(desk, read(desk, "coupon", body("{{1}}% menos"), buttons("QUICK_REPLY", "COPY_CODE")))
    form = await opened(desk, thread, "coupon")
    assert form.modal is not None
    assert [field.label for field in form.modal.fields] == ["Value of 1", "Code to copy, 15 characters at most"]
    with pytest.raises(ClientRefusal, match="15"):
        await desk.submit(desk.sole, form, {"p0": "20", "p1": "SIXTEENLETTERS16"})
    await desk.submit(desk.sole, form, {"p0": "20", "p1": "WINTER20"})
    [message] = await sent(desk)
    assert message["body"] == "20% menos\n[WINTER20]"
    assert message["content"]["template"]["parameters"] == [["1", "20"], ["coupon.1", "WINTER20"]]


HINDERED: dict[str, tuple[tuple[dict[str, Any], ...], dict[str, str], str]] = {
    "place": ((header("LOCATION"), body("Aquí")), {}, "a place on the map belongs to it"),
    "code": (
        (body("{{1}} es tu código"), {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://x/?c={{1}}"}]}),
        {"category": "AUTHENTICATION"},
        "it is for one-time passwords",
    ),
    "otp": ((body("Código"), buttons("OTP")), {}, "it is for one-time passwords"),
    "form": ((body("Cita"), buttons("FLOW")), {}, "its button opens a form"),
    "goods": ((body("Todo"), buttons("CATALOG")), {}, "it shows products of a catalogue"),
    "cards": ((body("Mira"), {"type": "CAROUSEL", "cards": []}), {}, "it is made of several cards"),
    "offer": (
        (body("Corre"), {"type": "LIMITED_TIME_OFFER"}, buttons("COPY_CODE")), {}, "it is an offer that runs out",
    ),
    "much": ((header("IMAGE"), body("{{1}} {{2}} {{3}} {{4}} {{5}}")), {}, "it asks for more than five things"),
    "paused": ((body("Hola"),), {"status": "PAUSED"}, "Meta has not approved it, or has paused it"),
    "novel": ((body("Hola"), buttons("VOICE_CALL")), {}, "a part of it is not known here"),
}  # fmt: skip


@pytest.mark.parametrize("name", HINDERED)
async def test_what_cannot_be_sent_says_why(desk: Desk, name: str) -> None:
    components, more, why = HINDERED[name]
    thread = await late(desk, read(desk, name, *components, **more))
    suggested = await desk.sole.autocomplete(thread, "conversation template", "template", name)
    assert [choice["name"] for choice in suggested] == [f"⛔ {name} · es: {why}"]
    for typed in (name, suggested[0]["value"]):
        refused = await opened(desk, thread, typed)
        assert f"“{name}” cannot be sent from here: {why}. Nothing was sent." in refused.text
    card = await desk.click(desk.sole, thread.messages[0], "Reply")
    assert "there is none" in card.text
    assert "`/conversation template` finds the other templates, or says why they cannot be sent." in card.text


async def test_those_that_can_be_sent_are_suggested_first_and_only_of_this_number(desk: Desk) -> None:
    place = read(desk, "a_place", header("LOCATION"), body("Hola"))
    thread = await late(desk, place, read(desk, "b_hello", body("Hola")), read(desk, "c_other", body("Adiós")))
    suggested = await desk.sole.autocomplete(thread, "conversation template", "template", "hola")
    assert [choice["name"][:9] for choice in suggested] == ["b_hello ·", "⛔ a_place"]
    elsewhere = await desk.sole.autocomplete(desk.stage.lobby, "conversation template", "template", "")
    assert [choice["value"] for choice in elsewhere] == ["-"]
    named = await desk.sole.autocomplete(
        desk.stage.lobby, "conversation template", "template", "b_", {"conversation": 1}
    )  # fmt: skip
    assert [choice["name"] for choice in named] == ["b_hello · es"]


async def test_of_one_name_the_language_that_can_be_sent_is_opened(desk: Desk) -> None:
    pending, spanish = read(desk, "hi", body("Hi"), language="en", status="PENDING"), read(desk, "hi", body("Hola"))
    thread = await late(desk, pending, spanish)
    await desk.submit(desk.sole, await opened(desk, thread, "hi"), {})
    assert await desk.out() == ["Hola"]


async def test_a_name_that_nobody_knows_and_a_person_who_may_not(desk: Desk) -> None:
    thread = await late(desk, read(desk, "hi", body("Hola")))
    assert "There is no such template for this number." in (await opened(desk, thread, "-")).text
    options = {"template": "hi", "conversation": 1}
    refused = await desk.slash(desk.ana, desk.stage.lobby, "conversation template", options)
    assert "Code: permission.denied" in refused.text
    suggested = await desk.ana.autocomplete(
        desk.stage.lobby, "conversation template", "template", "hi", {"conversation": 1}
    )  # fmt: skip
    assert [choice["value"] for choice in suggested] == ["-"]


async def test_the_form_warns_of_a_number_that_takes_no_messages(desk: Desk) -> None:
    found, thread = await desk.shown("hola")
    await keep(desk, read(desk, "hi", body("Hola {{1}}")))
    services, now = desk.stage.services, desk.stage.clock.now()
    async with services.db.tx(await desk.system()) as tx:
        await identifier_rows.mark_unreachable(tx, found.contact_id, keys_of_address(MARTA), now, "meta: 131026")
    form = await opened(desk, thread, "hi")
    assert form.modal is not None
    assert "takes no messages" in form.modal.fields[0].description
    await desk.submit(desk.sole, form, {"p0": "Marta"})
    assert await desk.out() == ["Hola Marta"]
