"""Stop, start and "I want a person", as people write them in four languages."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contacts.words import opt_in, opt_out, wants_person

SAID = tomllib.loads(Path(__file__).with_name("words_said.toml").read_text(encoding="utf-8"))
WISHES: dict[str, Callable[[str], bool]] = {"opt_out": opt_out, "opt_in": opt_in, "wants_person": wants_person}


def _cases(answer: str) -> list[tuple[str, str]]:
    return [(wish, text) for wish in WISHES for text in SAID[wish][answer]]


@pytest.mark.parametrize(("wish", "text"), _cases("yes"))
def test_the_wish_is_heard(wish: str, text: str) -> None:
    assert WISHES[wish](text)


@pytest.mark.parametrize(("wish", "text"), _cases("no"))
def test_other_words_are_no_wish(wish: str, text: str) -> None:
    assert not WISHES[wish](text)


@pytest.mark.parametrize("text", SAID["opt_out"]["yes"])
def test_nobody_who_says_stop_is_taken_to_say_start(text: str) -> None:
    assert not opt_in(text)


@pytest.mark.parametrize(
    "dress", [str.upper, str.lower, "¡{}!".format, "  {} 🙏\n".format, "\u200b{}\u202e".format, "{}…".format]
)
def test_case_punctuation_emoji_and_invisible_characters_change_nothing(dress: Callable[[str], str]) -> None:
    assert opt_out(dress("no me escribas más"))
    assert opt_out(dress("arrêt"))
    assert wants_person(dress("falar com um humano"))


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    assert {opt_out(text), opt_in(text), wants_person(text)} <= {True, False}
    assert not (opt_out(text) and opt_in(text))


def test_a_hostile_text_is_answered_quickly() -> None:
    opt_out("warm")
    began = thread_time()
    for text in ("no me mandes " * 400, "stop " * 900, "a" * 100_000, "quiero hablar con una " * 400):
        opt_out(text), opt_in(text), wants_person(text)
    assert thread_time() - began < 1.0
