"""Text that people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import InvalidInput
from domain.kernel.text import clean_name, clean_text


def test_a_name_is_one_line_without_control_characters() -> None:
    assert clean_name(" Marta \n\t de\x00 la  O ", field="name", limit=80) == "Marta de la O"


def test_line_breaks_stay_in_notes() -> None:
    assert clean_text("one\ntwo\x07", field="notes", limit=80) == "one\ntwo"


def test_what_is_too_long_is_refused_and_never_cut() -> None:
    assert clean_text("x" * 80, field="name", limit=80) == "x" * 80
    with pytest.raises(InvalidInput, match=r"text\.too_long") as refusal:
        clean_text("x" * 81, field="name", limit=80)
    assert refusal.value.params == {"limit": 80, "length": 81}


@pytest.mark.parametrize("empty", ["", "  ", "\x00", "\n"])
def test_what_is_needed_cannot_be_empty(empty: str) -> None:
    with pytest.raises(InvalidInput, match=r"text\.required"):
        clean_text(empty, field="reason", limit=80, is_required=True)


@given(st.text(max_size=60))
def test_any_text_comes_out_storable(text: str) -> None:
    kept = clean_text(text, field="notes", limit=80)
    assert "\x00" not in kept
    kept.encode()
