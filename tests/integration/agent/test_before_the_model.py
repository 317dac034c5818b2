"""What is decided before any model is asked."""

from typing import Any

import pytest

from domain.contacts.dto import IdentifierKind, Identity
from domain.conversations.inbound import MediaRef, MessageKind
from tests.fixtures.inbox import Inbox
from tests.integration.agent.house import House

PERSON = {
    "en": "I want to talk to a person", "es": "quiero hablar con una persona",
    "fr": "je veux parler à une personne", "pt-BR": "quero falar com uma pessoa",
}  # fmt: skip
ANSWER = {"en": "Of course.", "es": "Claro.", "fr": "Nova Boost", "pt-BR": "Nova Boost"}


@pytest.mark.parametrize("locale", PERSON)
async def test_a_person_is_called_without_the_model(house: House, locale: str) -> None:
    said = await house.ask(PERSON[locale])
    assert ANSWER[locale] in said[-1]
    assert house.call_count == 0
    turn = await house.turn()
    assert turn["state"] == "handed_off"
    notice = (await house.inbox.notices("handed_off"))[-1]
    assert (notice["reason"], notice["summary"]) == ("asked_for_person", "Asked for a person.")
    assert (await house.inbox.latest()).state == "human"


async def test_the_first_word_of_a_hand_off_still_says_who_speaks(house: House) -> None:
    said = await house.ask(PERSON["es"])
    assert len(said) == 1
    assert "asistente de Nova Boost" in said[0]


async def test_a_message_type_that_cannot_be_seen_gets_a_friendly_question(house: House, inbox: Inbox) -> None:
    unseen = inbox.message("", kind=MessageKind.UNSUPPORTED, content={"errors": [{"code": 131060}]})
    said = await house.ask(unseen)
    assert "What would you like" in said[-1]
    assert house.call_count == 0
    assert (await inbox.latest()).state == "bot"


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        (MessageKind.LOCATION, {"place": {"name": "Casa", "latitude": 40.4}}, "name: Casa, latitude: 40.4"),
        (MessageKind.FLOW_ANSWER, {"answers": {"division": "Oro", "flow_token": "t"}}, "division: Oro"),
        (MessageKind.ORDER, {"order": {"items": [{"id": "D4", "quantity": 2}]}}, "id: D4, quantity: 2"),
        (MessageKind.CONTACTS, {"cards": [{"name": "Ana", "phones": ["+34 600"]}]}, "name: Ana, phones: +34 600"),
    ],
)
async def test_the_model_reads_what_was_sent_instead_of_words(
    house: House, inbox: Inbox, kind: MessageKind, content: dict[str, Any], told: str
) -> None:
    await house.ask(inbox.message("", kind=kind, content=content))
    assert any(f"client {kind}" in sent and told in sent for sent in house.openai.sent_texts())


@pytest.mark.parametrize("kind", [MessageKind.IMAGE, MessageKind.DOCUMENT, MessageKind.VIDEO, MessageKind.AUDIO])
async def test_files_go_to_a_person(house: House, inbox: Inbox, kind: MessageKind) -> None:
    said = await house.ask(inbox.message("mira esto por favor", kind=kind, media=MediaRef("m1", "image/jpeg")))
    assert "A person from Nova Boost will look at it" in said[-1] or "Una persona de Nova Boost lo mira" in said[-1]
    assert house.call_count == 0
    named = {"image": "Picture", "document": "Document", "video": "Video", "audio": "Audio"}[kind]
    told = (await house.inbox.notices("handed_off"))[-1]["summary"]
    assert told == f"Sent something the assistant cannot open: {named}."  # as the staff call it


async def test_nobody_is_answered_after_stop_or_while_blocked_or_off(house: House, inbox: Inbox) -> None:
    assert await house.ask("hola", "STOP") != []  # the one confirmation, which is not the assistant's
    assert house.call_count == 0
    assert await house.ask("de E4 a D1?") == []
    assert house.call_count == 0


async def test_a_blocked_contact_hears_nothing(house: House, inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await inbox.services.contacts.block(inbox.shop.act("dispatcher"), found.contact_id)
    await house.take(found)
    assert await inbox.said() == []
    assert house.call_count == 0


async def test_an_assistant_that_is_off_is_silent(house: House, inbox: Inbox) -> None:
    found = await inbox.receive("hola")
    await house.change(is_on=False)
    await house.take(found)
    assert await inbox.said() == []


async def test_nobody_is_answered_twice(house: House, inbox: Inbox) -> None:
    found = await inbox.receive("hola, de E4 a D1?")
    await house.take(found, job_key="same")
    count = len(await inbox.said())
    await house.take(found, job_key="same")
    await house.take(found)
    assert len(await inbox.said()) == count


async def test_no_turn_begins_before_the_contact_was_quiet(house: House, inbox: Inbox) -> None:
    found = await inbox.receive("hola, de E4 a D1?")
    await house.take(found, after_s=0.5)
    assert await inbox.said() == []
    await house.take(found, after_s=1.5)
    assert len(await inbox.said()) == 2


async def test_two_people_never_hear_of_each_other(house: House, inbox: Inbox) -> None:
    await house.ask(_from(inbox, "34600111111", "Ana Secreta", "hola, de E4 a D1?"))
    house.openai.forget()
    await house.ask(_from(inbox, "34600222222", "Otto Oculto", "hola, de P4 a D4?"))
    sent = "\n".join(house.openai.sent_texts())
    assert "Otto Oculto" in sent
    assert "Secreta" not in sent
    assert "185" not in sent


def _from(inbox: Inbox, wa_id: str, name: str, text: str) -> Any:
    return inbox.message(text, sender=Identity({IdentifierKind.WA_ID: wa_id}, name))
