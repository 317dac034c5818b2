from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from openai import AsyncOpenAI

from sandbox.clock import ManualClock
from sandbox.openai import OpenAIEmulator, ScriptedModel
from tests.sandbox_openai.harness import client_of


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))


@pytest.fixture
def script() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture
async def emulator(script: ScriptedModel, clock: ManualClock) -> AsyncIterator[OpenAIEmulator]:
    async with OpenAIEmulator(script, clock) as running:
        yield running


@pytest.fixture
async def client(emulator: OpenAIEmulator) -> AsyncIterator[AsyncOpenAI]:
    async with client_of(emulator) as client:
        yield client
