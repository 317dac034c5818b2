"""The menu does not go round in circles, and does not take a no for a name."""

import pytest

from domain.conversations.inbound import MessageKind, ReceivedEdit, ReceivedMessage
from tests.integration.agent.house import House, out_messages

NOT_UNDERSTOOD = {
    "en": "I did not understand that. A person from Nova Boost will answer you here.",
    "es": "No te he entendido. Una persona de Nova Boost te responde aquí.",
}
PRICED = "hola, de E4 a D1 cuánto cuesta?"


async def test_the_second_thing_in_a_row_that_is_not_understood_brings_a_person(menu: House) -> None:
    await menu.ask("hola buenas tardes")
    assert "¿Qué necesitas?" in (await menu.ask("asdf"))[-1]
    assert (await menu.ask("qwerty @everyone"))[-1] == NOT_UNDERSTOOD["es"]
    found = await menu.inbox.latest()
    assert (found.state, found.handoff_reason, found.guided) == ("human", "not_understood", {})
    notice = (await menu.inbox.notices("handed_off"))[-1]
    assert notice["summary"] == "Wrote twice what the menu did not understand: “qwerty @everyone”"


@pytest.mark.parametrize("before", [["1"], ["1", "E4"]])
async def test_divisions_that_nobody_knows_bring_a_person_too(menu: House, before: list[str]) -> None:
    await menu.ask("hello there, good morning")
    for text in before:
        await menu.ask(text)
    await menu.ask("Iron 3")
    assert (await menu.ask("Iron 2"))[-1] == NOT_UNDERSTOOD["en"]
    assert (await menu.inbox.latest()).state == "human"


async def test_a_climb_downwards_said_twice_brings_a_person(menu: House) -> None:
    await menu.ask("hola, de D1 a E4 cuánto cuesta?")
    await menu.ask("de D1 a E4")
    assert (await menu.inbox.latest()).handoff_reason == "not_understood"


async def test_what_is_understood_in_between_begins_the_count_anew(menu: House) -> None:
    await menu.ask("hola buenas tardes")
    for text in ("asdf", "1", "Hierro 3", "E4", "Hierro 3", "D1", "asdf", "1"):
        await menu.ask(text)
    found = await menu.inbox.latest()
    assert found.state == "bot"
    assert found.guided.get("missed_count") is None


@pytest.mark.parametrize("text", ["-1", "−1", "la -1", "0", "99"])
async def test_a_number_that_stands_nowhere_in_the_menu_is_no_choice(menu: House, text: str) -> None:
    await menu.ask("hola buenas tardes")
    await menu.ask(text)
    assert (await menu.inbox.latest()).guided == {"at": "menu", "missed_count": 1}
    shown = (await out_messages(menu.inbox))[-1]
    assert [option[0] for option in shown["content"]["options"]] == ["price", "orders", "person"]


@pytest.mark.parametrize(
    "text", ["no gracias", "No, thanks", "no thank you", "non merci", "não obrigado", "nope", "No."]
)
async def test_a_no_is_no_name_and_no_wish(menu: House, text: str) -> None:
    await menu.ask(PRICED)
    await menu.ask("1")
    await menu.ask(text)
    assert (await menu.inbox.latest()).guided["name"] == ""
    await menu.ask(text)
    assert (await menu.inbox.notices("handed_off"))[-1]["summary"] == "E4 → D1"
    assert await menu.inbox.value("SELECT wish FROM leads") in (None, "")


@pytest.mark.parametrize("name", ["Noa", "Thank Nguyen", "Maria de Gracias", "Bien"])
async def test_names_that_sound_like_a_no_are_names(menu: House, name: str) -> None:
    await menu.ask(PRICED)
    await menu.ask("1")
    await menu.ask(name)
    assert (await menu.inbox.latest()).guided["name"] == name


@pytest.mark.parametrize("text", ["sí", "Si, dale!", "la quiero", "ok", "yes please", "oui d'accord", "sim, quero"])
async def test_a_yes_to_the_price_is_a_yes(menu: House, text: str) -> None:
    await menu.ask(PRICED)
    await menu.ask(text)
    assert (await menu.inbox.latest()).guided["at"] == "name"


async def test_what_is_not_understood_leaves_the_price_where_it_was(menu: House) -> None:
    await menu.ask(PRICED)
    said = (await menu.ask("me haces un descuento?"))[-1]
    assert said.startswith("No te he entendido. De E4 a D1 cuesta 185,00")
    shown = (await out_messages(menu.inbox))[-1]
    assert [option[0] for option in shown["content"]["options"]] == ["buy", "again", "person"]
    await menu.ask("vale")
    assert (await menu.inbox.latest()).guided["at"] == "name"


