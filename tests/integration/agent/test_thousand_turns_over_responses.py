"""A thousand turns, over Responses, of a model that does everything wrong: what code promises holds in each."""

import pytest

from sandbox.openai import MISCHIEF
from tests.integration.agent.crowd import hold_in_all
from tests.integration.agent.house import House


@pytest.mark.bulk
async def test_a_thousand_adversarial_turns_break_nothing(brief_responses_house: House) -> None:
    met = await hold_in_all(brief_responses_house, seed=12, people=50, turns=1_000)
    assert met == set(MISCHIEF)
