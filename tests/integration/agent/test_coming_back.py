"""From the assistant to a person and back: the client reads who speaks, the model what the person said."""

import pytest

from domain.conversations.dto import Outgoing
from domain.conversations.inbound import PhoneEcho
from sandbox.openai import ModelRequest, ScriptedModel, call
from tests.fixtures.inbox import Inbox
from tests.integration.agent.house import House


async def _handed_over(house: House) -> None:
    house.openai.model = ScriptedModel()
    house.openai.model.when("queja", call("hand_off", reason="complaint", summary="x"))
    await house.ask("hola, tengo una queja de mi cuenta")
    house.openai.forget()


async def _after(house: House) -> ModelRequest:
    """What the model reads of the client's next message."""
    found = await house.inbox.latest()
    await house.inbox.conversations.give_back(house.inbox.shop.act("seller"), found.id)
    house.openai.model = ScriptedModel()
    house.openai.model.when("gracias", "De nada.")
    assert (await house.ask("vale, muchas gracias"))[-1] == "De nada."
    view = house.openai.requests[0].view
    assert view is not None
    return view


async def test_the_model_reads_what_the_colleague_said_and_not_that_it_is_silent(house: House, inbox: Inbox) -> None:
    await _handed_over(house)
    found = await inbox.latest()
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Te devolví 20 USD."))
    view = await _after(house)
    told = [message.text for message in view.messages]
    assert "⟦data: a colleague wrote⟧\nSeller, de Nova Boost:\nTe devolví 20 USD." in told[-2]
    assert "te responde aquí" not in "".join(told)
    assert "A colleague has had this conversation, and you answer again." in view.system


async def test_what_was_said_on_the_phone_is_a_colleagues(house: House, inbox: Inbox) -> None:
    await _handed_over(house)
    await inbox.receive(PhoneEcho(inbox.message("Lo arreglo hoy.")))
    view = await _after(house)
    assert "⟦data: a colleague wrote⟧\nLo arreglo hoy." in view.messages[-2].text


async def test_a_colleague_who_wrote_nothing_had_it_nonetheless(house: House, inbox: Inbox) -> None:
    await _handed_over(house)
    view = await _after(house)
    told = [message.text for message in view.messages]
    assert "te responde aquí" not in "".join(told)
    assert told[-1].startswith("⟦data: client text after a colleague had it⟧")
    assert "A colleague has had this conversation" in view.system


async def test_who_takes_over_is_named_and_so_is_the_assistants_return(house: House, inbox: Inbox) -> None:
    await house.ask("hola, de E4 a D1 cuánto cuesta?")
    found = await inbox.receive("espera, y de P4 a D4?")
    before = len(await inbox.said())
    await inbox.conversations.take_over(inbox.shop.act("seller"), found.id)
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)  # without a word: the question still waits
    house.openai.forget()
    await house.take(found, after_s=0)
    said = (await inbox.said())[before:]
    assert said[:2] == ["Ahora te atiende Seller, de Nova Boost.", "Vuelve a responderte el asistente de Nova Boost."]
    assert "P4 a D4" in said[2]
    assert "Ahora te atiende" not in "".join(house.openai.sent_texts())


@pytest.mark.parametrize("text", ["hola, de E4 a D1?", "hola, quiero hablar con una persona"])
async def test_a_conversation_no_person_had_speaks_of_none(house: House, text: str) -> None:
    await house.ask(text)
    assert "A colleague has had" not in "".join(house.openai.sent_texts())
