"""What customers, the assistant and staff say is seen in the thread, and can hurt nobody."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.conversations.dto import Conversation, Option, Outgoing
from domain.conversations.inbound import (
    MediaRef,
    MessageKind,
    PhoneEcho,
    ReceivedEdit,
    ReceivedReaction,
    ReceivedRevoke,
    StatusUpdate,
)
from domain.kernel.actor import Actor
from domain.tenancy.dto import SettingsChange
from sandbox.discord import Channel, Message
from tests.fixtures.inbox import TRACE
from tests.integration.bot_inbox.desk import Desk, texts

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def colours(message: Message) -> list[int]:
    return [component["accent_color"] for component in message.components if "accent_color" in component]


async def test_who_said_it_can_be_told_at_a_glance(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    desk.stage.clock.advance(timedelta(seconds=3))
    turn = await desk.conversations.begin_turn(await desk.stage.tenant_id(), conversation.id, "job:1")
    await desk.conversations.commit_reply(turn, [Outgoing("I am the assistant.")], TRACE)
    await desk.conversations.reply(await desk.seller(), conversation.id, Outgoing("Soy Sole."))
    await desk.conversations.note(await desk.seller(), conversation.id, "knows Ana", None)
    await desk.shown(PhoneEcho(desk.message("from the phone", provider_id="wamid.echo")))
    words = ("hola", "I am the assistant.", "Soy Sole.", "knows Ana", "from the phone")
    said = {word: message for message in reversed(thread.messages) for word in words if word in message.text}
    assert len(said) == 5
    assert len({colours(message)[0] for message in said.values()}) == 5
    assert "💬 **Marta**" in said["hola"].text
    assert "🤖" in said["I am the assistant."].text
    assert "to the customer" in said["Soy Sole."].text
    assert "internal note, not sent" in said["knows Ana"].text
    assert "📱" in said["from the phone"].text


async def test_edits_show_the_former_text_reactions_show_and_deletions_are_struck(desk: Desk) -> None:
    first = desk.message("de oro a platino")
    _, thread = await desk.shown(first)
    at = desk.stage.clock.now()
    await desk.shown(ReceivedEdit(first.sender, "wamid.e", first.provider_id, "de oro a diamante", at))
    await desk.shown(ReceivedReaction(first.sender, "wamid.r", first.provider_id, "👍", at))
    shown = thread.messages[1].text
    assert "de oro a diamante" in shown
    assert "~~de oro a platino~~" in shown
    assert "👍 by the customer" in shown
    await desk.shown(ReceivedRevoke(first.sender, "wamid.d", first.provider_id, at))
    assert "~~de oro a diamante~~" in thread.messages[1].text
    assert "Deleted by its author" in thread.messages[1].text
    assert len(thread.messages) == 2


async def test_a_quote_is_shown_with_the_way_to_what_it_quotes(desk: Desk) -> None:
    first = desk.message("el precio?")
    _, thread = await desk.shown(first)
    await desk.shown(desk.message("esto", reply_to=first.provider_id))
    quote = thread.messages[2].text
    assert "> ↪️ el precio?" in quote
    assert f"https://discord.com/channels/{desk.stage.guild.id}/{thread.id}/{thread.messages[1].id}" in quote
    await desk.shown(desk.message("y esto", reply_to="wamid.gone"))
    assert "answers a message we do not have" in thread.messages[3].text


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        (MessageKind.LOCATION, {"content": {"place": {"latitude": 1.5, "name": "Casa"}}}, "Name: Casa"),
        (MessageKind.CONTACTS, {"content": {"cards": [{"name": "Ana", "phones": ["+34 600"]}]}}, "Phone: +34 600"),
        (MessageKind.CHOICE, {"text": "Precio", "choice_id": "price"}, "Precio"),
        (MessageKind.FLOW_ANSWER, {"content": {"answers": {"division": "Oro"}}}, "division: Oro"),
        (MessageKind.ORDER, {"content": {"order": {"items": [{"id": "A1", "quantity": 2}]}}}, "Article: A1"),
        (MessageKind.UNSUPPORTED, {"content": {"errors": [{"code": 131060}]}}, "does not pass on"),
        (MessageKind.WELCOME, {}, "first time"),
    ],
)
async def test_every_kind_of_message_is_shown(desk: Desk, kind: MessageKind, changes: Any, expected: str) -> None:
    _, thread = await desk.shown(desk.message(**{"text": "", "kind": kind, **changes}))
    assert expected in thread.messages[1].text


@pytest.mark.parametrize(
    ("locale", "words"),
    [("es", ("Nombre: Casa", "Dirección: Sol 1", "Latitud: 1.5", "Teléfono: +34 600", "Correo: a@b", "Artículo: A1")),
     ("fr", ("Nom: Casa", "Adresse: Sol 1", "Latitude: 1.5", "Téléphone: +34 600", "E-mail: a@b", "Article: A1")),
     ("pt-BR", ("Nome: Casa", "Endereço: Sol 1", "Latitude: 1.5", "Telefone: +34 600", "E-mail: a@b", "Artigo: A1"))],
)  # fmt: skip
async def test_places_cards_and_orders_are_named_in_the_shops_language_in_thread_and_transcript(
    desk: Desk, locale: str, words: tuple[str, ...]
) -> None:
    await desk.stage.services.tenancy.change_settings(await desk.stage.as_owner(), SettingsChange(locale=locale))
    place = {"place": {"latitude": 1.5, "longitude": 2.5, "name": "Casa", "address": "Sol 1"}}
    cards = {"cards": [{"name": "Ana", "phones": ["+34 600"], "emails": ["a@b"]}]}
    order = {"order": {"catalog_id": "C", "items": [{"id": "A1", "quantity": 2, "price": "5", "currency": "USD"}]}}
    form = {"answers": {"latitude": "mine"}}
    conversation, thread = await desk.shown(
        desk.message("", kind=MessageKind.LOCATION, content=place),
        desk.message("", kind=MessageKind.CONTACTS, content=cards),
        desk.message("", kind=MessageKind.ORDER, content=order),
        desk.message("", kind=MessageKind.FLOW_ANSWER, content=form),
    )
    shown = "\n".join(texts(thread)).replace("@\u200b", "@")
    transcript = await desk.conversations.transcript(await desk.system(), conversation.id)
    for word in (*words, "latitude: mine"):  # a form's names are its own
        assert word in shown
        assert word in transcript
    for english in ("phones:", "catalog_id", "(location)", "(contacts)"):
        assert english not in shown + transcript


async def test_the_options_that_the_customer_was_given_are_shown(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    options = (Option("price", "What does it *cost*?"), Option("person", "A person", "Somebody of ours"))
    await desk.conversations.reply(await desk.seller(), conversation.id, Outgoing("How can I help?", options))
    await desk.stage.deliver()
    said = next(message.text for message in thread.messages if "How can I help?" in message.text)
    assert r"▫️ What does it \*cost\*?" in said
    assert "▫️ A person" in said


async def test_words_can_mention_link_and_format_nothing(desk: Desk) -> None:
    bad = "@everyone <@1> <@&2> **b** [x](https://evil.example) {name} ```code``` https://evil.example"
    _, thread = await desk.shown(bad, name="{} @here **M**")
    message = thread.messages[1]
    assert not message.mention_everyone
    assert (message.mention_ids, message.mention_role_ids) == ([], [])
    assert "@everyone" not in message.text
    assert "https://" not in message.text
    assert r"\*\*b\*\*" in message.text
    assert "{name}" in message.text
    assert "@here" not in thread.name


async def test_a_text_longer_than_discord_takes_is_attached_as_a_whole(desk: Desk) -> None:
    text = "una palabra y otra " * 215
    _, thread = await desk.shown(text)
    message = thread.messages[1]
    assert [file.filename for file in message.attachments] == ["message.txt"]
    assert message.attachments[0].bytes.decode() == text.strip() or message.attachments[0].bytes.decode() == text


async def _with_file(desk: Desk, name: str, size: int = 48, mime: str = "image/png") -> tuple[Conversation, Channel]:
    media = MediaRef("m1", mime, file_name=name)
    said = desk.message("mira", kind=MessageKind.IMAGE, media=media)
    conversation = await desk.receive(said)
    found = (await desk.conversations.details(await desk.system(), conversation.id)).messages[-1]
    (desk.data_dir / "media").mkdir(exist_ok=True)
    (desk.data_dir / "media" / "f").write_bytes(PNG.ljust(size, b"x"))
    worker = Actor.system(await desk.stage.tenant_id(), "media", "k")
    await desk.conversations.media_stored(worker, found.id, "media/f", size, mime, name)
    await desk.stage.deliver()
    return conversation, await desk.thread(conversation)


async def test_a_picture_is_attached(desk: Desk) -> None:
    _, thread = await _with_file(desk, "foto @everyone.png")
    message = thread.messages[1]
    assert [file.bytes[:8] for file in message.attachments] == [PNG[:8]]
    assert message.attachments[0].filename == "foto_everyone.png"
    assert "mira" in message.text


async def test_a_file_too_big_for_the_guild_is_named_with_its_place(desk: Desk) -> None:
    _, thread = await _with_file(desk, "big.pdf", 11 * 1024 * 1024, "application/pdf")
    assert thread.messages[1].attachments == []
    assert "too big for Discord (11.0 MB, limit 10 MB)" in thread.messages[1].text


async def test_a_file_that_is_being_fetched_holds_the_order_but_not_for_long(desk: Desk) -> None:
    media = MediaRef("m1", "audio/ogg")
    conversation = await desk.receive(desk.message("", kind=MessageKind.VOICE, media=media), "y esto?")
    await desk.stage.deliver()
    await desk.stage.deliver()
    for _ in range(6):
        desk.stage.clock.advance(timedelta(seconds=5))
        await desk.stage.deliver()
    thread = await desk.thread(conversation)
    assert "The file is being fetched." in thread.messages[1].text
    assert "y esto?" in thread.messages[2].text
    found = (await desk.conversations.details(await desk.system(), conversation.id)).messages[0]
    worker = Actor.system(await desk.stage.tenant_id(), "media", "k")
    await desk.conversations.media_heard(worker, found.id, "quiero subir a diamante", False)
    await desk.stage.deliver()
    assert "I heard, but I am not sure: “quiero subir a diamante”" in thread.messages[1].text


async def test_what_was_not_sent_says_why_and_what_to_do(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    said = await desk.conversations.reply(await desk.seller(), conversation.id, Outgoing("hi"))
    async with desk.stage.db.tx(await desk.system()) as tx:
        outbound = await tx.value(
            "SELECT id FROM outbound_messages WHERE subject_id = $1 AND channel = 'whatsapp'", said.id
        )
        update = StatusUpdate("wamid.out", "failed", desk.stage.clock.now(), str(outbound),
                              errors=({"code": 131047, "title": "Re-engagement message"},))  # fmt: skip
        await desk.conversations.apply_status(tx, desk.account_id, update)
    await desk.stage.deliver()
    failed = next(message for message in thread.messages if "Not sent." in message.text)
    assert "Press Reply and choose an approved template." in failed.text


async def test_a_message_that_came_twice_is_shown_once(desk: Desk) -> None:
    said = desk.message("hola")
    _, thread = await desk.shown(said, replace(said))
    assert sum("hola" in text for text in texts(thread)) == 1


async def test_what_calls_the_team_stands_below_the_message_that_it_is_about(desk: Desk) -> None:
    _, thread = await desk.shown("STOP")
    await desk.shown("cuánto cuesta?")
    asked, called = texts(thread)[-2:]
    assert asked.endswith("\ncuánto cuesta?")
    assert "A person is needed: wrote after STOP." in called
    await desk.shown("START")
    await desk.shown(PhoneEcho(desk.message("le escribo yo")))
    said, told = texts(thread)[-2:]
    assert said.endswith("\nle escribo yo")
    assert "Somebody answered from the phone app." in told


async def test_of_an_assistant_that_stays_silent_nobody_reads_that_it_answers_again(desk: Desk) -> None:
    conversation, thread = await desk.shown("hola")
    await desk.click(desk.sole, thread.messages[0], "Take over")
    await desk.shown("STOP")
    given = await desk.click(desk.sole, thread.messages[0], "Give back")
    assert "Given back. The assistant stays silent here: only people answer." in given.text
    await desk.stage.deliver()
    assert texts(thread)[-1] == "🔇 **Sole** gave it back. The assistant stays silent here: only people answer."
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    desk.stage.clock.advance(timedelta(hours=25))
    await desk.conversations.end_silences(await desk.stage.tenant_id(), "job")
    await desk.stage.deliver()
    assert texts(thread)[-1] == "🔇 The time is over. The assistant stays silent here: only people answer."
    await desk.shown("START")
    await desk.conversations.take_over(await desk.seller(), conversation.id)
    await desk.stage.deliver()
    given = await desk.click(desk.sole, thread.messages[0], "Give back")
    assert "The assistant answers again." in given.text
