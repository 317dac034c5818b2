"""What a sensible model leads to: a price from the tariff, one answer, who answers said once."""

import pytest

from domain.conversations.dto import Outgoing
from sandbox.openai import ScriptedModel, call
from tests.fixtures.inbox import Inbox
from tests.integration.agent.house import House

ASKED = {
    "es": ("hola buenas", "quiero subir", "de E4 a D1 cuánto cuesta?"),
    "fr": ("bonjour", "je voudrais monter", "de E4 à D1, c'est combien ?"),
    "en": ("hi there", "how much is it", "from E4 to D1 please"),
    "pt-BR": ("olá, bom dia", "quanto custa", "subir de E4 até D1?"),
}
PRICE = {"es": "185,00", "fr": "185,00", "en": "185.00", "pt-BR": "185,00"}


@pytest.mark.parametrize("locale", ASKED)
async def test_three_fragments_get_one_quote_from_the_tariff_in_their_language(
    either_house: House, locale: str
) -> None:
    greeting, reply = await either_house.ask(*ASKED[locale])
    assert "Nova Boost" in greeting
    assert PRICE[locale] in reply
    assert "E4" in reply
    assert (await either_house.turn())["state"] == "replied"
    lead = await either_house.inbox.row("SELECT * FROM leads")
    assert lead is not None
    assert (lead["start_division"], lead["target_division"], lead["quoted_minor"]) == ("E4", "D1", 18500)
    assert lead["stage"] not in ("won", "lost")


@pytest.mark.parametrize("text", ["ok", "si", "1", "thanks"])
async def test_a_few_letters_are_answered_in_the_language_of_the_person(house: House, text: str) -> None:
    await house.ask("bonjour, je voudrais monter de E4 à D1")
    house.openai.forget()
    await house.ask(text)
    assert "Write in French" in house.openai.sent_texts()[0]


async def test_a_few_letters_of_somebody_new_are_answered_in_the_shops_language(house: House) -> None:
    await house.ask("1")
    assert "Write in English" in house.openai.sent_texts()[0]


async def test_the_greeting_is_said_once_with_the_privacy_link(house: House) -> None:
    await house.change(privacy_url="https://nova.example/privacy")
    first = await house.ask("hola, de E4 a D1?")
    assert "https://nova.example/privacy" in first[0]
    assert "asistente" in first[0]
    second = await house.ask("y de P4 a D4?")
    assert len(second) == 1
    assert "asistente" not in second[0]


async def test_after_a_human_the_assistant_says_once_that_it_is_back(house: House, inbox: Inbox) -> None:
    await house.ask("hola, de E4 a D1?")
    found = await inbox.receive("espera")
    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Soy Seller, dime"))
    await inbox.receive("y de P4 a D4?")
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    before = len(await inbox.said())
    await house.take(found, after_s=0)
    back = (await inbox.said())[before:]
    assert back[0] == "Vuelve a responderte el asistente de Nova Boost."
    assert len(back) == 2
    assert all("Vuelve" not in said for said in await house.ask("y de P4 a D3?"))


async def test_own_orders_are_told_and_nobody_elses(house: House, inbox: Inbox) -> None:
    found = await inbox.receive("hola buenas")
    await _order(inbox, "Marta Secreta", contact_id=None)
    mine = await _order(inbox, "Lea", contact_id=found.contact_id)
    house.openai.model = ScriptedModel()
    house.openai.model.when("pedido", call("my_orders"), lambda request: f"Tu pedido #{mine} está publicado para ti.")
    said = await house.ask("cómo va mi pedido?")
    assert f"#{mine}" in said[-1]
    sent = "\n".join(house.openai.sent_texts())
    assert "Secreta" not in sent
    assert "Bruno" not in sent


async def test_an_order_number_no_tool_returned_is_not_said(house: House) -> None:
    house.openai.model = ScriptedModel()
    house.openai.model.when("pedido", "Tu pedido #4821 va muy bien.")
    await house.greet()
    assert "4821" not in "".join(await house.ask("cómo va mi pedido?"))
    assert (await house.turn())["state"] == "handed_off"


async def test_tools_and_schemas_are_as_the_interface_wants_them(either_house: House) -> None:
    await either_house.ask("hola, de E4 a D1?")
    assert set(either_house.openai.status_counts) == {200}
    assert either_house.openai.requests[0].view is not None
    assert either_house.openai.requests[0].view.tool_names == {
        "list_services", "quote_order", "my_orders", "update_lead", "hand_off",
    }  # fmt: skip


async def test_braces_in_persona_scope_and_names_are_harmless(house: House, inbox: Inbox) -> None:
    await house.change(persona="{cheerful} {{ 7*7 }} {% raw %}", scope="{0} %s {{ tenant }}")
    said = await house.ask(inbox.message("hola, de E4 a D1?", sender=_named("{name} {{x}} @everyone")))
    assert PRICE["es"] in said[-1]
    assert "{{ 7*7 }}" in house.openai.sent_texts()[0]
    assert "49" not in house.openai.sent_texts()[0].split("# What you may do")[0]


def _named(name: str):  # type: ignore[no-untyped-def]  # a helper of one line
    from domain.contacts.dto import IdentifierKind, Identity

    return Identity({IdentifierKind.WA_ID: "34600111222"}, name)


async def _order(inbox: Inbox, name: str, contact_id) -> int:  # type: ignore[no-untyped-def]  # UUID or None
    from domain.orders.dto import NewOrder

    orders = inbox.services.orders
    draft = await orders.create(inbox.shop.act("seller"), NewOrder(name, "E4", "D1", contact_id=contact_id))
    found = await orders.publish(inbox.shop.act("seller"), draft.code)
    return found.code