@pytest.mark.parametrize("text", ["no gracias", "muchas gracias", "No."])
async def test_a_no_to_the_price_is_the_end_of_it(menu: House, text: str) -> None:
    await menu.ask(PRICED)
    assert (await menu.ask(text))[-1] == "De acuerdo. Escribe aquí cuando necesites algo."
    assert (await menu.inbox.latest()).guided == {}
    assert "¿Qué necesitas?" in (await menu.ask("hola otra vez"))[-1]


@pytest.mark.parametrize("before", [["1"], ["1", "E4"], ["de E4 a D1", "1"], ["de E4 a D1", "1", "Lea"]])
async def test_back_is_the_menu_wherever_it_stands(menu: House, before: list[str]) -> None:
    await menu.ask("hola buenas tardes")
    for text in before:
        await menu.ask(text)
    assert "¿Qué necesitas?" in (await menu.ask("volver"))[-1]
    assert (await menu.inbox.latest()).guided == {"at": "menu"}


async def test_one_division_is_where_it_starts_and_after_a_price_where_it_ends(menu: House) -> None:
    assert "llegar" in (await menu.ask("hola, estoy en esmeralda 4 y quiero subir"))[-1]
    assert "De E4 a D4" in (await menu.ask("diamante IV"))[-1]
    assert "De E4 a D1 cuesta 185,00" in (await menu.ask("y hasta D1 cuánto?"))[-1]


async def test_a_button_of_before_is_neither_a_division_nor_a_name(menu: House) -> None:
    await menu.ask(PRICED)
    await _press(menu, "buy")
    assert (await _press(menu, "buy"))[-1] == "¿Qué nombre apunto?"
    assert "¿En qué división estás ahora?" in (await _press(menu, "again"))[-1]
    assert "Todavía no veo ningún pedido tuyo." in (await _press(menu, "orders"))[-1]
    await _press(menu, "price")
    assert "No conozco esa división" in (await _press(menu, "buy"))[-1]  # there is no price to agree to


@pytest.mark.parametrize("kind", [MessageKind.LOCATION, MessageKind.STICKER, MessageKind.CONTACTS])
async def test_what_has_no_words_is_no_name(menu: House, kind: MessageKind) -> None:
    await menu.ask(PRICED)
    await menu.ask("sí")
    content = {"place": {"latitude": 40.4, "longitude": -3.7}, "cards": [{"name": "Paul"}]}
    assert (await menu.ask(menu.inbox.message("", kind=kind, content=content)))[-1] == "¿Qué nombre apunto?"
    assert "name" not in (await menu.inbox.latest()).guided


async def _press(menu: House, choice: str) -> list[str]:
    return await menu.ask(menu.inbox.message("Lo quiero", kind=MessageKind.CHOICE, choice_id=choice))


async def test_a_division_changed_afterwards_is_where_it_starts(menu: House) -> None:
    await menu.ask("hola")
    message = menu.inbox.message("E4")
    await menu.ask(message)
    assert "E3" not in (await menu.ask("D1"))[-1]
    said = await menu.ask(_edit(menu, message, "E3"))
    assert said == ["¿A qué división quieres llegar? Por ejemplo, D1."]
    assert "De E3 a D1" in (await menu.ask("D1"))[-1]


async def test_a_name_changed_afterwards_is_no_wish(menu: House) -> None:
    await menu.ask("hola, de E4 a D1 cuánto cuesta?")
    await menu.ask("1")
    name = menu.inbox.message("Ana")
    asked = await menu.ask(name)
    assert await menu.ask(_edit(menu, name, "Anna")) == asked
    assert (await menu.inbox.latest()).state == "bot"


def _edit(menu: House, message: ReceivedMessage, text: str) -> ReceivedEdit:
    return ReceivedEdit(message.sender, "wamid.edit", message.provider_id, text, menu.inbox.clock.now())


@pytest.mark.parametrize(
    ("hello", "text", "answer"),
    [
        (PRICED, "y cómo va mi pedido?", "Todavía no veo ningún pedido tuyo."),
        ("hello, how much is E4 to D1?", "how is my order going?", "I see no order of yours yet."),
        ("bonjour, combien coûte de E4 à D1 ?", "et ma commande ?", "Je ne vois pas encore de commande à votre nom."),
        ("olá, quanto custa de E4 para D1?", "meu pedido", "Ainda não vejo nenhum pedido seu."),
    ],
)
async def test_after_a_price_too_somebody_may_ask_for_their_order(
    menu: House, hello: str, text: str, answer: str
) -> None:
    assert "185" in (await menu.ask(hello))[-1]
    assert answer in (await menu.ask(text))[-1]
    assert (await menu.inbox.latest()).guided == {"at": "menu"}
