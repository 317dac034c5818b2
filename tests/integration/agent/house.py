"""A shop whose assistant answers through the real SDK, over a socket, from an emulated model."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

from openai import AsyncOpenAI

from agent.limits import TurnLimits
from agent.models.chat import ChatCompletions
from agent.models.opening import open_client
from agent.models.port import ChatModel
from agent.models.responses import Responses
from agent.turn import AgentTurns
from domain.conversations.dto import Conversation
from domain.conversations.service import AgentChange
from domain.i18n.detect import LanguageDetector
from domain.kernel.ids import uuid7
from sandbox.openai import Model, OpenAIEmulator
from tests.fixtures.inbox import Inbox

QUICK = TurnLimits(step_count=8, turn_s=60, call_s=30, input_price_micros=1_000_000, output_price_micros=4_000_000)


class House:
    """An inbox with an assistant.

    Attributes:
        openai: The emulated service; its model may be exchanged.
        turns: The assistant under test.
    """

    def __init__(self, inbox: Inbox, openai: OpenAIEmulator | None, turns: AgentTurns) -> None:
        self.inbox = inbox
        self._openai = openai
        self.turns = turns

    @property
    def openai(self) -> OpenAIEmulator:
        assert self._openai is not None
        return self._openai

    @property
    def call_count(self) -> int:
        """How often the model was asked."""
        return sum(self.openai.call_counts[path] for path in ("/chat/completions", "/responses"))

    async def take(self, conversation: Conversation, *, after_s: float = 2.0, job_key: str | None = None) -> None:
        """The contact was quiet for a while; the assistant's turn."""
        self.inbox.clock.advance(timedelta(seconds=after_s))
        await self.turns.take_turn(self.inbox.tenant_id, conversation.id, job_key or str(uuid7()))

    async def ask(self, *texts: Any) -> list[str]:
        """The contact writes, the assistant has its turn; what was said to the contact by it."""
        before = len(await self.inbox.said())
        await self.take(await self.inbox.receive(*texts))
        return (await self.inbox.said())[before:]

    async def greet(self, text: str = "hola buenas") -> None:
        """Have the greeting behind us."""
        model, self.openai.model = self.openai.model, _Chatty()
        await self.ask(text)
        self.openai.model = model
        self.openai.forget()

    async def turn(self) -> Any:
        """The newest turn's row."""
        return await self.inbox.row("SELECT * FROM agent_turns ORDER BY number DESC LIMIT 1")

    async def steps(self) -> list[dict[str, Any]]:
        """The newest turn's trace."""
        found: list[dict[str, Any]] = (await self.turn())["trace"]["steps"]
        return found

    async def change(self, **changes: Any) -> None:
        """Change the assistant's settings."""
        await self.inbox.conversations.change_settings(self.inbox.shop.act("owner"), AgentChange(**changes))

    def hear_well(self) -> None:
        """Tell languages apart by the models, as in earnest."""
        self.turns._detector = LanguageDetector()

    def during_call(self, meanwhile: Callable[[], Awaitable[object]]) -> None:
        """Have something happen while the model is thinking, once."""
        self.openai.faults.never()
        self._meanwhile = asyncio.create_task(self._do(meanwhile))

    async def _do(self, meanwhile: Callable[[], Awaitable[object]]) -> None:
        await self.openai.wait_until(lambda: self.call_count > 0)
        await meanwhile()
        self.openai.faults.clear()


class _Chatty:
    def answer(self, request: Any) -> Any:
        from sandbox.openai import Reply

        return Reply("Hola." if "Spanish" in request.system else "Hi.")


def adapter_of(api: str, openai: OpenAIEmulator, client: AsyncOpenAI) -> ChatModel:
    """The adapter of an interface."""
    return ChatCompletions(client, openai.model_name) if api == "chat" else Responses(client, openai.model_name)


async def open_openai(model: Model, stack: AsyncExitStack) -> tuple[OpenAIEmulator, AsyncOpenAI]:
    """The service and a client of it."""
    openai = await stack.enter_async_context(OpenAIEmulator(model))
    client = open_client(openai.api_key, openai.base_url, 20, connect_s=1)
    stack.push_async_callback(client.close)
    return openai, client


def build_house(
    inbox: Inbox, openai: OpenAIEmulator, client: AsyncOpenAI, api: str = "chat", limits: TurnLimits = QUICK
) -> House:
    """An assistant over an interface."""
    turns = AgentTurns(inbox.services, adapter_of(api, openai, client), limits, LanguageDetector(is_light=True))
    return House(inbox, openai, turns)


async def out_messages(inbox: Inbox, conversation_id: UUID | None = None) -> list[Any]:
    """What the assistant said, oldest first."""
    sql = "SELECT * FROM messages WHERE direction = 'out' AND author = 'agent' ORDER BY position"
    rows = await inbox.rows(sql)
    return [row for row in rows if conversation_id in (None, row["conversation_id"])]
