"""The model is away, slow or out of its mind as a service: a fixed text and a hand-off, in time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from agent.turn import AgentTurns
from domain.i18n.detect import LanguageDetector
from sandbox.openai import OpenAIEmulator, ScriptedModel, call
from tests.integration.agent.house import QUICK, House

TEXT = "Ahora mismo no puedo responderte bien. Una persona de Nova Boost te responde aquí."
FAULTS: dict[str, tuple[Callable[[OpenAIEmulator], object], str]] = {
    "429": (lambda openai: openai.faults.rate_limit(times=None), "overloaded"),
    "no quota": (lambda openai: openai.faults.no_quota(), "overloaded"),
    "500": (lambda openai: openai.faults.fail(500, times=None), "overloaded"),
    "401": (lambda openai: openai.faults.fail(401, times=None), "refused_401"),
    "400": (lambda openai: openai.faults.fail(400, times=None), "refused_400"),
    "never": (lambda openai: openai.faults.never(times=None), "timeout"),
    "slow": (lambda openai: openai.faults.slow(60, times=None), "timeout"),
    "reset": (lambda openai: openai.faults.reset(times=None), "unreachable"),
    "truncated": (lambda openai: openai.faults.truncate(times=None), "unreachable"),
    "gateway page": (lambda openai: openai.faults.html(times=None), "overloaded"),
    "page with 200": (lambda openai: openai.faults.html(status=200, times=None), "garbled"),
    "null": (lambda openai: openai.faults.answer(200, b"null", times=None), "garbled"),
    "empty object": (lambda openai: openai.faults.answer(200, b"{}", times=None), "garbled"),
    "no choices": (lambda openai: openai.faults.answer(200, b'{"choices":[],"output":3}', times=None), "garbled"),
    "no bytes": (lambda openai: openai.faults.answer(200, b"", times=None), "garbled"),
    "half JSON": (lambda openai: openai.faults.answer(200, b'{"choices": [{', times=None), "garbled"),
}


async def test_a_failing_model_ends_in_a_fixed_text_and_a_hand_off(either_house: House) -> None:
    house, inbox = either_house, either_house.inbox
    _limit(house, call_s=0.5, turn_s=1.5)
    for name, (break_it, reason) in FAULTS.items():
        break_it(house.openai)
        began_s = time.monotonic()
        said = await house.ask("hola, de E4 a D1 cuánto cuesta?")
        assert time.monotonic() - began_s < 30, name
        assert said[-1].endswith(TEXT), name
        turn = await house.turn()
        assert (turn["state"], turn["trace"]["steps"][-2]["failure"]) == ("handed_off", reason), name
        assert (await inbox.latest()).state == "human"
        assert [notice["reason"] for notice in await inbox.notices("handed_off")][-1] == "unavailable"
        house.openai.faults.clear()
        await inbox.conversations.give_back(inbox.shop.act("seller"), (await inbox.latest()).id)


async def test_a_service_that_is_gone_is_no_silence(house: House) -> None:
    await house.openai.go_away()
    said = await house.ask("hola, de E4 a D1 cuánto cuesta?")
    assert said[-1].endswith(TEXT)
    await house.openai.come_back()


async def test_many_slow_steps_end_within_the_turns_time(house: House) -> None:
    _limit(house, call_s=60, turn_s=1.2)
    house.openai.model = endless = ScriptedModel()
    endless.when("E4", call("list_services"))
    house.openai.faults.slow(0.5, times=None)
    await house.ask("hola, de E4 a D1 cuánto cuesta?")
    assert (await house.turn())["state"] == "handed_off"
    assert house.call_count <= 3, "a fourth would begin after 1.5 s"


async def test_the_sdk_does_not_try_again_by_itself(house: House) -> None:
    house.openai.faults.fail(500, times=1)
    await house.ask("hola, de E4 a D1 cuánto cuesta?")
    assert house.call_count == 1


async def test_typing_that_hangs_delays_nobody_for_long(house: House) -> None:
    class Hanging:
        async def typing(self, *_: object) -> None:
            await asyncio.sleep(60)

        read = typing

    turns = house.turns
    house.turns = AgentTurns(house.inbox.services, turns._model, QUICK, LanguageDetector(is_light=True), Hanging())
    began_s = time.monotonic()
    said = await house.ask("hola, de E4 a D1 cuánto cuesta?")
    assert time.monotonic() - began_s < 30
    assert "185" in said[-1]


def _limit(house: House, *, call_s: float, turn_s: float) -> None:
    limits = replace(QUICK, call_s=call_s, turn_s=turn_s)
    house.turns = AgentTurns(house.inbox.services, house.turns._model, limits, LanguageDetector(is_light=True))
