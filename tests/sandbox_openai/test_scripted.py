from sandbox.openai import ModelRequest, Reply, SalesModel, ScriptedModel, call
from sandbox.openai.hearing import divisions, language_of
from sandbox.openai.turns import Message, Tool, loose_json


def _request(*texts: str, tools: tuple[Tool, ...] = ()) -> ModelRequest:
    return ModelRequest("chat", "m", tuple(Message("client", text) for text in texts), tools)


def test_the_first_rule_that_fits_is_followed() -> None:
    model = ScriptedModel()
    model.when(("precio", "preço"), "first")
    model.when("precio", "second")
    model.when(lambda request: len(request.client_text) > 20, "long")
    assert model.answer(_request("¿PRECIO?")).text == "first"
    assert model.answer(_request("qual é o preco")).text == "first"
    assert model.answer(_request("x" * 21)).text == "long"
    assert model.answer(_request("hola")).text == "Ok."


def test_what_no_rule_fits_goes_to_the_fallback() -> None:
    model = ScriptedModel(SalesModel())
    model.when("ping", "pong")
    assert model.answer(_request("de E4 a D1", tools=(Tool("quote_order"),))).calls[0].name == "quote_order"


def test_steps_follow_the_answers_given_and_the_last_repeats() -> None:
    model = ScriptedModel()
    model.when("go", call("a"), [call("b"), call("c")], Reply("done", finish_reason="length"))
    messages = [Message("client", "go")]
    said = []
    for _ in range(4):
        reply = model.answer(ModelRequest("chat", "m", tuple(messages)))
        said.append([c.name for c in reply.calls] or reply.text)
        messages.append(Message("assistant", reply.text or "", reply.calls))
    assert said == [["a"], ["b", "c"], "done", "done"]


def test_divisions_are_heard_in_many_spellings() -> None:
    heard = {
        "E4 a d1": ["E4", "D1"],
        "Esmeralda IV, luego DIAMANTE 2": ["E4", "D2"],
        "émeraude quatre": ["E4"],
        "platinum I want diamond 1": ["D1"],
        "⟦data: message\nde P3 a E1\n⟧end of data: message⟦⟧": ["P3", "E1"],
        "pedido 4821, e 4 mais": [],
    }
    assert {text: divisions(text) for text in heard} == heard


def test_the_language_is_heard_or_read() -> None:
    heard = {
        "hi, how much is it": "en",
        "hola, ¿cuánto cuesta?": "es",
        "bonjour, combien ?": "fr",
        "oi, quanto custa": "pt",
    }
    assert {text: language_of(_request(text)) for text in heard} == heard
    told = ModelRequest("chat", "m", (Message("system", "- **Language**: pt-BR"), Message("client", "hola")))
    assert language_of(told) == "pt"
    told = ModelRequest("chat", "m", (Message("system", "- Write in Brazilian Portuguese."), Message("client", "hi")))
    assert language_of(told) == "pt"


def test_json_is_found_inside_its_fence() -> None:
    assert loose_json('⟦data: tool x\n{"a": [1]}\n⟧end') == {"a": [1]}
    assert loose_json('[note] then {"a": 1} and more') == {"a": 1}
    assert loose_json("no json {at all") is None
    assert loose_json("[" * 50_000) is None
