"""The loop between model and tools is bounded, and what the model says is never echoed as it came."""

import re
from typing import Any

import pytest

from domain.conversations.turn_dto import TurnEnd
from domain.kernel.actor import Actor
from domain.orders.dto import Tariff
from sandbox.openai import Reply, ScriptedModel, ToolCall, call
from tests.integration.agent.house import House

ASKED = "hola, de E4 a D1 cuánto cuesta?"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def _says(*steps: Any) -> ScriptedModel:
    model = ScriptedModel()
    model.when("E4", *steps)
    return model


async def test_the_same_failing_call_twice_stops_the_loop(house: House) -> None:
    house.openai.model = _says(call("quote_order", start="Z9", target="Z1"))
    await house.ask(ASKED)
    assert house.call_count == 2
    assert (await house.turn())["state"] == TurnEnd.HANDED_OFF
    assert (await house.steps())[-2]["failure"] == "looping"


async def test_an_identical_read_is_served_from_the_turns_memory(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    read_count = 0
    current = house.inbox.services.tariffs.current

    async def counted(actor: Actor) -> Tariff:
        nonlocal read_count
        read_count += 1
        return await current(actor)

    monkeypatch.setattr(house.inbox.services.tariffs, "current", counted)
    seen = call("list_services")
    house.openai.model = _says(seen, seen, seen, "Dime en qué división estás.")
    await house.ask(ASKED)
    results = [step for step in await house.steps() if "call" in step]
    assert len(results) == 3
    assert results[0]["result"] == results[2]["result"]
    assert read_count == 1


async def test_endless_steps_end_in_a_hand_off(house: House) -> None:
    house.openai.model = _says(call("list_services"))
    await house.ask(ASKED)
    assert house.call_count == 8
    assert (await house.steps())[-2]["failure"] == "steps"


async def test_illegal_names_ids_and_arguments_are_not_echoed(either_house: House) -> None:
    oddities = (
        ToolCall("os.system\ud800 💥", '{"start": "\\ud800"', "x" * 300), ToolCall("x" * 300, "[" * 5_000, "twin"),
        ToolCall("quote_order", '{"start":"E4","target":"D1"}', "twin"), ToolCall("", "\x00\ud800", ""),
        ToolCall("list_services", "{}", "five"),
    )  # fmt: skip
    either_house.openai.model = _says(lambda _: Reply("da\ud800ta\x00", oddities, is_unruly=True), "Dime tu división.")
    said = await either_house.ask(ASKED)
    assert said[-1] == "Dime tu división."
    assert set(either_house.openai.status_counts) == {200}
    view = either_house.openai.requests[-1].view
    assert view is not None
    echoed = [made for message in view.messages for made in message.calls]
    assert len(echoed) == 4
    assert len({made.id for made in echoed}) == 4
    assert all(_NAME.fullmatch(made.name) and len(made.id) <= 40 for made in echoed)
    assert "Only the first 4 calls were run" in view.system


async def test_no_tool_takes_a_contact_or_changes_a_stage(house: House) -> None:
    house.openai.model = _says(
        call("my_orders", contact_id="1"), call("update_lead", wish="x", stage="won"),
        call("update_lead", wish="subir", start="E4", target="D1"), "Dime tu división.",
    )  # fmt: skip
    await house.ask(ASKED)
    refused = [step["call"] for step in await house.steps() if step.get("refused")]
    assert refused == ["my_orders", "update_lead"]
    lead = await house.inbox.row("SELECT * FROM leads")
    assert lead is not None
    assert (lead["wish"], lead["quoted_minor"]) == ("subir", 18500)
    assert lead["stage"] not in ("won", "lost")


async def test_the_turns_token_budget_ends_it(house: House) -> None:
    await house.change(turn_token_limit=10)
    house.openai.model = _says(call("list_services"))
    await house.ask(ASKED)
    assert house.call_count == 1
    assert (await house.steps())[-2]["failure"] == "tokens"


async def test_the_turns_money_ends_it(house: House) -> None:
    await house.change(turn_cost_limit_micros=1)
    house.openai.model = _says(call("list_services"))
    await house.ask(ASKED)
    assert house.call_count == 1
    assert (await house.steps())[-2]["failure"] == "money"


async def test_the_contacts_spent_money_asks_no_model(house: House) -> None:
    await house.greet()
    await house.change(contact_day_cost_limit_micros=1)
    await house.ask(ASKED)
    assert house.call_count == 0


async def test_a_spent_day_of_the_contact_asks_no_model(house: House) -> None:
    await house.greet()
    await house.change(contact_day_token_limit=1)
    said = await house.ask(ASKED)
    assert said == ["Ahora mismo no puedo responderte bien. Una persona de Nova Boost te responde aquí."]
    assert house.call_count == 0


async def test_the_shops_spent_money_asks_no_model(house: House) -> None:
    await house.greet()
    await house.change(tenant_day_cost_limit_micros=1)
    await house.ask(ASKED)
    assert house.call_count == 0
    assert (await house.turn())["state"] == "handed_off"


async def test_senseless_token_counts_are_counted_by_length(house: House) -> None:
    from sandbox.openai import Usage

    house.openai.model = _says(Reply("Dime tu división.", usage=Usage(-1, True, "many"), is_unruly=True))
    await house.ask(ASKED)
    turn = await house.turn()
    assert 300 < turn["input_tokens"] < 5_000
    assert 0 < turn["output_tokens"] < 100
    assert turn["cost_micros"] == turn["input_tokens"] + 4 * turn["output_tokens"]


async def test_a_trace_tells_the_whole_turn(either_house: House) -> None:
    await either_house.ask(ASKED)
    turn = await either_house.turn()
    first, *rest = turn["trace"]["steps"]
    assert turn["prompt_version"].startswith("answer@")
    assert turn["model"] == either_house.openai.model_name
    assert "WhatsApp assistant of Nova Boost" in first["system"]
    assert ASKED in first["messages"][-1]["text"]
    assert len(first["sha256"]) == 64
    quoted = next(step for step in rest if step.get("call") == "quote_order")
    assert quoted["result"]["total"] == "185,00\xa0US$"
    assert quoted["ms"] >= 0
    assert rest[-2]["objections"] == []
    assert rest[-1]["said"] == (await either_house.inbox.said())
    assert turn["input_tokens"] > 0
    assert turn["cost_micros"] == turn["input_tokens"] + 4 * turn["output_tokens"]
