"""Rules of the agent that no other file holds: what is kept of a turn plays it again, what failed leaves no pattern."""

import hashlib
from typing import Any

import orjson
import pytest

from domain.contacts.dto import IdentifierKind, Identity
from sandbox.openai import Reply, ScriptedModel, call
from tests.fixtures.inbox import Inbox
from tests.integration.agent.house import House

ASKED = "hola, de E4 a D1 cuánto cuesta?"


def _says(*steps: Any) -> ScriptedModel:
    model = ScriptedModel()
    model.when("E4", *steps)
    return model


async def test_a_turn_can_be_played_again_from_its_trace(house: House, inbox: Inbox) -> None:
    said = await house.ask(ASKED)
    first, *rest = await house.steps()
    told = [first["system"], first["messages"]]
    assert hashlib.sha256(orjson.dumps(told)).hexdigest() == first["sha256"], "it is kept whole"
    played = [
        call(step["call"], **orjson.loads(step["arguments"])) if "call" in step else step["reply"]
        for step in rest
        if "call" in step or "reply" in step
    ]
    house.openai.model = _says(*played)
    other = inbox.message(ASKED, sender=Identity({IdentifierKind.WA_ID: "34600999000"}, "Lea"))
    assert await house.ask(other) == said
    again, *_ = await house.steps()
    assert again["system"] == first["system"]


async def test_calls_that_failed_are_no_part_of_the_history(house: House) -> None:
    house.openai.model = _says(call("quote_order", start="Z9", target="Z1"), "Dime en qué división estás.")
    await house.ask(ASKED)
    house.openai.forget()
    await house.ask("estoy en E4")
    view = house.openai.requests[0].view
    assert view is not None
    assert [message.role for message in view.messages if message.calls or message.role == "tool"] == []
    assert "Z9" not in house.openai.sent_texts()[0]


async def test_a_shop_without_a_scope_of_its_own_has_one(house: House) -> None:
    await house.ask(ASKED)
    scope = house.openai.sent_texts()[0].split("# What you may do")[1].split("# How you write")[0]
    assert "Tell what a climb costs" in scope
    assert "say in one short line that you cannot help with it here" in scope
    await house.change(scope="Only climbs on EUW.")
    house.openai.forget()
    await house.ask("y de P4 a E4?")
    scope = house.openai.sent_texts()[0].split("# What you may do")[1].split("# How you write")[0]
    assert "Only climbs on EUW." in scope
    assert "Tell what a climb costs" not in scope


async def test_a_hand_off_in_prose_is_made_a_real_one(house: House) -> None:
    house.openai.model = _says("Te paso con una persona del equipo.")
    said = await house.ask(ASKED)
    assert "Te paso con" not in "".join(said)
    assert (await house.inbox.latest()).state == "human"
    assert len(await house.inbox.notices("handed_off")) == 1


async def test_a_client_who_says_that_they_paid_settles_nothing(house: House, inbox: Inbox) -> None:
    house.openai.model = _says("Perfecto, pago recibido. Empezamos hoy.")
    entries = await inbox.value("SELECT count(*) FROM journal_entries")
    said = await house.ask("ya pagué de E4 a D1, aquí está el comprobante 4821")
    assert "recibido" not in "".join(said)
    assert await inbox.value("SELECT count(*) FROM journal_entries") == entries


@pytest.mark.parametrize("length", [801, 5_000])
async def test_a_reply_that_never_fits_is_not_looked_at_any_closer(house: House, length: int) -> None:
    long = ("Son 5 USD. Pagado. " * 300)[:length]
    house.openai.model = _says(lambda _: Reply(long, is_unruly=True), "Dime en qué división estás.")
    assert (await house.ask(ASKED))[-1] == "Dime en qué división estás."
    objections = next(step["objections"] for step in await house.steps() if step.get("objections"))
    assert objections == ["it is too long: two paragraphs of 300 characters at most"]
