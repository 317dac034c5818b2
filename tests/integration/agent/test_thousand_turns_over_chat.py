"""A thousand turns, over Chat Completions, of a model that does everything wrong: what code promises holds in each."""

import pytest

from sandbox.openai import MISCHIEF
from tests.integration.agent.crowd import hold_in_all
from tests.integration.agent.house import House


async def test_a_hundred_adversarial_turns_break_nothing(either_house: House) -> None:
    await hold_in_all(either_house, seed=7, people=20, turns=100)


@pytest.mark.bulk
async def test_a_thousand_adversarial_turns_break_nothing(brief_house: House) -> None:
    met = await hold_in_all(brief_house, seed=11, people=50, turns=1_000)
    assert met == set(MISCHIEF)
