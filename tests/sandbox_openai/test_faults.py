import asyncio
import time
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from sandbox.openai import OpenAIEmulator, ScriptedModel
from tests.sandbox_openai.harness import client_of, user


async def _say(client: AsyncOpenAI) -> str | None:
    answer = await client.chat.completions.create(model="gpt-sandbox", messages=[user("x")])
    return answer.choices[0].message.content


async def test_a_rate_limit_says_when_to_come_back(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.faults.rate_limit(retry_after_s=7, times=2)
    for _ in range(2):
        with pytest.raises(openai.RateLimitError) as caught:
            await _say(client)
        assert caught.value.response.headers["Retry-After"] == "7"
        assert caught.value.code == "rate_limit_exceeded"
    assert await _say(client) == "Ok."
    assert emulator.status_counts == {429: 2, 200: 1}


async def test_an_account_without_credit_has_no_time_to_wait_for(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.faults.no_quota()
    with pytest.raises(openai.RateLimitError) as caught:
        await _say(client)
    assert caught.value.code == "insufficient_quota"
    assert "Retry-After" not in caught.value.response.headers


@pytest.mark.parametrize("status", [500, 503])
async def test_a_server_error_has_the_usual_shape(client: AsyncOpenAI, emulator: OpenAIEmulator, status: int) -> None:
    emulator.faults.fail(status)
    with pytest.raises(openai.InternalServerError) as caught:
        await _say(client)
    assert caught.value.status_code == status
    assert caught.value.body is not None
    assert await _say(client) == "Ok."


async def test_a_slow_answer_comes_late(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.faults.slow(0.2)
    start = time.monotonic()
    assert await _say(client) == "Ok."
    assert time.monotonic() - start >= 0.2


async def test_silence_lasts_until_the_client_gives_up(emulator: OpenAIEmulator) -> None:
    fault = emulator.faults.never()
    async with client_of(emulator, timeout_s=0.2) as client:
        with pytest.raises(openai.APITimeoutError):
            await _say(client)
    assert fault.met_count == 1
    assert emulator.status_counts[200] == 0


async def test_clearing_ends_the_silence(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    fault = emulator.faults.never()
    waiting = asyncio.create_task(_say(client))
    await emulator.wait_until(lambda: fault.met_count == 1)
    emulator.faults.slow(0.0)
    emulator.faults.clear()
    assert await waiting == "Ok."


async def test_a_reset_connection_is_a_connection_error(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.faults.reset()
    with pytest.raises(openai.APIConnectionError):
        await _say(client)
    assert emulator.requests[-1].status == 0


async def test_half_an_answer_is_no_answer(
    client: AsyncOpenAI, emulator: OpenAIEmulator, script: ScriptedModel
) -> None:
    script.when("x", "y" * 10_000)
    emulator.faults.truncate()
    with pytest.raises(openai.APIError):
        await _say(client)
    assert emulator.requests[-1].reply is not None


async def test_a_gateway_may_answer_in_html(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.faults.html()
    with pytest.raises(openai.InternalServerError):
        await _say(client)


async def test_success_in_html_does_not_parse(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.faults.html(status=200)
    answer: Any = await client.chat.completions.create(model="gpt-sandbox", messages=[user("x")])
    assert not hasattr(answer, "choices")  # the SDK hands the page on as text: callers must look


async def test_a_fault_may_be_kept_to_one_endpoint(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    emulator.faults.fail(500, path="/audio/*")
    assert await _say(client) == "Ok."


async def test_away_means_refused_and_back_means_served(client: AsyncOpenAI, emulator: OpenAIEmulator) -> None:
    assert await _say(client) == "Ok."
    await emulator.go_away()
    for _ in range(2):
        with pytest.raises(openai.APIConnectionError):
            await _say(client)
    await emulator.come_back()
    assert await _say(client) == "Ok."


async def test_the_record_is_bounded_and_searchable(script: ScriptedModel) -> None:
    async with OpenAIEmulator(script, log_count=3) as emulator, client_of(emulator) as client:
        for number in range(5):
            await client.chat.completions.create(model="gpt-sandbox", messages=[user(f"señal {number}")])
        assert [f"señal {number}" in text for number, text in zip((2, 3, 4), emulator.sent_texts(), strict=True)] == [
            True
        ] * 3
        assert emulator.call_counts == {"/chat/completions": 5}
        emulator.forget()
        assert not emulator.requests
