"""The shop's assistant over both interfaces of the model."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from agent.limits import TurnLimits
from agent.turn import AgentTurns
from domain.i18n.detect import LanguageDetector
from domain.kernel.db import Database
from sandbox.clock import ManualClock
from sandbox.openai import SalesModel
from tests.fixtures.inbox import Inbox, open_inbox
from tests.fixtures.shop import Shop
from tests.integration.agent.house import QUICK, House, build_house, open_openai

_BRIEF = replace(QUICK, step_count=4, turn_s=60, call_s=30)


@pytest.fixture
async def inbox(db: Database, clock: ManualClock, shop: Shop) -> Inbox:
    """A shop that can be written to."""
    return await open_inbox(db, clock, shop)


@pytest.fixture(params=["chat", "responses"])
def api(request: pytest.FixtureRequest) -> str:
    """The model's interface; tests that do not care name `house` alone and run once."""
    return str(request.param)


async def _open(inbox: Inbox, api: str, limits: TurnLimits = QUICK) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        openai, client = await open_openai(SalesModel(), stack)
        yield build_house(inbox, openai, client, api, limits)


@pytest.fixture
async def house(inbox: Inbox) -> AsyncIterator[House]:
    """A shop whose assistant asks a sensible model over Chat Completions."""
    async for found in _open(inbox, "chat"):
        yield found


@pytest.fixture
async def either_house(inbox: Inbox, api: str) -> AsyncIterator[House]:
    """The same, once over each interface."""
    async for found in _open(inbox, api):
        yield found


@pytest.fixture
async def brief_house(inbox: Inbox) -> AsyncIterator[House]:
    """With turns of four steps, and all the time in the world: for crowds on a busy machine."""
    async for found in _open(inbox, "chat", _BRIEF):
        yield found


@pytest.fixture
async def brief_responses_house(inbox: Inbox) -> AsyncIterator[House]:
    """The same over Responses."""
    async for found in _open(inbox, "responses", _BRIEF):
        yield found


@pytest.fixture
async def menu(inbox: Inbox) -> House:
    """A shop without a model."""
    return House(inbox, None, AgentTurns(inbox.services, None, QUICK, LanguageDetector(is_light=True)))
