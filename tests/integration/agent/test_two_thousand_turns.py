"""Two thousand turns of a model that does everything wrong: what code promises holds in every one."""

import pytest

from domain.i18n.detect import LanguageDetector
from sandbox.openai import MISCHIEF
from tests.integration.agent.crowd import Counting, Crowd, broken
from tests.integration.agent.house import House


async def _holds(house: House, seed: int, people: int, turns: int) -> set[str]:
    model = Counting(seed)
    house.openai.model = model
    house.hear_well()
    crowd = Crowd(house, seed)
    await crowd.gather(people)
    await crowd.talk(turns)
    assert await broken(house, crowd, LanguageDetector()) == []
    count = await house.inbox.value("SELECT count(*) FROM agent_turns")
    assert turns * 0.97 <= count <= turns  # a colleague may be faster than the turn's begin
    used = await house.inbox.row("SELECT turn_count, token_count, cost_micros FROM agent_usage WHERE scope = 'tenant'")
    summed = await house.inbox.row(
        "SELECT count(*) AS turns, sum(input_tokens + output_tokens) AS tokens, sum(cost_micros) AS cost"
        " FROM agent_turns"
    )
    assert used is not None
    assert summed is not None
    assert (used["turn_count"], used["token_count"], used["cost_micros"]) == tuple(summed.values())
    return set(model.met)


async def test_a_hundred_adversarial_turns_break_nothing(either_house: House) -> None:
    await _holds(either_house, seed=7, people=20, turns=100)


@pytest.mark.bulk
async def test_two_thousand_adversarial_turns_break_nothing(house: House) -> None:
    met = await _holds(house, seed=11, people=100, turns=2_000)
    assert met == set(MISCHIEF)
