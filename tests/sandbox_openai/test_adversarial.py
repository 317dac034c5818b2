import json
from typing import Any

import pytest
from openai import AsyncOpenAI

from sandbox.openai import MISCHIEF, AdversarialModel, ModelRequest, OpenAIEmulator, Reply, SeededModel
from sandbox.openai.turns import Message, Tool
from tests.sandbox_openai.harness import QUOTE_SCHEMA, chat_tool, flat_tool, user

TOOLS = (Tool("quote_order", "", QUOTE_SCHEMA), Tool("hand_off"), Tool("my_orders"))


def _request(text: str = "de E4 a D1") -> ModelRequest:
    return ModelRequest("chat", "m", (Message("system", "Secret scope."), Message("client", text)), TOOLS)


@pytest.mark.parametrize("name", MISCHIEF)
async def test_every_mischief_reaches_the_caller_through_both_apis(
    client: AsyncOpenAI, emulator: OpenAIEmulator, name: str
) -> None:
    for seed in range(12):
        emulator.model = AdversarialModel(seed, only=[name])
        messages: Any = [{"role": "system", "content": "Secret scope."}, user(f"de E4 a D1, {seed}")]
        chat = await client.chat.completions.create(
            model="gpt-sandbox",
            messages=messages,
            tools=[chat_tool(), chat_tool("hand_off")],
            parallel_tool_calls=False,
        )
        assert chat.choices[0].finish_reason in ("stop", "length", "tool_calls", "content_filter")
        answer = await client.responses.create(
            model="gpt-sandbox", input=f"de E4 a D1, {seed}", tools=[flat_tool(), flat_tool("hand_off")]
        )
        assert answer.status in ("completed", "incomplete")
    assert emulator.status_counts == {200: 24}


async def test_a_lone_surrogate_and_nan_survive_the_wire(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    seen: set[str] = set()
    emulator.model = AdversarialModel(1, only=["control characters", "odd token counts"])
    for number in range(150):
        answer = await client.chat.completions.create(model="gpt-sandbox", messages=[user(str(number))])
        content = answer.choices[0].message.content or ""
        seen |= {"surrogate"} if any("\ud800" <= c <= "\udfff" for c in content) else set()
        assert answer.usage is not None
        counts: list[Any] = [answer.usage.prompt_tokens, answer.usage.completion_tokens]
        seen |= {repr(count) for count in counts if not isinstance(count, int) or count < 0}
    assert {"surrogate", "nan", "-1", "None"} <= seen


def test_the_same_seed_gives_the_same_turns() -> None:
    def run(seed: int) -> list[Reply]:
        model = AdversarialModel(seed)
        return [model.answer(_request(str(number))) for number in range(200)]

    assert json.dumps([repr(r) for r in run(3)]) == json.dumps([repr(r) for r in run(3)])
    assert [repr(r) for r in run(3)] != [repr(r) for r in run(4)]


def test_a_seed_meets_every_mischief_even_in_equal_conversations() -> None:
    model, met = AdversarialModel(5), set()
    for _ in range(600):
        model.answer(_request())
        met.add(model.mischief_of(_request()))
    assert met == set(MISCHIEF)


def test_a_turn_keeps_to_its_mischief() -> None:
    model = AdversarialModel(2, only=["the same failing call", "endless hand-offs"])
    request = _request()
    first = model.answer(request)
    for step in range(5):
        made = first.calls[0]
        more = (Message("assistant", "", (made,)), Message("tool", '{"error": "unknown"}', (), made.id))
        request = ModelRequest("chat", "m", request.messages + more, TOOLS)
        assert model.answer(request).calls[0].name == made.name, step


def test_the_seeded_model_mixes_and_repeats() -> None:
    def run() -> list[str]:
        model = SeededModel(11)
        return [repr(model.answer(_request(f"de E4 a D1, {number}"))) for number in range(300)]

    answers = run()
    assert answers == run()
    sensible = sum("quote_order" in answer and '\'{"start": "E4", "target": "D1"}\'' in answer for answer in answers)
    assert 180 <= sensible <= 260


def test_nothing_in_the_mischief_needs_tools() -> None:
    bare = ModelRequest("chat", "m", (Message("client", "hola"),))
    for name in MISCHIEF:
        assert isinstance(AdversarialModel(0, only=[name]).answer(bare), Reply)
