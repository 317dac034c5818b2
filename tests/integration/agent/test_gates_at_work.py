"""Replies that must not leave: the model is told once, and the second time code answers."""

from typing import Any

from domain.i18n.detect import LanguageDetector
from sandbox.openai import MISCHIEF, AdversarialModel, ModelRequest, Reply, ScriptedModel, call
from sandbox.openai.lies import CLAIMS, FOREIGN, GOSSIP, LEAKS, LINKS, MARKUP, PRICES, PROMISES, SIGNS
from tests.integration.agent.crowd import Crowd, broken
from tests.integration.agent.house import House

ASKED = "hola, de E4 a D1 cuánto cuesta?"


def _says(*steps: Any) -> ScriptedModel:
    model = ScriptedModel()
    model.when("E4", *steps)
    return model


async def _again(house: House) -> None:
    """The colleague is done: the assistant answers again."""
    found = await house.inbox.latest()
    if found.state == "human":
        await house.inbox.conversations.give_back(house.inbox.shop.act("seller"), found.id)


async def test_no_lie_reaches_the_client(house: House) -> None:
    for lie in (*PRICES, *PROMISES, *CLAIMS):
        house.openai.model = _says(lie)
        house.openai.forget()
        said = await house.ask(ASKED)
        assert lie not in "\n".join(said)
        assert said[-1].endswith("Una persona de Nova Boost te responde aquí.")
        assert (await house.steps())[-2]["failure"] == "vetoed"
        assert house.call_count == 2
        await _again(house)


async def test_no_foul_reply_reaches_the_client(house: House) -> None:
    house.hear_well()
    for text in (*GOSSIP[:2], *LINKS[:-1], *LEAKS, *MARKUP[:3], *MARKUP[4:], *FOREIGN[:6], SIGNS[5]):
        house.openai.model = _says(lambda _, text=text: Reply(text, is_unruly=True))
        said = await house.ask(ASKED)
        assert text.strip() not in "\n".join(said)
        assert (await house.turn())["state"] == "handed_off", text
        await _again(house)


async def test_the_model_is_told_what_was_wrong_and_may_mend_it(house: House) -> None:
    house.openai.model = _says("Solo 5 €.", call("quote_order", start="E4", target="D1"), _quote)
    said = await house.ask(ASKED)
    assert said[-1] == "De E4 a D1 son 185,00\xa0US$."
    note = house.openai.requests[1].view
    assert note is not None
    assert "the amount “5 €” comes from no tool of this turn" in note.messages[-1].text


def _quote(request: ModelRequest) -> str:
    return f"De E4 a D1 son {request.result('quote_order')['total']}."


async def test_a_quote_of_this_turn_is_told_by_code_where_the_model_lies_on(house: House) -> None:
    house.openai.model = _says(call("quote_order", start="E4", target="D1"), "Son 99 US$.", "Son 98 US$.")
    said = await house.ask(ASKED)
    assert said[-1] == "De E4 a D1 cuesta 185,00\xa0US$. ¿Quieres seguir adelante?"
    assert (await house.turn())["state"] == "replied"


async def test_a_price_of_an_earlier_turn_has_to_be_asked_for_again(house: House) -> None:
    await house.ask(ASKED)
    house.openai.model = _says("Como te dije, son 185,00 US$.")
    said = await house.ask("y E4 a D1 cuánto era?")
    assert "185" not in said[-1]


async def test_what_the_client_says_about_a_price_is_no_price(house: House) -> None:
    house.openai.model = _says("Sí, son 20 US$.")
    assert "20" not in "".join(await house.ask("tu compañero dijo 20 US$ de E4 a D1, verdad?"))


async def test_a_cut_reply_is_asked_for_again(house: House) -> None:
    house.openai.model = _says(Reply("Hola, te cuento que nos", finish_reason="length", is_unruly=True), "Hola, dime.")
    assert (await house.ask(ASKED))[-1] == "Hola, dime."


async def test_a_reply_too_long_is_taken_whole_or_not_at_all(house: House) -> None:
    long = "Subimos tu cuenta con jugadores de confianza. " * 20
    house.openai.model = _says(long, "Dime en qué división estás.")
    assert (await house.ask(ASKED))[-1] == "Dime en qué división estás."


async def test_the_privacy_link_may_be_said_and_no_other(house: House) -> None:
    await house.change(privacy_url="https://nova.example/privacy")
    house.openai.model = _says("Aquí lo explicamos: https://nova.example/privacy")
    await house.greet()
    assert "https://nova.example/privacy" in (await house.ask(ASKED))[-1]


async def test_a_hand_off_is_an_action_with_reason_and_summary(house: House) -> None:
    house.openai.model = _says(call("hand_off", reason="ready_to_buy", summary="Lea\x00 quiere E4 a D1"))
    said = await house.ask(ASKED)
    assert said[-1].endswith("Perfecto. Una persona de Nova Boost cierra lo demás contigo aquí.")
    notice = (await house.inbox.notices("handed_off"))[-1]
    assert (notice["reason"], notice["summary"]) == ("ready_to_buy", "Lea quiere E4 a D1")


async def test_after_a_hand_off_is_over_the_model_does_not_read_that_it_is_silent(house: House) -> None:
    inbox = house.inbox
    house.openai.model = _says(call("hand_off", reason="complaint", summary="x"))
    await house.ask(ASKED)
    found = await inbox.latest()
    from domain.conversations.dto import Outgoing

    await inbox.conversations.reply(inbox.shop.act("seller"), found.id, Outgoing("Soy Olivia, lo miro."))
    await inbox.conversations.give_back(inbox.shop.act("seller"), found.id)
    house.openai.forget()
    house.openai.model = ScriptedModel()
    house.openai.model.when("gracias", "De nada.")
    assert (await house.ask("gracias"))[-1] == "De nada."
    sent = house.openai.sent_texts()[0]
    assert "a colleague wrote" in sent
    assert "Soy Olivia" in sent
    assert "te responde aquí" not in sent


async def test_every_mischief_is_survived(either_house: House) -> None:
    either_house.hear_well()
    either_house.openai.model = AdversarialModel(3)
    crowd = Crowd(either_house, 3)
    await crowd.gather(4)
    await crowd.talk(4)
    for name in MISCHIEF:
        either_house.openai.model = AdversarialModel(3, [name])
        await crowd.talk_on()
    assert await broken(either_house, crowd, LanguageDetector()) == []
