"""The assistant as the process builds it from its settings."""

import sys
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from app.agent_door import hearing_wait_s, open_agent
from app.errors import SettingsError
from app.settings import OpenAISettings, Settings
from domain.i18n.detect import LanguageDetector
from domain.kernel.ids import uuid7
from sandbox.openai import OpenAIEmulator, SalesModel
from tests.fixtures.inbox import Inbox


def _settings(**openai: object) -> Settings:
    return Settings(_env_file=None, openai=OpenAISettings(**openai))  # type: ignore[call-arg,arg-type]  # plain values


async def _ask(inbox: Inbox, settings: Settings) -> list[str]:
    async with AsyncExitStack() as stack:
        door = await open_agent(settings, inbox.services, LanguageDetector(is_light=True), None, stack)
        found = await inbox.receive("hola, de E4 a D1 cuánto cuesta?")
        inbox.clock.advance(timedelta(seconds=2))
        await door.turns.take_turn(inbox.tenant_id, found.id, str(uuid7()))
        return await inbox.said()


async def test_without_a_key_the_menu_answers(inbox: Inbox) -> None:
    settings = _settings()
    assert "185" in (await _ask(inbox, settings))[-1]
    assert hearing_wait_s(settings) == 0


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_with_a_key_the_model_answers(inbox: Inbox, api: str) -> None:
    async with OpenAIEmulator(SalesModel()) as openai:
        settings = _settings(
            api_key=openai.api_key, base_url=openai.base_url, api=api, model=openai.model_name,
            transcription_model=openai.transcription_model_name,
        )  # fmt: skip
        assert "185" in (await _ask(inbox, settings))[-1]
        path = "/chat/completions" if api == "chat" else "/responses"
        assert openai.call_counts[path] == 3
    assert hearing_wait_s(settings) == 27
    assert "openai" in sys.modules


async def test_a_key_without_a_model_is_told_in_one_line(inbox: Inbox) -> None:
    with pytest.raises(SettingsError, match="GUILDHALL_OPENAI__MODEL"):
        await _ask(inbox, _settings(api_key="sk-x"))
