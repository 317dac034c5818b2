"""Whether words hold a certain number."""

import pytest

from domain.contacts.numbers import is_written_in


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+34 911 000 000", "34911000000"),
        ("+34 911 000 000", "0034 911-000-000"),
        ("+34 911 000 000", "911000000"),
        ("+34 911 000 000", "Marta (+34) 911.000.000 please"),
        ("+55 11 98765-4321", "551187654321"),
        ("+52 55 1234 5678", "5215512345678"),
    ],
)
def test_a_number_is_known_however_it_is_written(number: str, text: str) -> None:
    assert is_written_in(number, text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+34 911 000 000", "Marta"),
        ("+34 911 000 000", "+34 911 000 001"),
        ("+34 911 000 000", "000 000"),
        ("+34 911 000 000", "1234 911 000 000"),
        ("", "34911000000"),
        ("Nova", "34911000000"),
        ("+34 911 000 000", "٣٤٩١١٠٠٠٠٠٠"),
        ("+34 911 000 000", "9" * 300),
    ],
)
def test_another_number_and_other_words_are_not_it(number: str, text: str) -> None:
    assert not is_written_in(number, text)
