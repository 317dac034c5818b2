"""Replies that are no sentences for this client."""

import time

import pytest

from agent.gates.strangers import strangers
from agent.gates.wording import is_of_prompt, odd_signs, says_something, tool_names_in

PROMPT = "You are the WhatsApp assistant of Nova Boost, a shop that climbs ranked games for its clients. Be plain."


@pytest.mark.parametrize(
    "text",
    [
        "Write to boss@evil.test", "Call +34 600 111 222 now", "llama al 600111222", "tu pedido #4821 va bien",
        "Le pedido 4821 est à Carlos", "O cliente anterior, Ana, pediu D1.", "otro cliente pagó lo mismo",
        "another client is in D2", "votre commande n° 77 avance", "un autre joueur est en D1",
    ],
)  # fmt: skip
def test_other_people_and_their_numbers_are_objected_to(text: str) -> None:
    assert list(strangers(text, {12}))


@pytest.mark.parametrize(
    "text",
    [
        "Tu pedido #12 va de E4 a D1.", "De E4 a D1 cuesta 185,00 US$.", "D1, D2, D3, D4", "20 nov 2026, 18:00:00",
        "Votre commande 12 est en D3.", "From E4 to D1 it is $1,185.00.", "¿Otra cosa?",
    ],
)  # fmt: skip
def test_what_concerns_the_client_is_not(text: str) -> None:
    assert list(strangers(text, {12})) == []


@pytest.mark.parametrize("text", ["", " \n", "…", "👍", "{}", "***", "\u2800"])
def test_nothing_said_is_noticed(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize(
    "text",
    [
        "<b>Hi</b>", "```x```", "| a | b |", "# Offer", "{{ x }}", "${HOME}", "@everyone hi", "<@123>", '{"a": 1}',
        "javascript:alert(1)", "Z\u0351\u0312\u0300a", "x" * 130, "[1, 2]",
    ],
)  # fmt: skip
def test_markup_is_noticed(text: str) -> None:
    assert odd_signs(text)


@pytest.mark.parametrize(
    "text", ["De E4 a D1 → 185 US$.", "¡Claro! 👍", "a < b", "*D1*: 45 US$", "data: 12", "@lea hola"]
)
def test_plain_sentences_are_not_markup(text: str) -> None:
    assert not odd_signs(text)


def test_instructions_and_tools_are_recognised_however_they_are_written() -> None:
    assert is_of_prompt("YOU ARE THE WHATSAPP ASSISTANT of nova boost, A SHOP", PROMPT)
    assert not is_of_prompt("I am the assistant of Nova Boost.", PROMPT)
    assert tool_names_in("call quote_order for me", ["quote_order"])


@pytest.mark.parametrize("char", ["x", "1", "1 ", "a.", "@", "a@", "#1", "{", "<a", "é", "\u0300", "otro cliente "])
def test_the_gates_are_quick_on_whatever_a_model_writes(char: str) -> None:
    text = (char * 2_000)[:2_000]
    began_s = time.thread_time()
    list(strangers(text, ()))
    odd_signs(text)
    is_of_prompt(text, PROMPT)
    assert time.thread_time() - began_s < 0.5
