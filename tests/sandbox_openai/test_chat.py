import json
from typing import Any

from openai import AsyncOpenAI

from sandbox.clock import ManualClock
from sandbox.openai import ModelRequest, OpenAIEmulator, Reply, ScriptedModel, call
from tests.sandbox_openai.harness import chat_tool, user


async def test_a_text_comes_back_as_the_sdk_knows_it(
    client: AsyncOpenAI, emulator: OpenAIEmulator, script: ScriptedModel, clock: ManualClock
) -> None:
    script.when("hola", "Buenas.")
    answer = await client.chat.completions.create(model=emulator.model_name, messages=[user("Hola, ¿qué tal?")])
    assert answer.choices[0].message.content == "Buenas."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.tool_calls is None
    assert answer.created == int(clock.now().timestamp())
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_tokens > 0


async def test_a_tool_loop_ends_in_a_text_that_uses_the_result(
    client: AsyncOpenAI, emulator: OpenAIEmulator, script: ScriptedModel
) -> None:
    def tell(request: ModelRequest) -> str:
        return f"That is {request.result('quote_order')['total']}."

    script.when("price", call("quote_order", start="E4", target="D1"), tell)
    messages: list[Any] = [{"role": "system", "content": "Be brief."}, user("The price?")]
    tools = [chat_tool()]
    first = await client.chat.completions.create(model=emulator.model_name, messages=messages, tools=tools)
    calls = first.choices[0].message.tool_calls
    assert calls is not None
    assert calls[0].type == "function"
    assert json.loads(calls[0].function.arguments) == {"start": "E4", "target": "D1"}
    assert first.choices[0].finish_reason == "tool_calls"
    messages.append(first.choices[0].message.model_dump())
    output = '<<<tool\n{"total": "12.50 USD"}\n>>>'
    messages.append({"role": "tool", "tool_call_id": calls[0].id, "content": output})
    second = await client.chat.completions.create(model=emulator.model_name, messages=messages, tools=tools)
    assert second.choices[0].message.content == "That is 12.50 USD."


async def test_three_messages_in_a_row_are_one_saying(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    said: list[Any] = [
        user("before"),
        {"role": "assistant", "content": "Yes."},
        user("one"),
        user("two"),
        user("three"),
    ]
    await client.chat.completions.create(model=emulator.model_name, messages=said)
    view = emulator.requests[-1].view
    assert view is not None
    assert view.client_text == "one\ntwo\nthree"


async def test_the_token_limit_cuts_the_text(
    client: AsyncOpenAI, emulator: OpenAIEmulator, script: ScriptedModel
) -> None:
    script.when("", "word " * 100)
    answer = await client.chat.completions.create(
        model=emulator.model_name, messages=[user("talk")], max_completion_tokens=5
    )
    assert answer.choices[0].finish_reason == "length"
    assert answer.choices[0].message.content == ("word " * 100)[:20]
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 5


async def test_what_the_caller_forbids_is_kept(
    client: AsyncOpenAI, emulator: OpenAIEmulator, script: ScriptedModel
) -> None:
    both = (call("quote_order", start="E4", target="D1"), call("quote_order", start="E4", target="D2"))
    script.when("", Reply("Wait.", both))

    async def calls(**options: Any) -> int:
        answer = await client.chat.completions.create(
            model=emulator.model_name, messages=[user("x")], tools=[chat_tool()], **options
        )
        return len(answer.choices[0].message.tool_calls or [])

    assert await calls() == 2
    assert await calls(parallel_tool_calls=False) == 1
    assert await calls(tool_choice="none") == 0


async def test_a_forced_tool_is_called(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    answer = await client.chat.completions.create(
        model=emulator.model_name,
        messages=[user("x")],
        tools=[chat_tool("one"), chat_tool("two")],
        tool_choice={"type": "function", "function": {"name": "two"}},
    )
    calls = answer.choices[0].message.tool_calls
    assert calls is not None
    assert [c.function.name for c in calls if c.type == "function"] == ["two"]


async def test_the_models_are_listed(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    names = [model.id async for model in client.models.list()]
    assert emulator.model_name in names
    assert emulator.transcription_model_name in names
    assert (await client.models.retrieve(emulator.model_name)).owned_by == "sandbox"
