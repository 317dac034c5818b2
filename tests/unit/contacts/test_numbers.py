"""Which spellings of a number are one number."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contacts.numbers import digits_of, family, variants

AREAS = [f"{n:02}" for n in range(100)]
DIGITS = "0123456789"


@pytest.mark.parametrize("first", DIGITS)
def test_brazils_ninth_digit_comes_and_goes_with_mobile_numbers_only(first: str) -> None:
    for area in AREAS:
        short, long = f"55{area}{first}1234567", f"55{area}9{first}1234567"
        is_mobile = first in "6789"
        assert variants(short) == ((long,) if is_mobile else ())
        assert variants(long) == ((short,) if is_mobile else ())


@pytest.mark.parametrize("ninth", [d for d in DIGITS if d != "9"])
def test_a_brazilian_number_of_thirteen_digits_without_the_ninth_has_no_other_spelling(ninth: str) -> None:
    assert [variants(f"5511{ninth}{first}1234567") for first in DIGITS] == [()] * 10


def test_argentina_drops_the_nine_and_never_adds_one() -> None:
    for area, first in itertools.product(("11", "34", "38"), DIGITS):
        mobile, landline = f"549{area}{first}1234567", f"54{area}{first}1234567"
        assert variants(mobile) == (landline,)
        assert variants(landline) == ()


def test_mexicos_one_comes_and_goes() -> None:
    for area, first in itertools.product(("55", "33", "81"), DIGITS):
        old, new = f"521{area}{first}1234567", f"52{area}{first}1234567"
        assert variants(old) == (new,)
        assert variants(new) == (old,)


@pytest.mark.parametrize(
    "number",
    ["", "5", "55", "54", "52", "549", "521", "34600111222", "16505551234", "551198765432", "55119876543210",
     "5491112345678901", "54911", "52155123456789", "5215", "33612345678", "351912345678", "59899123456"],
)  # fmt: skip
def test_other_numbers_have_one_spelling_or_a_brazilian_one(number: str) -> None:
    assert variants(number) == (("5511998765432",) if number == "551198765432" else ())


NUMBERS = st.from_regex(r"(55|54|549|52|521|1|34)[0-9]{8,11}", fullmatch=True)


@given(NUMBERS)
def test_a_variant_leads_back_except_to_an_argentine_mobile(number: str) -> None:
    for other in variants(number):
        assert other != number
        assert variants(other) == (() if number.startswith("549") else (number,))


@given(NUMBERS)
def test_everything_that_may_match_has_one_family(number: str) -> None:
    assert {family(other) for other in (number, *variants(number))} == {family(number)}
    assert family(family(number)) == family(number)


@given(st.text())
def test_any_text_has_digits_and_a_family(text: str) -> None:
    digits = digits_of(text)
    assert set(digits) <= set(DIGITS)
    assert family(digits) in (digits, *variants(digits))


def test_a_number_is_read_however_it_is_written() -> None:
    written = ("+55 (11) 98765-4321", "5511987654321", "55.11.98765.4321", "+5511987654321")
    assert {digits_of(text) for text in written} == {"5511987654321"}
