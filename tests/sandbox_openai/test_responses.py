import json
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from sandbox.openai import ModelRequest, OpenAIEmulator, ScriptedModel, call
from tests.sandbox_openai.harness import flat_tool, user

CALL = {"type": "function_call", "call_id": "call_1", "name": "quote_order", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "{}"}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": ({"extra_body": {"messages": []}}, "Unknown parameter: 'messages'"),
    "number as input": ({"input": 5}, "Invalid type for 'input'"),
    "unknown kind": ({"input": [{"type": "shout"}]}, "Invalid value: 'shout'"),
    "chat's content parts": ({"input": [user("x") | {"content": [{"type": "text", "text": "x"}]}]}, "'input_text'"),
    "call without an output": ({"input": [user("x"), CALL]}, "No tool output found for function call call_1"),
    "output without a call": ({"input": [user("x"), OUTPUT]}, "No tool call found for function call output"),
    "chat's tool shape": ({"tools": [{"type": "function", "function": {"name": "a"}}]}, "parameter: 'tools[0].name'"),
    "open strict schema": ({"tools": [flat_tool(schema={"type": "object"}, strict=True)]}, "additionalProperties"),
    "too few tokens": ({"max_output_tokens": 5}, "Expected a value >= 16"),
    "unknown predecessor": ({"previous_response_id": "resp_x"}, "Previous response with id 'resp_x' not found"),
    "stream": ({"extra_body": {"stream": True}}, "Streaming is not offered"),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_bad_request_is_refused(client: AsyncOpenAI, emulator: OpenAIEmulator, why: str) -> None:
    options, text = REFUSED[why]
    request: dict[str, Any] = {"model": emulator.model_name, "input": "x", **options}
    with pytest.raises(openai.BadRequestError) as caught:
        await client.responses.create(**request)
    assert text in caught.value.message


def _quote_script(script: ScriptedModel) -> None:
    def tell(request: ModelRequest) -> str:
        return f"That is {request.result('quote_order')['total']}."

    script.when("price", call("quote_order", start="E4", target="D1"), tell)


async def test_a_tool_loop_ends_in_a_text_that_uses_the_result(
    client: AsyncOpenAI, emulator: OpenAIEmulator, script: ScriptedModel
) -> None:
    _quote_script(script)
    items: list[Any] = [user("The price?")]
    options: dict[str, Any] = {"model": emulator.model_name, "instructions": "Be brief.", "tools": [flat_tool()]}
    first = await client.responses.create(input=items, **options)
    made = first.output[0]
    assert made.type == "function_call"
    assert json.loads(made.arguments) == {"start": "E4", "target": "D1"}
    assert first.status == "completed"
    items += [item.model_dump(exclude_none=True) for item in first.output]
    items.append({"type": "function_call_output", "call_id": made.call_id, "output": '{"total": "12.50 USD"}'})
    second = await client.responses.create(input=items, **options)
    assert second.output_text == "That is 12.50 USD."
    assert second.usage is not None
    assert second.usage.total_tokens == second.usage.input_tokens + second.usage.output_tokens
    view = emulator.requests[-1].view
    assert view is not None
    assert view.system == "Be brief."


async def test_a_stored_response_is_built_upon(
    client: AsyncOpenAI, emulator: OpenAIEmulator, script: ScriptedModel
) -> None:
    _quote_script(script)
    options: dict[str, Any] = {"model": emulator.model_name, "tools": [flat_tool()]}
    first = await client.responses.create(input="The price?", **options)
    made = first.output[0]
    assert made.type == "function_call"
    output: Any = {"type": "function_call_output", "call_id": made.call_id, "output": '{"total": "9 USD"}'}
    second = await client.responses.create(input=[output], previous_response_id=first.id, **options)
    assert second.output_text == "That is 9 USD."


async def test_the_token_limit_leaves_the_response_incomplete(
    client: AsyncOpenAI, emulator: OpenAIEmulator, script: ScriptedModel
) -> None:
    script.when("", "word " * 100)
    answer = await client.responses.create(model=emulator.model_name, input="x", max_output_tokens=16)
    assert answer.status == "incomplete"
    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "max_output_tokens"
    assert len(answer.output_text) == 64
