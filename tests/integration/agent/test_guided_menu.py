"""No key: the menu quotes, takes name and wish, and hands over, by buttons or by what is typed."""

from typing import Any
from uuid import UUID

import pytest

from agent.turn import AgentTurns
from domain.conversations.inbound import MessageKind
from domain.i18n.detect import LanguageDetector
from tests.integration.agent.house import QUICK, House, out_messages

HELLO = {
    "en": "hello there, good morning",
    "es": "hola buenas tardes",
    "fr": "bonjour, ça va ?",
    "pt-BR": "olá, bom dia",
}
QUOTE = {
    "en": "E4 to D1 costs $185.00", "es": "De E4 a D1 cuesta 185,00", "fr": "185,00", "pt-BR": "185,00",
}  # fmt: skip


async def _press(menu: House, choice: str) -> list[str]:
    return await menu.ask(menu.inbox.message("", kind=MessageKind.CHOICE, choice_id=choice))


@pytest.mark.parametrize("locale", HELLO)
async def test_the_whole_way_by_numbers_typed(menu: House, locale: str) -> None:
    said = await menu.ask(HELLO[locale])
    assert "Nova Boost" in said[0]
    await menu.ask("1")
    await menu.ask("E4")
    said = await menu.ask("d1")
    assert QUOTE[locale] in said[-1]
    await menu.ask("1")
    await menu.ask("Lea")
    said = await menu.ask("EUW, mid")
    assert "Nova Boost" in said[-1]
    found = await menu.inbox.latest()
    assert (found.state, found.handoff_reason) == ("human", "ready_to_buy")
    lead = await menu.inbox.row("SELECT * FROM leads")
    assert lead is not None
    assert (lead["start_division"], lead["target_division"], lead["quoted_minor"]) == ("E4", "D1", 18500)
    assert lead["wish"] == "Lea · EUW, mid"
    notice = (await menu.inbox.notices("handed_off"))[-1]
    assert notice["summary"] == "E4 → D1 · Lea · EUW, mid"


async def test_the_whole_way_by_buttons(menu: House) -> None:
    await menu.ask(HELLO["en"])
    shown = (await out_messages(menu.inbox))[-1]
    assert [option[0] for option in shown["content"]["options"]] == ["price", "orders", "person"]
    await _press(menu, "price")
    await menu.ask("E4")
    await menu.ask("D1")
    shown = (await out_messages(menu.inbox))[-1]
    assert [option[0] for option in shown["content"]["options"]] == ["buy", "again", "person"]
    await _press(menu, "buy")
    await menu.ask("Lea")
    await menu.ask("no")
    assert (await menu.inbox.notices("handed_off"))[-1]["summary"] == "E4 → D1 · Lea"


async def test_two_divisions_named_at_once_are_priced_at_once(menu: House) -> None:
    assert "185" in (await menu.ask("hola, de e4 a d1 cuánto cuesta?"))[-1]


async def test_a_division_nobody_knows_is_asked_for_again(menu: House) -> None:
    await menu.ask(HELLO["es"])
    await _press(menu, "price")
    assert "D1, D2" in (await menu.ask("Hierro 3"))[-1]
    assert "E4" not in (await menu.ask("E4"))[-1]


async def test_a_climb_downwards_is_explained(menu: House) -> None:
    said = (await menu.ask("hola, de D1 a E4 cuánto cuesta?"))[-1]
    assert "E4" in said
    assert "cuesta" not in said


async def test_own_orders_are_told_without_a_model(menu: House) -> None:
    await menu.ask(HELLO["es"])
    assert "Todavía no veo ningún pedido tuyo." in (await _press(menu, "orders"))[-1]


async def test_a_person_by_button_or_by_words(menu: House) -> None:
    await menu.ask(HELLO["es"])
    await _press(menu, "person")
    assert (await menu.inbox.latest()).state == "human"


async def test_the_menu_begins_anew_after_a_hand_off(menu: House) -> None:
    await menu.ask("hola, de E4 a D1 cuánto cuesta?")
    await menu.ask("1")
    await menu.ask("quiero hablar con una persona")
    found = await menu.inbox.latest()
    assert found.guided == {}
    await menu.inbox.conversations.give_back(menu.inbox.shop.act("seller"), found.id)
    assert "¿Qué necesitas?" in (await menu.ask("hola de nuevo"))[-1]


@pytest.mark.parametrize("text", ["\u200b\u200b", "{0} {{x}}", "x" * 4_000, "9" * 400, "🎮" * 50, "@everyone"])
async def test_strange_names_and_wishes_break_nothing(menu: House, text: str) -> None:
    await menu.ask("hola, de E4 a D1 cuánto cuesta?")
    await menu.ask("1")
    await menu.ask(text)
    await menu.ask(text)
    assert (await menu.inbox.latest()).state == "human"


async def test_a_trace_says_where_the_menu_stood(menu: House) -> None:
    await menu.ask(HELLO["es"])
    turn: Any = await menu.turn()
    assert (turn["model"], turn["trace"]["steps"][0]["guided"]) == ("guided", {"at": "menu"})


async def test_what_the_menu_answers_is_marked_as_read(menu: House) -> None:
    seen: list[tuple[str, str]] = []

    class Watched:
        async def typing(self, tenant_id: UUID, account_id: UUID, provider_message_id: str) -> None:
            seen.append(("typing", provider_message_id))

        async def read(self, tenant_id: UUID, account_id: UUID, provider_message_id: str) -> None:
            seen.append(("read", provider_message_id))

    menu.turns = AgentTurns(menu.inbox.services, None, QUICK, LanguageDetector(is_light=True), Watched())
    message = menu.inbox.message(HELLO["es"])
    await menu.ask(message)
    assert seen == [("read", message.provider_id)]
