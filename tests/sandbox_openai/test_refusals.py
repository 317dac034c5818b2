from typing import Any

import aiohttp
import openai
import pytest
from openai import AsyncOpenAI

from sandbox.openai import OpenAIEmulator
from tests.sandbox_openai.harness import chat_tool, client_of, user

CALL = {"id": "call_1", "type": "function", "function": {"name": "quote_order", "arguments": "{}"}}
ASKED = {"role": "assistant", "tool_calls": [CALL]}
ANSWERED = {"role": "tool", "tool_call_id": "call_1", "content": "{}"}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": ({"extra_body": {"colour": 1}}, "Unrecognized request argument supplied: colour"),
    "no messages": ({"messages": []}, "empty array"),
    "unknown role": ({"messages": [{"role": "boss", "content": "x"}]}, "Invalid value: 'boss'"),
    "null content": ({"messages": [{"role": "user", "content": None}]}, "expected a string, got null"),
    "number as content": ({"messages": [{"role": "user", "content": 5}]}, "Invalid type for 'messages[0].content'"),
    "unknown field of a message": ({"messages": [user("x") | {"id": 1}]}, "Unknown parameter: 'messages[0].id'"),
    "answer without a call": ({"messages": [user("x"), ANSWERED]}, "must be a response to a preceeding message"),
    "call without an answer": ({"messages": [user("x"), ASKED, user("y")]}, "must be followed by tool messages"),
    "call without an answer at the end": ({"messages": [user("x"), ASKED]}, "call_1"),
    "illegal name in the history": (
        {"messages": [user("x"), ASKED | {"tool_calls": [CALL | {"function": {"name": "a b", "arguments": "{}"}}]}]},
        "string does not match pattern",
    ),
    "arguments as an object": (
        {"messages": [user("x"), ASKED | {"tool_calls": [CALL | {"function": {"name": "a", "arguments": {}}}]}]},
        "expected a string, but got an object",
    ),
    "illegal tool name": ({"tools": [chat_tool("quote order")]}, "string does not match pattern"),
    "schema that is no object": ({"tools": [chat_tool(schema={"type": "string"})]}, "'type: \"object\"'"),
    "unknown type in a schema": (
        {"tools": [chat_tool(schema={"type": "object", "properties": {"a": {"type": "text"}}})]},
        "In context=('properties', 'a')",
    ),
    "list without items": (
        {"tools": [chat_tool(schema={"type": "object", "properties": {"a": {"type": "array"}}})]},
        "array schema missing items",
    ),
    "strict without closing the object": (
        {"tools": [chat_tool(schema={"type": "object", "properties": {}}, strict=True)]},
        "'additionalProperties' is required",
    ),
    "no tools at all": ({"tools": []}, "empty array"),
    "too long a history": ({"messages": [user("long " * 110_000)]}, "maximum context length"),
    "choice without tools": ({"tool_choice": "auto"}, "only allowed when 'tools' are specified"),
    "parallel without tools": ({"parallel_tool_calls": False}, "only allowed when 'tools' are specified"),
    "stream": ({"extra_body": {"stream": True}}, "Streaming is not offered"),
    "hot": ({"temperature": 3}, "above maximum value"),
    "no tokens": ({"max_completion_tokens": 0}, "below minimum value"),
    "json mode unasked": ({"response_format": {"type": "json_object"}}, "must contain the word 'json'"),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_bad_request_is_refused(client: AsyncOpenAI, emulator: OpenAIEmulator, why: str) -> None:
    options, text = REFUSED[why]
    request: dict[str, Any] = {"model": emulator.model_name, "messages": [user("x")], **options}
    with pytest.raises(openai.BadRequestError) as caught:
        await client.chat.completions.create(**request)
    assert text in caught.value.message
    assert caught.value.type == "invalid_request_error"
    assert emulator.requests[-1].reply is None


async def test_a_wrong_key_is_refused_and_masked(emulator: OpenAIEmulator) -> None:
    async with client_of(emulator, api_key="sk-wrong-and-secret") as client:
        with pytest.raises(openai.AuthenticationError) as caught:
            await client.chat.completions.create(model=emulator.model_name, messages=[user("x")])
    assert caught.value.code == "invalid_api_key"
    assert "and" not in caught.value.message.split(": ")[-1].split(".")[0]


async def test_an_unknown_model_is_not_found(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await client.chat.completions.create(model="gpt-nothing", messages=[user("x")])
    assert caught.value.code == "model_not_found"


async def test_an_unknown_address_is_not_found(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    with pytest.raises(openai.NotFoundError, match="Invalid URL"):
        await client.embeddings.create(model=emulator.model_name, input="x")


async def test_a_reasoning_model_takes_fewer_options(client: AsyncOpenAI) -> None:
    messages = [user("x")]
    for options in ({"max_tokens": 10}, {"temperature": 0.2}):
        more: dict[str, Any] = options
        with pytest.raises(openai.BadRequestError, match="Unsupported"):
            await client.chat.completions.create(model="gpt-sandbox-reasoning", messages=messages, **more)
    answer = await client.chat.completions.create(
        model="gpt-sandbox-reasoning", messages=messages, reasoning_effort="low", max_completion_tokens=50
    )
    assert answer.choices[0].message.content == "Ok."


async def test_text_that_is_no_json_is_refused(emulator: OpenAIEmulator) -> None:
    url, headers = f"{emulator.base_url}/chat/completions", {"Authorization": f"Bearer {emulator.api_key}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for raw in (b"{", b"[]", b'"x"', b"\xff", b'{"model": "\\ud800"}', b""):
            async with session.post(url, data=raw) as answer:
                assert answer.status == 400
                assert "could not parse the JSON body" in (await answer.json())["error"]["message"]


async def test_no_key_is_refused(emulator: OpenAIEmulator) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{emulator.base_url}/models") as answer:
        assert answer.status == 401
        assert "didn't provide an API key" in (await answer.json())["error"]["message"]
