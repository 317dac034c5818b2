"""What a model said, repeated so that a provider and PostgreSQL take it."""

import re
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from agent.echo import Echo, plain, storable
from agent.limits import TurnLimits
from agent.models.failures import tokens
from agent.models.port import ToolCall

ANYTHING = st.text(st.characters(), max_size=200)  # lone surrogates and NUL included
TREES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANYTHING,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(ANYTHING, inner, max_size=5),
    max_leaves=20,
)


@given(ANYTHING, ANYTHING, ANYTHING)
def test_any_call_becomes_a_legal_one(call_id: str, name: str, arguments: str) -> None:
    echo = Echo()
    first, second = (echo.call(ToolCall(call_id, name, arguments)) for _ in range(2))
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", first.name)
    assert first.id != second.id
    assert len(first.id) <= 40
    assert isinstance(orjson.loads(first.arguments), dict)


def test_legal_calls_stay_as_they_are() -> None:
    made = Echo().call(ToolCall("x", "quote_order", '{"start":"E4"}'))
    assert (made.name, made.arguments) == ("quote_order", '{"start":"E4"}')


@given(TREES)
def test_any_structure_can_be_stored(tree: Any) -> None:
    written = orjson.dumps(storable(tree))
    assert b"\\u0000" not in written


def test_text_keeps_everything_else() -> None:
    assert plain("¿Qué\x00 tal\ud800 👍?") == "¿Qué tal 👍?"


def test_counts_are_capped_and_nonsense_is_zero() -> None:
    said: list[Any] = [5, -1, True, None, "many", 1.5, float("nan"), 10**18, []]
    assert [tokens(value) for value in said] == [
        5, 0, 0, 0, 0, 0, 0, 1_000_000, 0,
    ]  # fmt: skip


def test_cost_is_rounded_up() -> None:
    limits = TurnLimits(input_price_micros=150_000, output_price_micros=600_000)
    assert limits.cost_micros(1, 0) == 1
    assert limits.cost_micros(1_000_000, 1_000_000) == 750_000
