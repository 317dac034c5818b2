import json
from typing import Any

import pytest
from openai import AsyncOpenAI

from sandbox.openai import OpenAIEmulator, SalesModel
from tests.sandbox_openai.harness import chat_tool, flat_tool, talk, user

QUOTE = chat_tool()
EMPTY = {"type": "object", "properties": {}}
HAND_OFF = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "enum": ["complaint", "person_asked", "other"]},
        "summary": {"type": "string"},
    },
    "required": ["reason", "summary"],
}
LEAD = {
    "type": "object",
    "properties": {"wish": {"type": "string"}, "name": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    "required": ["wish", "name"],
}
TOOLS = [
    QUOTE,
    chat_tool("hand_off", HAND_OFF),
    chat_tool("update_lead", LEAD),
    chat_tool("my_orders", EMPTY),
    chat_tool("list_services", EMPTY),
]
RESULTS = {
    "quote_order": '⟦data: tool quote_order\n{"total": "231.00 USD", "steps": []}\n⟧end of data: tool quote_order⟦⟧',
    "hand_off": '{"ok": true}',
    "update_lead": '{"ok": true}',
    "my_orders": '{"orders": [{"code": 4821, "state": "claimed"}]}',
    "list_services": '{"services": ["D1"]}',
}


@pytest.fixture
async def sales(emulator: OpenAIEmulator) -> OpenAIEmulator:
    emulator.model = SalesModel()
    return emulator


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("Hola, ¿cuánto de esmeralda 4 a D1?", ("E4", "D1")),
        ("Bonjour, je suis platine II et je veux émeraude 1", ("P2", "E1")),
        ("Oi, quero subir de P4 até diamante um", ("P4", "D1")),
        ("Hi, from emerald IV to diamond 1 please", ("E4", "D1")),
    ],
)
async def test_two_divisions_are_quoted_with_the_tools_own_amount(
    client: AsyncOpenAI, sales: OpenAIEmulator, text: str, route: tuple[str, str]
) -> None:
    said, calls = await talk(client, [user(text)], TOOLS, RESULTS)
    assert [name for name, _ in calls] == ["quote_order", "update_lead"]
    assert calls[0][1] == {"start": route[0], "target": route[1]}
    assert calls[1][1] == {"wish": " -> ".join(route), "name": None}
    assert "231.00 USD" in said
    assert route[1] in said


async def test_a_refused_quote_names_no_amount(client: AsyncOpenAI, sales: OpenAIEmulator) -> None:
    refused = RESULTS | {"quote_order": '{"error": "unknown_division", "total": "5 USD"}'}
    said, calls = await talk(client, [user("de E4 a D1")], TOOLS, refused)
    assert [name for name, _ in calls] == ["quote_order"]
    assert "5 USD" not in said
    assert "división" in said


async def test_the_instructions_choose_the_language(client: AsyncOpenAI, sales: OpenAIEmulator) -> None:
    system = {"role": "system", "content": "You sell.\nLanguage of the contact: fr\n"}
    said, _ = await talk(client, [system, user("E4 -> D1")], TOOLS, RESULTS)
    assert "c'est 231.00 USD" in said


async def test_three_short_messages_make_one_quote(client: AsyncOpenAI, sales: OpenAIEmulator) -> None:
    _, calls = await talk(client, [user("hola"), user("estoy en E4"), user("quiero llegar a D1")], TOOLS, RESULTS)
    assert calls[0] == ("quote_order", {"start": "E4", "target": "D1"})


async def test_the_target_may_come_in_a_later_turn(client: AsyncOpenAI, sales: OpenAIEmulator) -> None:
    messages: list[Any] = [user("hola, estoy en esmeralda 4")]
    said, calls = await talk(client, messages, TOOLS, RESULTS)
    assert "E4" in said
    assert calls == []
    messages += [{"role": "assistant", "content": said}, user("hasta D1")]
    said, calls = await talk(client, messages, TOOLS, RESULTS)
    assert calls[0] == ("quote_order", {"start": "E4", "target": "D1"})
    messages += [{"role": "assistant", "content": said}, user("¿y hasta D2?")]
    said, calls = await talk(client, messages, TOOLS, RESULTS)
    assert calls[0] == ("quote_order", {"start": "E4", "target": "D2"})


@pytest.mark.parametrize("text", ["quiero hablar con una persona", "I want a human", "je veux parler à quelqu'un"])
async def test_a_person_is_called_when_asked_for(client: AsyncOpenAI, sales: OpenAIEmulator, text: str) -> None:
    _, calls = await talk(client, [user(text)], TOOLS, RESULTS)
    assert calls == [("hand_off", {"reason": "person_asked", "summary": text})]


async def test_the_clients_orders_are_told(client: AsyncOpenAI, sales: OpenAIEmulator) -> None:
    said, calls = await talk(client, [user("¿cómo va mi pedido?")], TOOLS, RESULTS)
    assert calls == [("my_orders", {})]
    assert "4821, claimed" in said


async def test_without_tools_it_only_talks(client: AsyncOpenAI, sales: OpenAIEmulator) -> None:
    answer = await client.chat.completions.create(model="gpt-sandbox", messages=[user("de E4 a D1")])
    assert answer.choices[0].message.tool_calls is None


async def test_it_sells_through_the_other_api_as_well(client: AsyncOpenAI, sales: OpenAIEmulator) -> None:
    items: list[Any] = [user("de E4 a D1")]
    options: dict[str, Any] = {"model": "gpt-sandbox", "tools": [flat_tool()]}
    first = await client.responses.create(input=items, **options)
    made = first.output[0]
    assert made.type == "function_call"
    assert json.loads(made.arguments) == {"start": "E4", "target": "D1"}
    items += [made.model_dump(exclude_none=True)]
    items += [{"type": "function_call_output", "call_id": made.call_id, "output": RESULTS["quote_order"]}]
    assert "231.00 USD" in (await client.responses.create(input=items, **options)).output_text
