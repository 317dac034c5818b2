import pytest

from domain.i18n.reader import Reader
from domain.kernel.money import Money

REFUSALS: dict[str, dict[str, object]] = {
    "changed": {},
    "run_waiting": {"number": 3},
    "nothing_to_pay": {},
    "already_paid": {"number": 3},
    "run_refused": {"number": 3},
    "run_stale": {"number": 3},
    "second_person": {"number": 3, "name": "Olivia", "limit": Money(50000, "USD")},
    "unknown_run": {},
    "not_in_run": {"number": 3},
    "already_disputed": {},
    "person_needed": {},
}


@pytest.mark.parametrize("locale", ["en", "es", "fr", "pt-BR"])
@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_of_payroll_has_words_in_every_language(locale: str, code: str) -> None:
    params = REFUSALS[code]
    text = Reader(locale)(f"error.payroll.{code}", **params)
    assert text.endswith(".")
    assert "!" not in text
    for value in params.values():
        assert Reader(locale).format(value) in text
