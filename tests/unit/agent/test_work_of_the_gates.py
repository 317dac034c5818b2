"""What a hostile reply makes the gates do grows with its length and no faster: counted in calls, not in seconds."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

import pytest

from agent.gates.deeds import _Sentence
from agent.gates.finding import find_claims
from agent.gates.grounding import Facts, ungrounded
from agent.gates.hygiene import bubbles, clean_reply, has_leak
from agent.gates.strangers import strangers
from agent.gates.wording import odd_signs

HOSTILE = [
    "paid ", "no paid ", "if paid ", "paid? ", "free ", "1h ", "12 ", "12 usd ", "5% discount ", "today? ", "lunes ",
    "1 to ", "at 1 ", "111 ", "n't paid ", "#1 paid ", "[a](", "[", "a.a", "a-", "\n ", "{{", "<system ", "| ",
]  # fmt: skip
LENGTH = 800
Result = TypeVar("Result")


def _judged(text: str) -> None:
    shown = clean_reply(text)
    has_leak(text)
    odd_signs(shown)
    list(strangers(shown, {1}))
    bubbles(shown)
    ungrounded(shown, Facts())
    ungrounded(text, Facts())


def _call_count(work: Callable[[], object]) -> int:
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")  # a generator that goes on is a call, too

    _profiled(profile, work)
    return count


def _profiled(profile: Callable[[FrameType, str, object], None], work: Callable[[], Result]) -> Result:
    sys.setprofile(profile)
    try:
        return work()
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("piece", HOSTILE)
def test_four_times_the_length_is_four_times_the_work(piece: str) -> None:
    short, long = ((piece * length)[:length] for length in (LENGTH, 4 * LENGTH))
    _judged(short)  # the tables are read once
    few, many = (_call_count(lambda text=text: _judged(text)) for text in (short, long))  # type: ignore[misc]  # bound now
    assert many <= 4.2 * few


@pytest.mark.parametrize("piece", ["paid ", "no paid ", "if paid "])
def test_a_sentence_is_looked_at_once_however_many_deeds_it_holds(piece: str) -> None:
    looked_at: list[int] = []

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code is _Sentence.of.__code__:
            looked_at.append(len(frame.f_locals["text"]))

    text = f"{piece * 150}. {piece * 150}."
    claims = _profiled(profile, lambda: find_claims(text))
    assert sum(looked_at) == len(text)
    assert len(claims) == (300 if piece == "paid " else 0)
