"""Custom ids: what is made can be read, and what was made up is refused."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.ids import OutOfDate, bind, make_id, read_id
from domain.kernel.ids import uuid7


def handler(visit: Any, code: int, member_id: UUID, day: date, word: str = "all") -> None:
    """Takes one argument of each kind."""


@given(st.integers(0, 10**17), st.uuids(), st.dates(), st.sampled_from(["all", "booster"]))
def test_what_is_made_can_be_read(code: int, member_id: UUID, day: date, word: str) -> None:
    pressed = read_id(make_id("order.claim", code, member_id, day, word))
    assert (pressed.version, pressed.action) == ("v1", "order.claim")
    assert bind(handler, pressed) == [code, member_id, day, word]


@given(st.text(max_size=120))
def test_what_was_made_up_is_refused_and_nothing_else_happens(custom_id: str) -> None:
    with pytest.raises(OutOfDate, match=r"card\.out_of_date"):
        bind(handler, read_id(custom_id))


@pytest.mark.parametrize("args", [("x" * 95,), ("a:b",)])
def test_an_id_that_would_not_fit_or_not_be_read_is_a_mistake_of_ours(args: tuple[str, ...]) -> None:
    with pytest.raises(ValueError):
        make_id("order.claim", *args)


@pytest.mark.parametrize("code", ["²", "٣", "1" * 19, "--1", "-", "1_000", ""])
def test_only_plain_numbers_are_numbers(code: str) -> None:
    with pytest.raises(OutOfDate):
        bind(handler, read_id(f"v1:order.claim:{code}:{uuid7().hex}:2026-11-20"))
